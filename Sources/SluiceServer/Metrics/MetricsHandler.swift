// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOHTTP1

/// One connection to the metrics endpoint: one request, one answer, close; all of it within a time.
final class MetricsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (MetricsPage) async -> MetricsAnswer
    private let timeLimit: TimeAmount
    private let logger: Logger
    private var head: HTTPRequestHead?
    private var bodyLength = 0
    private var isAnswering = false
    private var timer: Scheduled<Void>?

    /// A GET has no body; one that comes all the same is read over up to so many octets.
    private static let bodyLimit = 4096

    init(
        timeLimit: TimeAmount, logger: Logger, answer: @escaping @Sendable (MetricsPage) async -> MetricsAnswer
    ) {
        self.timeLimit = timeLimit
        self.logger = logger
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeLimit) { context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswering else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let octets):
            bodyLength += octets.readableBytes
            if bodyLength > Self.bodyLimit { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            isAnswering = true
            respond(to: head, context)
        }
    }

    private func respond(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let page = MetricsPage(head.method, head.uri)
        let answer = answer
        context.eventLoop.makeFutureWithTask { await answer(page) }.assumeIsolated().whenSuccess { answer in
            self.write(answer, to: head, context)
        }
    }

    private func write(_ answer: MetricsAnswer, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(version: request.version, status: answer.status, headers: answer.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        // The answer to HEAD says how long the body would be, and has none (RFC 9110 §9.3.2).
        if request.method != .HEAD {
            let body = context.channel.allocator.buffer(string: answer.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("metrics connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }
}
