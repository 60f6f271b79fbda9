// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Gathers packets and hands them to whoever waits, in order.
final class MTAPacketCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var input = ByteBuffer()
    private var packets: [MTAPacket] = []
    private var waiting: [EventLoopPromise<MTAPacket>] = []
    private var end: MTAConnection.Failure?

    var unread: Int { packets.count }

    func wait(with promise: EventLoopPromise<MTAPacket>) {
        if !packets.isEmpty {
            promise.succeed(packets.removeFirst())
        } else if let end {
            promise.fail(end)
        } else {
            waiting.append(promise)
        }
    }

    /// The time of one that waits is over; the next packet is for the next one.
    func giveUp(_ promise: EventLoopPromise<MTAPacket>) {
        waiting.removeAll { $0.futureResult === promise.futureResult }
        promise.fail(MTAConnection.Failure.timedOut)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        input.writeBuffer(&data)
        do {
            while let packet = try MTAPacket.read(from: &input) {
                if waiting.isEmpty { packets.append(packet) } else { waiting.removeFirst().succeed(packet) }
            }
            input.discardReadBytes()
        } catch {
            finish(.malformed)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func finish(_ failure: MTAConnection.Failure) {
        end = end ?? failure
        for promise in waiting { promise.fail(failure) }
        waiting = []
    }
}
