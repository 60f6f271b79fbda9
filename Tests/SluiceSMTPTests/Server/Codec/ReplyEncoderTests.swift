// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceSMTP

@Suite("Replies (RFC 5321 §4.2)")
struct ReplyEncoderTests {
    private func encode(_ reply: Reply) -> String {
        var buffer = ByteBuffer()
        ReplyEncoder.write(reply, to: &buffer)
        return String(buffer: buffer)
    }

    @Test("a reply has its code, and its enhanced status code if any, on each line (RFC 2034 §4)")
    func lines() {
        #expect(encode(Reply(250, nil, "ok")) == "250 ok\r\n")
        #expect(encode(Reply(550, EnhancedStatusCode(5, 7, 1), "no")) == "550 5.7.1 no\r\n")
        #expect(encode(Reply(250, nil, lines: ["a", "b", "c"])) == "250-a\r\n250-b\r\n250 c\r\n")
        let two = Reply(550, EnhancedStatusCode(5, 1, 1), lines: ["a", "b"])
        #expect(encode(two) == "550-5.1.1 a\r\n550 5.1.1 b\r\n")
        #expect(encode(Reply(334, nil, "")) == "334 \r\n")
    }

    @Test("a text can't end its line or forge another")
    func injection() {
        #expect(encode(Reply(550, nil, "a\r\n250 ok\u{0}\u{fc}")) == "550 a??250 ok???\r\n")
    }

    @Test("no line has more than 512 octets with its CRLF (RFC 5321 §4.5.3.1.5)", arguments: [489, 490, 491, 5000])
    func length(count: Int) {
        let text = encode(Reply(550, EnhancedStatusCode(5, 777, 777), String(repeating: "x", count: count)))
        let lines = text.split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 510 })
        #expect(lines.last?.hasPrefix("550 ") == true)
        #expect(lines.dropLast().allSatisfy { $0.hasPrefix("550-") })
        #expect(text.filter { $0 == "x" }.count == count)
    }
}
