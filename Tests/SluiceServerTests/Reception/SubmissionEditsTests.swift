// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("A submitted message") struct SubmissionEditsTests {
    private func edited(_ content: String) throws -> Message {
        let message = try Message(MemoryContent(content))
        return message.applying(
            SubmissionEdits.edits(for: message, id: "abc", hostname: "mx.test", now: Timestamp(seconds: 1_790_000_000)))
    }

    @Test("gets Date and Message-ID where they are missing (RFC 6409 §8.1, 8.3), behind its own fields")
    func added() throws {
        let message = try edited("Subject: x\r\n\r\nbody\r\n")
        #expect(
            String(buffer: message.headerOctets)
                == "Subject: x\r\nDate: Mon, 21 Sep 2026 14:13:20 +0000\r\nMessage-ID: <abc@mx.test>\r\n\r\n")
        #expect(String(buffer: try message.body.readAll()) == "body\r\n")
    }

    @Test("keeps those that it has, in any case")
    func kept() throws {
        let content = "date: yesterday\r\nMESSAGE-ID: <own@a.test>\r\n\r\n"
        #expect(String(buffer: try edited(content).headerOctets) == content)
        #expect(try edited("Date: x\r\n\r\n").header.fields.map(\.name) == ["Date", "Message-ID"])
    }
}
