// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Gathers the lines of replies and hands whole replies to whoever waits, in order.
final class ReplyCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var input = ByteBuffer()
    private var lines: [String] = []
    private var replies: [[String]] = []
    private var waiting: [EventLoopPromise<[String]>] = []
    private var isClosed = false

    func wait(with promise: EventLoopPromise<[String]>) {
        if !replies.isEmpty {
            promise.succeed(replies.removeFirst())
        } else if isClosed {
            promise.fail(DialogueRunner.Failure.closed)
        } else {
            waiting.append(promise)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        input.writeBuffer(&data)
        while let end = input.readableBytesView.firstIndex(of: 0x0A) {
            let line = input.readString(length: end + 1 - input.readerIndex) ?? ""
            lines.append(String(line.filter { $0 != "\r\n" && $0 != "\n" }))
            if line.utf8.dropFirst(3).first == UInt8(ascii: "-") { continue }
            if waiting.isEmpty { replies.append(lines) } else { waiting.removeFirst().succeed(lines) }
            lines = []
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        for promise in waiting { promise.fail(DialogueRunner.Failure.closed) }
        waiting = []
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
