// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// What a peer of the drill answers: made of what came, without I/O.
protocol DrillDialogue: Sendable {
    /// What is said as soon as a connection stands.
    func greeting() -> [UInt8]
    /// Takes what came; returns the answers that it calls for, and whether the peer would now be at its end (all has been
    /// said that makes it take the message over).
    mutating func answer(_ input: inout ByteBuffer) -> (octets: [UInt8], isAtEnd: Bool)
}

/// Speaks a dialogue with a fault in it, on one connection.
final class DrillPeerHandler<Dialogue: DrillDialogue>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let fault: DrillRow.Fault
    private var dialogue: Dialogue
    private var input = ByteBuffer()
    /// Whoever sends more than this without an answer in between is cut off.
    private static var inputLimit: Int { 1 << 20 }

    init(_ dialogue: Dialogue, fault: DrillRow.Fault) {
        self.dialogue = dialogue
        self.fault = fault
    }

    func channelActive(context: ChannelHandlerContext) {
        let greeting = dialogue.greeting()
        if fault != .hang, !greeting.isEmpty { say(greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard fault != .hang else { return }
        input.writeImmutableBuffer(unwrapInboundIn(data))
        guard input.readableBytes <= Self.inputLimit else { return context.close(promise: nil) }
        let (octets, isAtEnd) = dialogue.answer(&input)
        // It dies when all has been sent to it, and before it says a word about that.
        if isAtEnd, fault == .crash { return context.close(promise: nil) }
        if !octets.isEmpty { say(octets, context, isLate: isAtEnd && fault == .slow) }
    }

    private func say(_ octets: [UInt8], _ context: ChannelHandlerContext, isLate: Bool = false) {
        let answer = fault == .garbage ? (0..<64).map { _ in UInt8.random(in: 0...255) } + [0x0D, 0x0A] : octets
        let channel = context.channel
        guard isLate else { return channel.writeAndFlush(ByteBuffer(bytes: answer), promise: nil) }
        context.eventLoop.scheduleTask(in: TimeAmount(DrillConfiguration.slowness * 5)) {
            channel.writeAndFlush(ByteBuffer(bytes: answer), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The other side has had enough of it.
        context.close(promise: nil)
    }
}

/// A next hop that takes everything.
struct DrillNextHop: DrillDialogue {
    private var isContent = false

    func greeting() -> [UInt8] { Array("220 next-hop.\(DrillConfiguration.domain) ESMTP\r\n".utf8) }

    mutating func answer(_ input: inout ByteBuffer) -> (octets: [UInt8], isAtEnd: Bool) {
        var octets: [UInt8] = []
        var isAtEnd = false
        while let length = input.readableBytesView.firstIndex(of: 0x0A).map({ $0 + 1 - input.readerIndex }),
            let text = input.readString(length: length)
        {
            let line = text.filter { $0 != "\r\n" && $0 != "\n" && $0 != "\r" }
            if isContent {
                guard line == "." else { continue }
                isContent = false
                isAtEnd = true
                octets += Array("250 2.0.0 taken\r\n".utf8)
                continue
            }
            isContent = line.uppercased().hasPrefix("DATA")
            octets += Array((isContent ? "354 go on\r\n" : "250 2.0.0 fine\r\n").utf8)
        }
        return (octets, isAtEnd)
    }
}

/// A milter that wants to see all of a message, and lets it pass.
struct DrillMilter: DrillDialogue {
    private static let packetLimit: UInt32 = 1 << 20
    /// Version 6; it asks for no change and leaves no step out.
    private static let negotiation: [UInt8] = [0, 0, 0, 13, UInt8(ascii: "O"), 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0]
    private static let `continue`: [UInt8] = [0, 0, 0, 1, UInt8(ascii: "c")]

    func greeting() -> [UInt8] { [] }

    mutating func answer(_ input: inout ByteBuffer) -> (octets: [UInt8], isAtEnd: Bool) {
        var octets: [UInt8] = []
        var isAtEnd = false
        while let length = input.getInteger(at: input.readerIndex, as: UInt32.self), length > 0,
            length <= Self.packetLimit, input.readableBytes >= 4 + Int(length)
        {
            input.moveReaderIndex(forwardBy: 4)
            guard let packet = input.readSlice(length: Int(length)),
                let code = packet.getInteger(at: packet.readerIndex, as: UInt8.self)
            else { break }
            switch code {
            case UInt8(ascii: "O"): octets += Self.negotiation
            // Macros, the end of a message before its end, QUIT: without an answer.
            case UInt8(ascii: "D"), UInt8(ascii: "A"), UInt8(ascii: "Q"), UInt8(ascii: "K"): continue
            default:
                isAtEnd = isAtEnd || code == UInt8(ascii: "E")
                octets += Self.continue
            }
        }
        return (octets, isAtEnd)
    }
}
