// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOEmbedded
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("SMTP handler: random dialogues")
struct SMTPServerFuzzTests {
    private static let pieces = [
        "EHLO a\r\n", "HELO a\r\n", "MAIL FROM:<a@b.test>\r\n", "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n",
        "RCPT TO:<c@d.test>\r\n", "RCPT TO:<e@d.test>\r\n", "DATA\r\n", "RSET\r\n", "NOOP\r\n", "VRFY x\r\n",
        "AUTH PLAIN\r\n", "STARTTLS\r\n", ".\r\n", "..\r\n", "text\r\n", "\r\n", "\r\n.\r\n", "\n", "\r", "\0",
        "X: y\r\n", "Received: z\r\n", "nonsense\r\n", String(repeating: "x", count: 60),
    ]

    private let limits = SMTPServerLimits(
        messageSize: 150, recipients: 2, errors: 1000, hops: 2, header: 60, commandLine: 50, authenticationLine: 60,
        contentLine: 55)

    private func run(_ octets: [[UInt8]]) throws -> (
        output: String, events: [String], messages: [ScriptedPolicy.Log.Message]
    ) {
        let session = try EmbeddedSession(limits: limits)
        var text = ""
        for piece in octets {
            try session.channel.writeInbound(ByteBuffer(bytes: piece))
            text += try session.output().text
        }
        _ = try? session.channel.finish()  // a session that closed itself is finished already
        return (text, session.log.all, session.log.messages)
    }

    @Test("the dialogue is the same however its octets are split, every reply is well formed, every message whole")
    func random() throws {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<400 {
            let chosen = (0..<Int.random(in: 1...25, using: &generator)).map { _ in
                Self.pieces.randomElement(using: &generator) ?? ""
            }
            let octets = Array(chosen.joined().utf8)
            let whole = try run([octets])
            for line in whole.output.split(separator: "\r\n") {
                #expect((200...599).contains(Int(line.prefix(3)) ?? 0), "\(line)")
            }
            for message in whole.messages {
                #expect(message.content.isEmpty || message.content.hasSuffix("\r\n"))
                #expect(message.content.utf8.count <= limits.messageSize)
                #expect(!message.envelope.recipients.isEmpty && message.envelope.recipients.count <= limits.recipients)
            }
            #expect(whole.events.last == "session ended")
            let begun = whole.events.filter { $0.hasPrefix("mail") }.count
            let ended = whole.events.filter {
                ["reset", "client gone", "content ended"].contains($0) || $0.hasPrefix("refused")
            }.count
            #expect(begun == ended, "every transaction ends once: \(whole.events)")
            for pieces in [octets.map { [$0] }, octets.randomPieces(using: &generator)] {
                let other = try run(pieces)
                #expect(other.output == whole.output, "\(chosen)")
                #expect(other.events == whole.events)
                #expect(other.messages == whole.messages)
            }
        }
    }
}
