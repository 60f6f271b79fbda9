// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import NIOPosix
import Synchronization

/// A server on loopback that plays a script for each connection, good or bad: for tests of clients.
package final class ScriptedServer: Sendable {
    package enum Step: Sendable {
        /// Sends this, as it stands.
        case send(String)
        /// Waits for a line that begins so; any other line ends the connection and is noted in ``Record/surprises``.
        case expect(String)
        /// Waits for content up to and with the final dot; notes it.
        case content
        /// Begins TLS as a server.
        case startTLS
        case close
        /// Does nothing more, and leaves the connection open.
        case silence
    }

    /// What clients sent.
    package struct Record: Sendable {
        package var connections = 0
        package var lines: [String] = []
        /// As it came over the wire: dot-stuffed, with the final dot.
        package var contents: [ByteBuffer] = []
        package var surprises: [String] = []
    }

    private let channel: any Channel
    private let state: StateBox

    private final class StateBox: Sendable {
        let record = Mutex(Record())
    }

    package var port: Int { channel.localAddress?.port ?? 0 }
    package var address: SocketAddress {
        get throws { try SocketAddress(ipAddress: "127.0.0.1", port: port) }
    }
    package var record: Record { state.record.withLock { $0 } }

    /// Starts on a free port.
    ///
    /// - Parameters:
    ///   - scripts: one for each connection in turn; the last is played again for all further ones.
    ///   - tls: makes the handler that ``Step/startTLS`` adds.
    package init(
        _ scripts: [[Step]], tls: (@Sendable () -> any ChannelHandler)? = nil,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, host: String = "127.0.0.1", port: Int = 0
    ) async throws {
        let state = StateBox()
        self.state = state
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let index = state.record.withLock { record in
                    record.connections += 1
                    return record.connections - 1
                }
                return channel.eventLoop.makeCompletedFuture {
                    let script = scripts.isEmpty ? [] : scripts[min(index, scripts.count - 1)]
                    let handler = ScriptHandler(script, tls: tls) { change in state.record.withLock { change(&$0) } }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: host, port: port).get()
    }

    package func stop() async throws { try await channel.close() }

    /// A server that takes every message with these extensions, over one connection or many.
    package static func polite(extensions: [String] = [], messages: Int = 1, recipients: Int = 1) -> [Step] {
        let lines = ["mail.example.test"] + extensions
        let ehlo = lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)\r\n" }.joined()
        var script: [Step] = [.send("220 mail.example.test ESMTP\r\n"), .expect("EHLO "), .send(ehlo)]
        for _ in 0..<messages {
            script += [.expect("MAIL FROM:"), .send("250 2.1.0 ok\r\n")]
            for _ in 0..<recipients { script += [.expect("RCPT TO:"), .send("250 2.1.5 ok\r\n")] }
            script += [.expect("DATA"), .send("354 go\r\n"), .content, .send("250 2.0.0 taken\r\n")]
        }
        return script + [.expect("QUIT"), .send("221 bye\r\n"), .close]
    }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var script: ArraySlice<ScriptedServer.Step>
    private let tls: (@Sendable () -> any ChannelHandler)?
    private let note: @Sendable ((inout ScriptedServer.Record) -> Void) -> Void
    private var received = ByteBuffer()
    /// Octets of content in which the final dot was looked for already.
    private var searched = 0

    init(
        _ script: [ScriptedServer.Step], tls: (@Sendable () -> any ChannelHandler)?,
        note: @escaping @Sendable ((inout ScriptedServer.Record) -> Void) -> Void
    ) {
        self.script = script[...]
        self.tls = tls
        self.note = note
    }

    func channelActive(context: ChannelHandlerContext) { play(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        received.writeBuffer(&data)
        play(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func play(_ context: ChannelHandlerContext) {
        while let step = script.first {
            switch step {
            case .send(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .expect(let start):
                guard let line = takeLine() else { return }
                note { $0.lines.append(line) }
                if !line.hasPrefix(start) {
                    note { $0.surprises.append("\(line) instead of \(start)") }
                    script = []
                    context.close(promise: nil)
                    return
                }
            case .content:
                guard let content = takeContent() else { return }
                note { $0.contents.append(content) }
            case .startTLS:
                guard let tls else { return }
                do {
                    try context.pipeline.syncOperations.addHandler(tls(), position: .first)
                } catch {
                    context.close(promise: nil)
                }
            case .close:
                script = []
                context.close(promise: nil)
                return
            case .silence: return
            }
            script = script.dropFirst()
        }
    }

    private func takeLine() -> String? {
        let view = received.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = received.readString(length: end - view.startIndex + 1) ?? ""
        return String(line.filter { !$0.isNewline })
    }

    private func takeContent() -> ByteBuffer? {
        let view = received.readableBytesView
        // An empty message is the dot alone.
        if view.starts(with: ".\r\n".utf8) { return received.readSlice(length: 3) }
        var from = view.startIndex + searched
        while let dot = view[from...].firstIndex(of: UInt8(ascii: ".")) {
            guard view.endIndex - dot >= 3 else {
                searched = dot - view.startIndex
                return nil
            }
            from = dot + 1
            let isEnd =
                dot - view.startIndex >= 2 && view[dot - 1] == 0x0A && view[dot - 2] == 0x0D && view[dot + 1] == 0x0D
                && view[dot + 2] == 0x0A
            if isEnd {
                searched = 0
                return received.readSlice(length: dot + 3 - view.startIndex)
            }
        }
        searched = view.count
        return nil
    }
}
