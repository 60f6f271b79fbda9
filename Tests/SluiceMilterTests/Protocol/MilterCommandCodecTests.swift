// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceMilter

@Suite("Milter commands")
struct MilterCommandCodecTests {
    private func decode(_ code: Character, _ payload: [UInt8]) throws -> MilterCommand {
        try MilterCommandDecoder.decode(
            MilterPacket(code: code.asciiValue ?? 0, payload: ByteBuffer(bytes: payload)))
    }

    private func decode(_ code: Character, _ payload: String) throws -> MilterCommand {
        try decode(code, Array(payload.utf8))
    }

    private func isMalformed(_ code: Character, _ payload: String) -> Bool {
        do {
            _ = try decode(code, payload)
            return false
        } catch MilterPacketError.malformed(let thrown, _) {
            return thrown == code.asciiValue
        } catch {
            return false
        }
    }

    @Test("what is written is read again as the same command")
    func roundTrip() throws {
        for seed in 1...500 as ClosedRange<UInt64> {
            var generator = MilterGenerator(seed: seed)
            let command = generator.command()
            let packets = try command.octets.packets()
            #expect(packets.count == 1)
            #expect(try packets.map(MilterCommandDecoder.decode) == [command])
        }
    }

    @Test("octets at random never end the process, and what can be read can be written")
    func random() throws {
        var generator = MilterGenerator(seed: 99)
        for _ in 0..<5_000 {
            let packet = MilterPacket(
                code: UInt8.random(in: 65...85, using: &generator.random), payload: generator.octets(0...30))
            guard let command = try? MilterCommandDecoder.decode(packet) else { continue }
            #expect(try command.octets.packets().map(MilterCommandDecoder.decode) == [command])
        }
    }

