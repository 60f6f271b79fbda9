// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Reply decoder")
struct ReplyDecoderTests {
    private func decode(_ text: String) -> [ReplyDecoder.Reading] {
        var decoder = ReplyDecoder()
        decoder.append(ByteBuffer(string: text))
        var readings: [ReplyDecoder.Reading] = []
        while let reading = decoder.next() { readings.append(reading) }
        return readings
    }

    @Test(
        "a reply is read with its code, enhanced code and lines",
        arguments: [
            ("250 ok\r\n", Reply(250, nil, "ok")),
            ("250\r\n", Reply(250, nil, "")),
            ("250 \r\n", Reply(250, nil, "")),
            ("250 bare LF\n", Reply(250, nil, "bare LF")),
            ("250 2.1.5 fine\r\n", Reply(250, EnhancedStatusCode(2, 1, 5), "fine")),
            ("550 5.1.1\r\n", Reply(550, EnhancedStatusCode(5, 1, 1), "")),
            ("250 5.1.1 other class\r\n", Reply(250, nil, "5.1.1 other class")),
            ("571 5.7.1 no\r\n", Reply(571, EnhancedStatusCode(5, 7, 1), "no")),
            ("250-a\r\n250 b\r\n", Reply(250, lines: ["a", "b"])),
            (
                "550-5.7.1 go\r\n550-5.7.1  away\r\n550 5.7.1\r\n",
                Reply(550, EnhancedStatusCode(5, 7, 1), lines: ["go", "away", ""])
            ),
            ("250 a\u{0}b\u{1B}c\r\n", Reply(250, nil, "a b c")),
            ("250 gr\u{FC}\u{DF}e\r\n", Reply(250, nil, "gr\u{FC}\u{DF}e")),
        ])
    func replies(_ text: String, _ reply: Reply) {
        #expect(decode(text) == [.reply(reply)])
    }

    @Test(
        "what is no reply is garbage, and nothing is read behind it",
        arguments: [
            "hello\r\n", "25 ok\r\n", "25\r\n", "2500 ok\r\n", "250_ok\r\n", "\r\n", " 250 ok\r\n", "150 ok\r\n",
            "650 ok\r\n", "999 ok\r\n", "+OK\r\n", "250-a\r\n251 b\r\n", "250-a\r\nb\r\n", "2\u{0}0 ok\r\n",
            "250-" + String(repeating: "x", count: 5000) + "\r\n",
            String(repeating: "250-x\r\n", count: 300),
            String(repeating: "250-\(String(repeating: "x", count: 1000))\r\n", count: 40),
        ])
    func garbage(_ text: String) {
        let readings = decode(text + "250 ok\r\n")
        #expect(readings.count == 1)
        guard case .garbage = readings.first else {
            Issue.record("\(readings)")
            return
        }
    }

    @Test("an endless line is garbage before its end has come, and nothing is kept of it")
    func endlessLine() {
        var decoder = ReplyDecoder()
        var reading: ReplyDecoder.Reading?
        for _ in 0..<100 where reading == nil {
            decoder.append(ByteBuffer(repeating: UInt8(ascii: "2"), count: 100))
            reading = decoder.next()
        }
        guard case .garbage = reading else {
            Issue.record("\(String(describing: reading))")
            return
        }
        decoder.append(ByteBuffer(string: "250 ok\r\n"))
        #expect(decoder.next() == nil)
        #expect(!decoder.hasUnread)
    }

    @Test("octets behind a reply are known to be there")
    func unread() {
        var decoder = ReplyDecoder()
        decoder.append(ByteBuffer(string: "250 a\r\n2"))
        #expect(decoder.next() == .reply(Reply(250, nil, "a")))
        #expect(decoder.hasUnread)
        decoder.append(ByteBuffer(string: "50-b\r\n"))
        #expect(decoder.next() == nil)
        #expect(decoder.hasUnread)
        decoder.append(ByteBuffer(string: "250 c\r\n"))
        #expect(decoder.next() == .reply(Reply(250, lines: ["b", "c"])))
        #expect(!decoder.hasUnread)
    }

    @Test("however the octets are cut, the same is read", arguments: 0..<200)
    func chunks(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "250 ok\r\n", "250-2.0.0 a\r\n250 2.0.0 b\r\n", "354 go\n", "550-x\r\n", "\r\n", "junk",
            "421 4.3.2 bye\r\n",
        ]
        let text = (0..<Int.random(in: 1...6, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
            .joined()
        var decoder = ReplyDecoder()
        var readings: [ReplyDecoder.Reading] = []
        var rest = ByteBuffer(string: text)
        while rest.readableBytes > 0 {
            let count = min(rest.readableBytes, Int.random(in: 1...5, using: &random))
            if let chunk = rest.readSlice(length: count) { decoder.append(chunk) }
            while let reading = decoder.next() { readings.append(reading) }
        }
        #expect(readings == decode(text))
    }
}
