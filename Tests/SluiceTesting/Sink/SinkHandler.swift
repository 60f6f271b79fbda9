// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Synchronization

/// One connection of a ``Sink``.
final class SinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: SinkScript
    private let store: Sink.Store
    private var input = ByteBuffer()
    private var message = SinkMessage(helo: "", reversePath: "", recipients: [], content: "", mailParameters: "")
    private var content: ByteBuffer?
    private var isPaused = false

    init(script: SinkScript, store: Sink.Store) {
        self.script = script
        self.store = store
    }

    func channelActive(context: ChannelHandlerContext) {
        store.connections.add(1, ordering: .relaxed)
        run(script.act(.connected) ?? .reply("220 sink.test ESMTP"), context: context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        input.writeBuffer(&data)
        process(context: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func process(context: ChannelHandlerContext) {
        while !isPaused, let line = readLine() {
            if content == nil {
                command(String(buffer: line), context: context)
                if script.forgetsPipelined { input.clear() }
            } else {
                contentLine(line, context: context)
            }
        }
        input.discardReadBytes()
    }

    /// A line without its CRLF.
    private func readLine() -> ByteBuffer? {
        let view = input.readableBytesView
        var from = view.startIndex
        while let end = view[from...].firstIndex(of: 0x0A) {
            if end > view.startIndex, view[end - 1] == 0x0D {
                let line = input.readSlice(length: end - 1 - view.startIndex)
                input.moveReaderIndex(forwardBy: 2)
                return line
            }
            from = end + 1
        }
        return nil
    }

    private func contentLine(_ line: ByteBuffer, context: ChannelHandlerContext) {
        var line = line
        let view = line.readableBytesView
        if view.first == UInt8(ascii: ".") {
            if view.count == 1 { return endContent(context: context) }
            line.moveReaderIndex(forwardBy: 1)
        }
        content?.writeBuffer(&line)
        content?.writeString("\r\n")
    }

    private func endContent(context: ChannelHandlerContext) {
        message.content = content.map { String(buffer: $0) } ?? ""
        content = nil
        let count = script.isLMTP ? message.recipients.count : 1
        run(
            script.act(.content(message)) ?? .reply(Array(repeating: "250 2.0.0 kept", count: count)),
            context: context, keeping: script.keeps ? message : nil)
        message.recipients = []
    }

    private func command(_ line: String, context: ChannelHandlerContext) {
        if script.keeps { store.commands.withLock { $0.append(line) } }
        let words = line.split(separator: " ", maxSplits: 1)
        let verb = words.first?.uppercased() ?? ""
        switch verb {
        case "EHLO", "LHLO", "HELO":
            message.helo = words.count > 1 ? String(words[1]) : ""
            message.recipients = []
            let keywords = verb == "HELO" ? [] : script.keywords
            let lines = ["sink.test"] + keywords
            let reply = lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)" }
            run(script.act(.command(line)) ?? .reply(reply), context: context)
        case "MAIL":
            message.reversePath = path(of: line)
            message.mailParameters = line.split(separator: ">", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
            message.recipients = []
            run(script.act(.mail(message.reversePath)) ?? .reply("250 2.1.0 ok"), context: context)
        case "RCPT":
            let action = script.act(.recipient(path(of: line))) ?? .reply("250 2.1.5 ok")
            if isPositive(action) { message.recipients.append(path(of: line)) }
            run(action, context: context)
        case "DATA":
            let usual = message.recipients.isEmpty ? "554 5.5.1 no valid recipient" : "354 go on"
            let action = script.act(.data) ?? .reply(usual)
            if says("354", action) { content = ByteBuffer() }
            run(action, context: context)
        case "QUIT":
            run(script.act(.command(line)) ?? .reply("221 2.0.0 bye"), context: context)
            context.close(promise: nil)
        case "RSET":
            message.recipients = []
            run(script.act(.command(line)) ?? .reply("250 2.0.0 ok"), context: context)
        case "NOOP":
            run(script.act(.command(line)) ?? .reply("250 2.0.0 ok"), context: context)
        default:
            run(script.act(.command(line)) ?? .reply("500 5.5.1 not known"), context: context)
        }
    }

    private func path(of line: String) -> String {
        guard let start = line.firstIndex(of: "<"), let end = line.lastIndex(of: ">"), start < end else { return "" }
        return String(line[line.index(after: start)..<end])
    }

    private func isPositive(_ action: SinkAction) -> Bool { says("2", action) }

    /// Whether a well-formed reply begins so.
    private func says(_ start: String, _ action: SinkAction) -> Bool {
        switch action {
        case .reply(let lines): lines.last?.hasPrefix(start) == true
        case .slowly(let text): text.hasPrefix(start) && text.hasSuffix("\r\n")
        case .after(_, let action): says(start, action)
        case .drop, .silence, .octets, .cut: false
        }
    }

    private func run(_ action: SinkAction, context: ChannelHandlerContext, keeping message: SinkMessage? = nil) {
        switch action {
        case .reply(let lines):
            if let message, lines.contains(where: { $0.hasPrefix("2") }) {
                store.messages.withLock { $0.append(message) }
            }
            send(lines.map { $0 + "\r\n" }.joined(), context: context)
        case .octets(let text): send(text, context: context)
        case .slowly(let text):
            if let message, text.hasPrefix("2") { store.messages.withLock { $0.append(message) } }
            isPaused = true
            sendSlowly(Array(text.utf8)[...], context: context)
        case .cut(let text):
            send(text, context: context)
            context.close(promise: nil)
        case .silence: break
        case .drop: context.close(promise: nil)
        case .after(let time, let action):
            isPaused = true
            context.eventLoop.assumeIsolated().scheduleTask(in: time) {
                guard context.channel.isActive else { return }
                self.isPaused = false
                self.run(action, context: context, keeping: message)
                self.process(context: context)
            }
        }
    }

    private func sendSlowly(_ octets: ArraySlice<UInt8>, context: ChannelHandlerContext) {
        guard let first = octets.first, context.channel.isActive else {
            isPaused = false
            return process(context: context)
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [first])), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(200)) {
            self.sendSlowly(octets.dropFirst(), context: context)
        }
    }

    private func send(_ text: String, context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
