// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

/// The matrix of SMTP smuggling (RFC 5321 §2.3.8, 4.1.1.4): what may stand before and behind a dot, through a whole relay.
@Suite("SMTP smuggling through the relay", .timeLimit(.minutes(1))) struct SmugglingTests {
    private static let separators: [(name: String, octets: String)] = [
        ("CR", "\r"), ("LF", "\n"), ("CRLF", "\r\n"), ("CRCRLF", "\r\r\n"), ("NUL", "\u{0}"),
    ]

    @Test("nothing behind a false end of the content ever becomes a message", arguments: [false, true])
    func matrix(_ isSplit: Bool) async throws {
        let sink = try await Sink.start()
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            var accepted = 0
            for before in Self.separators {
                for behind in Self.separators {
                    let dialogue = try await server.greeted()
                    try await dialogue.send("MAIL FROM:<a@client.test>", expect: "250")
                    try await dialogue.send("RCPT TO:<anna@example.org>", expect: "250")
                    try await dialogue.send("DATA", expect: "354")
                    let smuggled =
                        "MAIL FROM:<smuggler@client.test>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\n"
                        + "Subject: smuggled\r\n\r\nx"
                    // In the strict reading one message, whose text looks like commands, but for CRLF . CRLF.
                    let octets = "Subject: a\r\n\r\nbody\(before.octets).\(behind.octets)\(smuggled)\r\n.\r\n"
                    if isSplit {
                        for octet in octets.utf8 { try await dialogue.send(ByteBuffer(bytes: [octet])) }
                    } else {
                        try await dialogue.send(octets: octets)
                    }
                    let reply = try await dialogue.reply().last ?? ""
                    let isHonestEnd = before.name == "CRLF" && behind.name == "CRLF"
                    let name = "\(before.name) . \(behind.name)"
                    #expect(reply.hasPrefix(isHonestEnd ? "250" : "554 5.6.0"), "\(name): \(reply)")
                    if isHonestEnd {
                        // What follows are commands that the client sent too early: another message, and no smuggling.
                        accepted += 1
                        for code in ["250", "250", "354", "250"] { try await dialogue.expect(code) }
                    } else if behind.name == "CRLF", before.name == "CRCRLF" {
                        // CR CRLF . CRLF ends the content too, but a host before us may have meant text by it: none of
                        // what follows is taken for commands.
                        try await dialogue.expect("421")
                        try await dialogue.close()
                        continue
                    }
                    // One reply, and then the session goes on in step.
                    try await dialogue.send("NOOP", expect: "250")
                    try await dialogue.send("QUIT", expect: "221")
                    try await dialogue.close()
                }
            }
            #expect(accepted == 1)
            let messages = try await sink.messages(atLeast: 2)
            let account = try #require(try await server.ask("account").first)
            #expect(account["accepted"] == 2)
            #expect(messages.filter { $0.field("Subject") == "a" }.count == 1)
            // That one was sent as a message of its own, behind the true end.
            #expect(messages.filter { $0.field("Subject") == "smuggled" }.count == 1)
            #expect(messages.count == 2)
        }
        try await sink.stop()
    }
}
