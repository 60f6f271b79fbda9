// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import NIOPosix

/// Holds an SMTP dialogue over a real socket: sends lines, reads replies.
package final class DialogueRunner: Sendable {
    package enum Failure: Error, Equatable {
        /// The server closed the connection where a reply was expected.
        case closed
        /// No reply within the time.
        case timedOut
        /// Another reply than expected.
        case unexpected(reply: [String], wanted: String)
    }

    /// For tests that put handlers, such as TLS, before the dialogue.
    package let channel: any Channel
    private let timeout: TimeAmount

    /// Kept here, as the pipeline lets go of it when the connection closes, and with it of replies not yet asked for.
    private let collector: NIOLoopBound<ReplyCollector>

    private init(channel: any Channel, collector: NIOLoopBound<ReplyCollector>, timeout: TimeAmount) {
        self.channel = channel
        self.collector = collector
        self.timeout = timeout
    }

    package static func connect(
        host: String = "127.0.0.1", port: Int, timeout: TimeAmount = .seconds(20),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> DialogueRunner {
        let loop = group.next()
        let collector = try await loop.submit { NIOLoopBound(ReplyCollector(), eventLoop: loop) }.get()
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(collector.value)
                }
            }
            .connect(host: host, port: port).get()
        return DialogueRunner(channel: channel, collector: collector, timeout: timeout)
    }

    /// Sends the line with a CRLF behind it.
    package func send(_ line: String) async throws { try await send(octets: line + "\r\n") }

    /// Sends exactly these octets.
    package func send(octets: String) async throws { try await send(ByteBuffer(string: octets)) }

    package func send(_ buffer: ByteBuffer) async throws { try await channel.writeAndFlush(buffer) }

    /// The next reply: its lines, without their line ends.
    package func reply() async throws -> [String] {
        let loop = channel.eventLoop
        let timeout = timeout
        let collector = collector
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: [String].self)
            let timer = loop.scheduleTask(in: timeout) { promise.fail(Failure.timedOut) }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            collector.value.wait(with: promise)
            return promise.futureResult
        }.get()
    }

    /// Reads the next reply and holds its last line against a beginning, such as `250` or `550 5.1.1`.
    @discardableResult
    package func expect(_ beginning: String) async throws -> [String] {
        let reply = try await reply()
        guard reply.last?.hasPrefix(beginning) == true else {
            throw Failure.unexpected(reply: reply, wanted: beginning)
        }
        return reply
    }

    /// Sends a line and expects a reply.
    @discardableResult
    package func send(_ line: String, expect beginning: String) async throws -> [String] {
        try await send(line)
        return try await expect(beginning)
    }

    /// Whether the server closes the connection, without another reply, within the time.
    package func isClosed() async throws -> Bool {
        do {
            _ = try await reply()
            return false
        } catch Failure.closed {
            return true
        } catch Failure.timedOut {
            return false
        }
    }

    /// Closes without QUIT.
    package func close() async throws {
        do {
            try await channel.close()
        } catch ChannelError.alreadyClosed {
            return
        }
    }
}
