// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOEmbedded
import SluiceMilter

/// A dialogue with the milter server on an embedded channel.
///
/// The first octet says how the octets are cut on their way, the second in what mood the policy is. Then come packets:
/// a code, a length in one octet, a payload. The code 0 lets open futures succeed, 1 lets time pass, 2 asks for the
/// end, and 3 sends the payload as it stands, without a length before it.
enum MilterSessionFuzz {
    static func run(_ octets: [UInt8]) {
        guard octets.count > 2 else { return }
        weak let handler = dialogue(octets)
        precondition(handler == nil, "something still holds the handler of a closed connection")
    }

    private static func dialogue(_ octets: [UInt8]) -> MilterServerHandler {
        let channel = EmbeddedChannel()
        let policy = MilterFuzzPolicy(mood: octets[1], loop: channel.embeddedEventLoop)
        var logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let handler = MilterServerHandler(
            configuration: MilterServerConfiguration(packetLimit: 4_096), policy: policy, logger: logger)
        do {
            try channel.pipeline.syncOperations.addHandler(handler)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 25)).wait()
            try drive(channel, policy, octets[2...], cut: Int(octets[0]))
            policy.succeedAll()
            channel.close(promise: nil)
            channel.embeddedEventLoop.run()
            policy.succeedAll()
            try check(channel)
        } catch {
            preconditionFailure("the channel threw \(error)")
        }
        policy.checkEnd()
        return handler
    }

    private static func drive(
        _ channel: EmbeddedChannel, _ policy: MilterFuzzPolicy, _ octets: ArraySlice<UInt8>, cut: Int
    ) throws {
        var rest = octets
        while channel.isActive, let code = rest.popFirst() {
            let length = Int(rest.popFirst() ?? 0)
            let payload = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            switch code {
            case 0: policy.succeedAll()
            case 1: channel.embeddedEventLoop.advanceTime(by: .seconds(Int64(length) * 40))
            case 2: channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            case 3: try send(payload, cut: cut, to: channel)
            default:
                let total = UInt32(payload.count + 1)
                let head = (0..<4).map { UInt8(truncatingIfNeeded: total >> (24 - 8 * UInt32($0))) }
                try send(head + [code] + payload, cut: cut, to: channel)
            }
        }
    }

    private static func send(_ octets: [UInt8], cut: Int, to channel: EmbeddedChannel) throws {
        var rest = octets[...]
        while !rest.isEmpty, channel.isActive {
            let piece = cut > 0 ? rest.prefix(cut) : rest
            rest = rest.dropFirst(piece.count)
            try channel.writeInbound(ByteBuffer(bytes: piece))
        }
    }

    /// Whatever was said to the MTA must be replies.
    private static func check(_ channel: EmbeddedChannel) throws {
        var sent = ByteBuffer()
        while let piece = try channel.readOutbound(as: ByteBuffer.self) { sent.writeImmutableBuffer(piece) }
        for packet in MilterPacketFuzz.read(sent) { _ = try MilterReplyDecoder.decode(packet) }
    }

    static var seeds: [[UInt8]] {
        var dialogue: [UInt8] = []
        for command in MilterPacketFuzz.commands where command != .quit && command != .abort {
            if case .connect(_, .unknown) = command { continue }
            if case .connect(_, .unix) = command { continue }
            append(command, to: &dialogue)
        }
        let order: [MilterCommand] = [
            .mail([ByteBuffer(string: "<>")]), .recipient([ByteBuffer(string: "<a@b.test>")]), .data,
            .header(name: ByteBuffer(string: "A"), value: ByteBuffer(string: "b")), .endOfHeader,
            .body(ByteBuffer(string: "body")), .endOfMessage(ByteBuffer()),
        ]
        let begin: [MilterCommand] = [
            .negotiate(MilterOptions(version: 6, actions: .version6, steps: .version6)),
            .connect(hostname: ByteBuffer(string: "a"), .unknown), .helo(ByteBuffer(string: "b")),
        ]
        let old: [MilterCommand] = [
            .negotiate(MilterOptions(version: 2, actions: .version2, steps: .version2)),
            .connect(hostname: ByteBuffer(string: "a"), .unknown),
        ]
        var seeds = [[0, 0] + dialogue]
        for (first, mood) in [(begin, 0), (begin, 1), (begin, 9), (old, 2), (old, 77)] as [([MilterCommand], UInt8)] {
            for end in [.quit, .abort, .quitNewConnection] as [MilterCommand] {
                var seed: [UInt8] = [mood % 3, mood]
                for command in first + order { append(command, to: &seed) }
                seed += [0, 0]
                for command in order.dropLast() { append(command, to: &seed) }
                append(end, to: &seed)
                seeds.append(seed)
            }
        }
        return seeds
    }

    private static func append(_ command: MilterCommand, to seed: inout [UInt8]) {
        var buffer = ByteBuffer()
        MilterCommandEncoder.encode(command, into: &buffer)
        let octets = Array(buffer.readableBytesView.dropFirst(4))
        guard let code = octets.first else { return }
        seed += [code, UInt8(clamping: octets.count - 1)] + octets.dropFirst().prefix(255)
    }
}
