// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceMilter

@Suite("The text of a reply code") struct MilterReplyTextTests {
    private func written(_ reply: Reply) -> String { String(buffer: MilterReplyText.written(reply)) }

    @Test("each line has code and enhanced code, all but the last with a hyphen")
    func lines() {
        let reply = Reply(550, EnhancedStatusCode(5, 7, 1), lines: ["one", "two", "three"])
        #expect(written(reply) == "550-5.7.1 one\r\n550-5.7.1 two\r\n550 5.7.1 three")
    }

    @Test("a reply without an enhanced code, or with one of another class, gets that of its class")
    func enhanced() {
        #expect(written(Reply(451, nil, "later")) == "451 4.0.0 later")
        #expect(written(Reply(550, EnhancedStatusCode(4, 7, 1), "no")) == "550 5.0.0 no")
    }

    @Test("percent signs are doubled; controls and octets beyond ASCII can't end or alter the line")
    func characters() {
        #expect(written(Reply(550, EnhancedStatusCode(5, 7, 1), "100%\r\nx ü")) == "550 5.7.1 100%%??x ??")
    }

    @Test("what Sendmail would not take is left out: lines beyond 32, octets beyond 980")
    func limits() {
        let reply = Reply(
            550, EnhancedStatusCode(5, 7, 1),
            lines: (0..<40).map { _ in String(repeating: "%", count: 2000) })
        let lines = written(reply).split(separator: "\r\n")
        #expect(lines.count == 32 && lines.last?.hasPrefix("550 ") == true)
        #expect(lines.allSatisfy { $0.utf8.count == 980 + "550-5.7.1 ".utf8.count })
    }

    @Test("a quarantine's reason is one line and no format")
    func reason() {
        #expect(String(buffer: MilterReplyText.line("50% spam\nü")) == "50% spam???")
    }
}