    @Test("the client's address is read as Sendmail and as Postfix write it")
    func addresses() throws {
        let name = ByteBuffer(string: "c.test")
        let four = try #require(IPAddress("192.0.2.1"))
        let six = try #require(IPAddress("2001:db8::1"))
        #expect(
            try decode(
                "C", "c.test\u{0}4\u{9}\u{DD}".utf8.filter { $0 != 0xC3 && $0 != 0x9D } + [0xDD] + "192.0.2.1\0".utf8)
                == .connect(hostname: name, .address(four, port: 0x09DD)))
        for text in ["2001:db8::1", "IPv6:2001:db8::1", "ipv6:2001:DB8:0::1"] {
            #expect(
                try decode("C", "c.test\u{0}6\u{0}\u{19}\(text)\u{0}")
                    == .connect(hostname: name, .address(six, port: 25)))
        }
        #expect(
            try decode("C", "c.test\u{0}6\u{0}\u{19}::ffff:192.0.2.1\u{0}")
                == .connect(hostname: name, .address(four, port: 25)))
        #expect(try decode("C", "c.test\u{0}U") == .connect(hostname: name, .unknown))
        #expect(
            try decode("C", "c.test\u{0}L\u{0}\u{0}/run/s\u{0}")
                == .connect(hostname: name, .unix(ByteBuffer(string: "/run/s"))))
    }

    @Test(
        "an address that is none of its family is refused",
        arguments: [
            "c\0", "c", "c\u{0}4", "c\u{0}4\u{1}", "c\u{0}4\u{1}\u{1}", "c\u{0}4\u{1}\u{1}192.0.2.1",
            "c\u{0}4\u{1}\u{1}::1\u{0}", "c\u{0}4\u{1}\u{1}300.0.2.1\u{0}", "c\u{0}6\u{1}\u{1}192.0.2.1\u{0}",
            "c\u{0}6\u{1}\u{1}IPv6:192.0.2.1\u{0}", "c\u{0}6\u{1}\u{1}IPv6:\u{0}", "c\u{0}X\u{1}\u{1}a\u{0}",
            "c\u{0}U\u{0}", "c\u{0}4\u{1}\u{1}192.0.2.1\u{0}\u{0}", "c\u{0}L\u{1}\u{1}/run/s",
        ])
    func wrongAddresses(payload: String) { #expect(isMalformed("C", payload)) }

    @Test(
        "a payload that is not whole is refused",
        arguments: [
            ("H", ""), ("H", "name"), ("H", "name\0more\0"), ("M", ""), ("M", "<a@b>"), ("M", "<a@b>\0SIZE=1"),
            ("R", ""), ("R", "<a@b>\0x"), ("L", ""), ("L", "Subject"), ("L", "Subject\0"), ("L", "Subject\0value"),
            ("L", "\0value\0"), ("L", "a\0b\0c\0"), ("T", "x"), ("N", "x"), ("A", "\0"), ("Q", "x"), ("K", "x"),
            ("U", "text"), ("D", ""), ("D", "Q"), ("D", "Zi\0x\0"), ("D", "Ci"), ("D", "Ci\0"), ("D", "Ci\0x"),
            ("D", "Ci\0x\0j\0"), ("D", "C\0x\0"), ("O", ""), ("O", "00000000000"), ("O", "0000000000001"),
        ] as [(Character, String)])
    func malformed(code: Character, payload: String) { #expect(isMalformed(code, payload)) }

    @Test("a code that no MTA sends is refused", arguments: ["Z", "a", "0"] as [Character])
    func unknownCode(code: Character) {
        #expect(throws: MilterPacketError.unknownCode(code.asciiValue ?? 0)) { try decode(code, "") }
    }

    @Test("the numbers of arguments and of macros have a limit")
    func limits() throws {
        let limit = MilterPacketFields.limit
        for code in ["M", "R"] as [Character] {
            for count in [limit - 1, limit] { _ = try decode(code, String(repeating: "a\0", count: count)) }
            #expect(isMalformed(code, String(repeating: "a\0", count: limit + 1)))
        }
        for count in [limit - 1, limit] { _ = try decode("D", "C" + String(repeating: "a\0b\0", count: count)) }
        #expect(isMalformed("D", "C" + String(repeating: "a\0b\0", count: limit + 1)))
    }

    @Test("a field's value may be any octets but NUL, and longer than Sendmail's packets")
    func values() throws {
        let value = ByteBuffer(bytes: Array(repeating: UInt8(0xFF), count: 100_000) + [13, 10, 9, 1])
        let command = MilterCommand.header(name: ByteBuffer(string: "X"), value: value)
        #expect(try command.octets.packets().map(MilterCommandDecoder.decode) == [command])
    }

    @Test("a NUL in a text is left out, and what stands behind it is kept")
    func nul() throws {
        let command = MilterCommand.header(name: ByteBuffer(string: "X"), value: ByteBuffer(string: "a\0b"))
        #expect(
            try command.octets.packets().map(MilterCommandDecoder.decode)
                == [.header(name: ByteBuffer(string: "X"), value: ByteBuffer(string: "ab"))])
    }

    @Test("the packets are those of mfdef.h, octet by octet")
    func octets() {
        #expect(
            MilterCommand.negotiate(MilterOptions(version: 6, actions: [.addFields], steps: [.skip])).octets
                == ByteBuffer(bytes: [0, 0, 0, 13, 79, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 4, 0]))
        #expect(
            MilterCommand.macros(step: 77, MilterMacros(["i": "1", "auth_authen": "a"])).octets
                == ByteBuffer(bytes: [0, 0, 0, 22, 68, 77] + Array("{auth_authen}\0a\0i\01\0".utf8)))
        #expect(
            MilterCommand.mail([ByteBuffer(string: "<>")]).octets == ByteBuffer(bytes: [0, 0, 0, 4, 77, 60, 62, 0]))
        #expect(MilterCommand.endOfMessage(ByteBuffer()).octets == ByteBuffer(bytes: [0, 0, 0, 1, 69]))
    }
}
