// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceMilter

@Suite("Milter replies")
struct MilterReplyCodecTests {
    private func decode(_ code: Character, _ payload: String) throws -> MilterReply {
        try MilterReplyDecoder.decode(
            MilterPacket(code: code.asciiValue ?? 0, payload: ByteBuffer(string: payload)))
    }

    @Test("what is written is read again as the same reply")
    func roundTrip() throws {
        for seed in 1...500 as ClosedRange<UInt64> {
            var generator = MilterGenerator(seed: seed)
            let reply = generator.reply()
            #expect(try reply.octets.packets().map(MilterReplyDecoder.decode) == [reply])
        }
    }

    @Test("octets at random never end the process, and what can be read can be written")
    func random() throws {
        var generator = MilterGenerator(seed: 98)
        for _ in 0..<5_000 {
            let packet = MilterPacket(
                code: UInt8.random(in: 43...121, using: &generator.random), payload: generator.octets(0...30))
            guard let reply = try? MilterReplyDecoder.decode(packet) else { continue }
            #expect(try reply.octets.packets().map(MilterReplyDecoder.decode) == [reply])
        }
    }

    @Test(
        "a payload that is not whole is refused",
        arguments: [
            ("c", "x"), ("a", "x"), ("r", "\0"), ("t", "x"), ("d", "x"), ("s", "x"), ("4", "x"), ("f", "x"), ("p", "x"),
            ("y", ""), ("y", "550 no"), ("q", "why"), ("h", "X\0"), ("h", "\0value\0"), ("h", "X\0value"),
            ("i", "\0\0\0"), ("i", "\0\0\0\u{1}X\0"), ("m", "\0\0\0\u{1}X\0v"), ("m", "\0\0\0\u{1}\0v\0"),
            ("e", ""), ("e", "<a@b>"), ("e", "<a@b>\0SIZE"), ("e", "a\0b\0c\0"), ("+", ""), ("+", "a\0b\0"),
            ("2", "a"), ("-", "a"), ("O", "00000000000"), ("O", "000000000000\0\0\0\u{1}i"),
        ] as [(Character, String)])
    func malformed(code: Character, payload: String) {
        #expect {
            try decode(code, payload)
        } throws: { error in
            guard case .malformed(let thrown, _)? = error as? MilterPacketError else { return false }
            return thrown == code.asciiValue
        }
    }

    @Test("a code that no filter sends is refused", arguments: ["A", "z", "l"] as [Character])
    func unknownCode(code: Character) {
        #expect(throws: MilterPacketError.unknownCode(code.asciiValue ?? 0)) { try decode(code, "") }
    }

    @Test("a new body goes in pieces of 65,535 octets", arguments: [0, 1, 65_534, 65_535, 65_536, 131_070, 131_071])
    func pieces(length: Int) throws {
        let body = ByteBuffer(bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let packets = try MilterReply.replaceBody(body).octets.packets()
        #expect(packets.count == max(1, (length + 65_534) / 65_535))
        #expect(packets.allSatisfy { $0.code == MilterReplyCode.replaceBody && $0.payload.readableBytes <= 65_535 })
        #expect(packets.flatMap { Array($0.payload.readableBytesView) } == Array(body.readableBytesView))
    }

    @Test("a percent sign in a reply stands twice on the wire, since Sendmail takes it for a format")
    func percent() throws {
        let reply = MilterReply.replyCode(ByteBuffer(string: "451 4.2.2 100% full %%"))
        let packet = try #require(try reply.octets.packets().first)
        #expect(packet.payload == ByteBuffer(string: "451 4.2.2 100%% full %%%%\0"))
        #expect(try MilterReplyDecoder.decode(packet) == reply)
        #expect(try decode("y", "451 a % b\0") == .replyCode(ByteBuffer(string: "451 a % b")))
    }

    @Test("lists of macros are told with the answer to the option negotiation")
    func macroLists() throws {
        let options = MilterOptions(
            version: 6, actions: [.setMacroLists], steps: [],
            macroLists: [.connect: ["j", "daemon_name"], .endOfMessage: ["i"]])
        let packet = try #require(try MilterReply.negotiate(options).octets.packets().first)
        #expect(
            Array(packet.payload.readableBytesView.dropFirst(12))
                == [0, 0, 0, 0] + Array("j {daemon_name}\0".utf8) + [0, 0, 0, 5] + Array("i\0".utf8))
        #expect(try MilterReplyDecoder.decode(packet) == .negotiate(options))
    }

    @Test("a list for a step that we don't know is left out, and one that is too long is refused")
    func strangeLists() throws {
        let head = String(repeating: "\0", count: 12)
        guard case .negotiate(let options) = try decode("O", head + "\0\0\0\u{9}a b\0" + "\0\0\0\u{1}{ab} c\0") else {
            Issue.record("no negotiation")
            return
        }
        #expect(options.macroLists == [.helo: ["ab", "c"]])
        let limit = MilterPacketFields.limit
        _ = try decode("O", head + "\0\0\0\u{1}" + String(repeating: "a ", count: limit) + "\0")
        #expect(throws: MilterPacketError.self) {
            try decode("O", head + "\0\0\0\u{1}" + String(repeating: "a ", count: limit + 1) + "\0")
        }
    }
}
