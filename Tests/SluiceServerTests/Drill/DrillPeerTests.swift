// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("What the drill breaks") struct DrillPeerTests {
    @Test("its next hop takes a message, in whatever pieces it comes")
    func nextHop() {
        let script = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: DATA\r\n\r\n..\r\n.\r\nQUIT\r\n"
        for size in [1, 7, script.utf8.count] {
            var hop = DrillNextHop()
            var input = ByteBuffer()
            var replies: [String] = []
            var ends = 0
            for start in stride(from: 0, to: script.utf8.count, by: size) {
                input.writeBytes(script.utf8.dropFirst(start).prefix(size))
                let (octets, isAtEnd) = hop.answer(&input)
                replies += String(decoding: octets, as: UTF8.self).split(separator: "\r\n").map { String($0.prefix(3)) }
                ends += isAtEnd ? 1 : 0
            }
            #expect(replies == ["250", "250", "250", "354", "250", "250"] && ends == 1)
        }
    }

    @Test("its filter negotiates, and answers what wants an answer")
    func milter() {
        var filter = DrillMilter()
        var input = ByteBuffer()
        func packet(_ code: Character, _ payload: [UInt8] = []) -> [UInt8] {
            [0, 0, 0, UInt8(payload.count + 1), code.asciiValue ?? 0] + payload
        }
        input.writeBytes(packet("O", [UInt8](repeating: 0, count: 12)) + packet("D", [0x43]) + packet("M", [0x61, 0]))
        #expect(filter.answer(&input).octets.count == 17 + 5)
        input.writeBytes(packet("E") + [0, 0])
        let (octets, isAtEnd) = filter.answer(&input)
        #expect(octets == [0, 0, 0, 1, 0x63] && isAtEnd)
        #expect(input.readableBytes == 2)
    }

    @Test("its name server knows a policy and a key for every name, and answers no half question")
    func nameServer() throws {
        func query(_ name: String, type: UInt8) -> [UInt8] {
            [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
                + name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0, 0, type, 0, 1]
        }
        let policy = try #require(DrillNameServer.answer(query("drill.example", type: 16), keyRecord: ["p=x"]))
        #expect(policy.starts(with: [0xAB, 0xCD, 0x85, 0x80, 0, 1, 0, 1]))
        #expect(policy.suffix(11).elementsEqual("v=spf1 +all".utf8))
        let key = try #require(
            DrillNameServer.answer(query("drill._domainkey.drill.example", type: 16), keyRecord: ["v=DKIM1;", "p=x"]))
        #expect(String(decoding: key.suffix(13), as: UTF8.self) == "\u{8}v=DKIM1;\u{3}p=x")
        let address = try #require(DrillNameServer.answer(query("drill.example", type: 1), keyRecord: []))
        #expect(address[7] == 0)
        let whole = query("drill.example", type: 16)
        for length in 0..<whole.count {
            #expect(DrillNameServer.answer(Array(whole.prefix(length)), keyRecord: []) == nil)
        }
    }

    @Test("an id is read from each kind of reply")
    func ids() {
        #expect(DrillClient.id(in: Reply(250, nil, "accepted as 1abc")) == "1abc")
        #expect(DrillClient.id(in: Reply(452, nil, "not enough room now, try again later (id 1abc)")) == "1abc")
        #expect(DrillClient.id(in: Reply(421, nil, "bye")) == nil)
    }
}
