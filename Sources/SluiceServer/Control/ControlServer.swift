// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import NIOPosix
import SluiceCore

/// Answers what commands ask of the running server. The socket's mode (0600) is the right to ask.
struct ControlServer: Sendable {
    let path: String
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    let answer: @Sendable (ControlRequest) async -> ControlAnswer

    /// Listens until the channel is closed; a socket that a killed server left is replaced.
    func start() async throws -> any Channel {
        let answer = answer
        let logger = logger
        // Made in a private folder (0700), so that nobody can connect before the mode is set.
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ControlHandler(answer: answer, logger: logger))
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return channel
    }
}

/// One request, one answer, close.
private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (ControlRequest) async -> ControlAnswer
    private let logger: Logger
    private var received = ByteBuffer()
    private var isAnswering = false

    init(answer: @escaping @Sendable (ControlRequest) async -> ControlAnswer, logger: Logger) {
        self.answer = answer
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswering else { return }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        guard let end = received.readableBytesView.firstIndex(of: 0x0A) else {
            if received.readableBytes > ControlCodec.requestLimit { context.close(promise: nil) }
            return
        }
        isAnswering = true
        let request: ControlRequest
        do {
            request = try ControlCodec.decode(received.readableBytesView[..<end])
        } catch {
            respond(.failed(65, "no request: \(error)"), on: context.channel)
            return
        }
        let channel = context.channel
        let answer = answer
        // Entered from an event loop, which has no task of its own; the answer ends it.
        Task {
            let reply = await answer(request)
            respond(reply, on: channel)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("control connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }
}

private func respond(_ answer: ControlAnswer, on channel: any Channel) {
    channel.writeAndFlush(ByteBuffer(string: ControlCodec.encode(answer))).whenComplete { _ in
        channel.close(promise: nil)
    }
}
