// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import SluiceTesting

/// A milter that says `continue` to everything, and a script at the end of each message.
final class ScriptedMilter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: MTAPacket
    private let end: [MTAPacket]
    private var input = ByteBuffer()

    private init(answer: MTAPacket, end: [MTAPacket]) {
        self.answer = answer
        self.end = end
    }

    /// Runs one, and the body with its address.
    static func run<Value: Sendable>(
        actions: UInt32 = 0x1FF, steps: UInt32 = MTAStepFlag.headerLeadingSpace.rawValue, end: [MTAPacket],
        _ body: (MTAAddress) async throws -> Value
    ) async throws -> Value {
        let answer = MTAPacket("O", [6, actions, steps].flatMap(MTAPacket.integer))
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedMilter(answer: answer, end: end))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let value = try await body(.port(server.localAddress?.port ?? 0))
        try await server.close()
        return value
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        input.writeBuffer(&data)
        do {
            while let packet = try MTAPacket.read(from: &input) {
                for reply in replies(to: packet) {
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply.octets)), promise: nil)
                }
            }
        } catch {
            context.close(promise: nil)
        }
    }

    private func replies(to packet: MTAPacket) -> [MTAPacket] {
        switch packet.code {
        case "O": [answer]
        case "E": end
        case "D", "A", "Q", "K": []
        default: [MTAPacket("c")]
        }
    }
}
