// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceServer
import SluiceTesting
import Testing

@Suite("Reception over sockets", .timeLimit(.minutes(1))) struct ReceptionEndToEndTests {
    /// A sink that knows nobody but Anna.
    private func sinkOfAnna() async throws -> Sink {
        try await Sink.start(
            SinkScript { step in
                guard case .recipient(let recipient) = step, recipient != "anna@example.org" else { return nil }
                return .reply("550 5.1.1 secret words of the next hop")
            })
    }

    @Test("a message comes in, is delivered, and the trace says so, octet for octet but for the trace fields")
    func delivered() async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: folder) { server in
            let content = "From: <a@b.test>\r\nSubject: hello\r\n\r\n.leading dot\r\n..two\r\n\r\n"
            let reply = try await server.send(content.replacing(content: "\r\n.", with: "\r\n.."))
            let message = try #require(try await sink.messages(atLeast: 1).first)
            #expect(message.content.hasSuffix(content))
            #expect(
                message.content.hasPrefix("Received: from client.test ([127.0.0.1])\r\n\tby mx.example.org (Sluice)"))
            #expect(message.reversePath == "sender@client.test" && message.recipients == ["anna@example.org"])
            let trace = try await server.settled(try TestServer.id(reply))
            let recipient = try #require(trace["recipients"]?.arrayValue?.first)
            #expect(recipient["state"] == "delivered" && recipient["disposition"] == "deliver")
            #expect(trace["size"]?.integerValue == Int64(content.utf8.count))
            #expect(trace["client"]?["address"] == "127.0.0.1")
            let account = try #require(try await server.ask("account").first)
            #expect(account["accepted"] == 1 && account["delivered"] == 1 && account["unaccounted"] == 0)
            #expect(account["chain"] == "intact")
        }
        try await sink.stop()
    }

    @Test("a stranger's recipient outside the relay domains is refused at RCPT, whatever it asks of the next hop")
    func closedRelay() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, recipients: "next_hop"), in: try TemporaryFolder()
        ) { server in
            for from in ["a@example.org", "", "postmaster@example.org"] {
                let dialogue = try await server.greeted()
                try await dialogue.send("MAIL FROM:<\(from)>", expect: "250")
                for recipient in [
                    "x@elsewhere.test", "x%elsewhere.test@example.org", "elsewhere.test!x@example.org",
                    "\"x@elsewhere.test\"@example.org", "x@[127.0.0.1]", "@example.org:x@elsewhere.test",
                ] {
                    let reply = try await dialogue.send("RCPT TO:<\(recipient)>", expect: "550 5.7.1")
                    #expect(reply.last?.contains("(id ") == true)
                }
                try await dialogue.send("RCPT TO:<postmaster>", expect: "250")
                try await dialogue.send("RCPT TO:<anna@example.org>", expect: "250")
                try await dialogue.close()
            }
            #expect(!sink.commands.contains { $0.contains("elsewhere") })
        }
        try await sink.stop()
    }

    @Test("a trusted network may send anywhere")
    func trusted() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, trustedNetworks: "[127.0.0.0/8]"), in: try TemporaryFolder()
        ) { server in
            let reply = try await server.send(to: ["x@elsewhere.test"])
            #expect(reply.hasPrefix("250 2.0.0 accepted as "))
            #expect(try await sink.messages(atLeast: 1).first?.recipients == ["x@elsewhere.test"])
        }
        try await sink.stop()
    }

    @Test("mail to <postmaster> goes to the postmaster of the configuration")
    func postmaster() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            let reply = try await server.send(to: ["postmaster", "postmaster@example.org"])
            #expect(reply.hasPrefix("250"))
            #expect(try await sink.messages(atLeast: 1).first?.recipients == ["postmaster@example.org"])
        }
        try await sink.stop()
    }

    @Test("who exists is asked of the next hop: 550 5.1.1 where it says no, in our own words")
    func recipientCallout() async throws {
        let sink = try await sinkOfAnna()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, recipients: "next_hop"), in: try TemporaryFolder()
        ) { server in
            let refused = try await server.send(to: ["nobody@example.org"])
            #expect(refused.hasPrefix("550 5.1.1 there is no such mailbox here (id "))
            let id = try TestServer.id(refused)
            let trace = try #require(try await server.ask("trace show", ["id": id]).first)
            #expect(trace["disposition"] == "reject" && trace["reply"]?["code"] == 550)
            #expect(trace["reverse_path"] == "sender@client.test")
            #expect(trace["recipients"]?.arrayValue?.first?["address"] == "nobody@example.org")
            let found = try await server.ask(
                "trace find", ["query": #"{"recipient": "nobody@example.org", "limit": 10}"#])
            #expect(found.map { $0["id"]?.stringValue } == [id])
            #expect(try await server.send().hasPrefix("250"))
            #expect(try await sink.messages(atLeast: 1).count == 1)
            // Remembered: it is not asked a second time.
            #expect(try await server.send(to: ["nobody@example.org"]).hasPrefix("550 5.1.1"))
            #expect(sink.commands.filter { $0.contains("nobody@") }.count == 1)
        }
        try await sink.stop()
    }

    @Test("where the next hop does not answer and nothing is remembered: 450")
    func deadNextHop() async throws {
        let sink = try await Sink.start()
        try await sink.stop()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, recipients: "next_hop"), in: try TemporaryFolder()
        ) { server in
            let reply = try await server.send()
            #expect(reply.hasPrefix("450 4.4.3 "))
            #expect(try await server.send(to: ["postmaster"]).hasPrefix("250"))
        }
    }

    @Test(
        "content that is refused for what it holds is refused with the id to ask for, and leaves no message",
        arguments: [
            ("Subject: x\r\n\r\na\nb\r\n", "554 5.6.0"), ("Subject: x\r\n\r\na\rb\r\n", "554 5.6.0"),
            ("Subject: x\r\n\r\na\n.\nMAIL FROM:<evil@x.test>\r\n", "554 5.6.0"),
            ("Subject: x\r\n\r\nnul \u{0}\r\n", "554 5.6.0"),
            (String(repeating: "Received: x\r\n", count: 101) + "\r\n", "554 5.4.6"),
            ("Subject: x\r\n\r\n" + String(repeating: "x", count: 5000) + "\r\n", "554 5.6.0"),
            ("Subject: x\r\n\r\n" + String(repeating: "line\r\n", count: 20_000), "552 5.3.4"),
            (String(repeating: "X: y\r\n", count: 2000) + "\r\n", "552 5.3.4"),
        ])
    func refusedContent(_ content: String, _ code: String) async throws {
        let sink = try await Sink.start()
        let limits = "limits: {message_size: 100KB, content_line: 2KB, header: 8KiB}"
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, more: limits), in: try TemporaryFolder()
        ) { server in
            let reply = try await server.send(content)
            #expect(reply.hasPrefix(code))
            let trace = try #require(try await server.ask("trace show", ["id": try TestServer.id(reply)]).first)
            #expect(trace["disposition"] == "reject")
            #expect(trace["reply"]?["text"]?.stringValue.map { reply.hasSuffix($0) } == true)
            #expect(try await server.ask("account").first?["accepted"] == 0)
        }
        #expect(sink.messages.isEmpty)
        try await sink.stop()
    }

    @Test("a trusted network may ask for notices of success and have the whole message back; a stranger may not")
    func dsn() async throws {
        let sink = try await Sink.start(
            SinkScript { step in
                if case .recipient(let path) = step, path.hasPrefix("no") { .reply("550 5.1.1 no") } else { nil }
            })
        let yaml = TestServer.yaml(sink: sink.port, trustedNetworks: "[127.0.0.0/8]")
        try await TestServer.run(yaml, in: try TemporaryFolder()) { server in
            let dialogue = try await server.connect()
            let ehlo = try await dialogue.send("EHLO client.test", expect: "250")
            #expect(ehlo.contains { $0.hasSuffix("DSN") })
            try await dialogue.send("MAIL FROM:<a@client.test> RET=FULL ENVID=e1", expect: "250")
            try await dialogue.send("RCPT TO:<yes@example.org> NOTIFY=SUCCESS", expect: "250")
            try await dialogue.send("RCPT TO:<no@example.org> ORCPT=rfc822;first@example.org", expect: "250")
            try await dialogue.send("DATA", expect: "354")
            try await dialogue.send("Subject: hello\r\n\r\nHello.\r\n.", expect: "250")
            try await dialogue.close()
            let got = try await sink.messages(atLeast: 3)
            let notices = got.filter { $0.reversePath == "" }
            #expect(got.count == 3 && notices.allSatisfy { $0.recipients == ["a@client.test"] })
            #expect(notices.allSatisfy { $0.content.contains("\r\nOriginal-Envelope-Id: e1\r\n") })
            let failed = try #require(notices.first { $0.content.contains("Action: failed") })
            #expect(failed.content.contains("Content-Type: message/rfc822\r\n"))
            #expect(failed.content.contains("Subject: hello\r\n\r\nHello.\r\n"))
            #expect(failed.content.contains("Original-Recipient: rfc822; first@example.org\r\n"))
            let relayed = try #require(notices.first { $0.content.contains("Action: relayed") })
            #expect(relayed.content.contains("Final-Recipient: rfc822; yes@example.org\r\n"))
            #expect(relayed.content.contains("text/rfc822-headers") && !relayed.content.contains("no@example.org"))
        }
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            let dialogue = try await server.connect()
            let ehlo = try await dialogue.send("EHLO client.test", expect: "250")
            #expect(!ehlo.contains { $0.hasSuffix("DSN") })
            try await dialogue.send("MAIL FROM:<a@client.test> RET=FULL", expect: "555 5.5.4")
            try await dialogue.close()
        }
        try await sink.stop()
    }

    @Test("limits on size, recipients, sessions of a client and errors hold")
    func limits() async throws {
        let limits = "limits: {message_size: 10KB, recipients: 2, sessions_per_client: 2, errors: 3}"
        try await TestServer.run(
            TestServer.yaml(sink: 1, more: limits), in: try TemporaryFolder()
        ) { server in
            let dialogue = try await server.connect()
            let ehlo = try await dialogue.send("EHLO client.test", expect: "250")
            #expect(ehlo.contains { $0.hasSuffix("SIZE 10000") })
            for word in ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"] {
                #expect(ehlo.contains { $0.hasSuffix(word) })
            }
            #expect(!ehlo.contains { $0.contains("AUTH") || $0.contains("STARTTLS") })
            try await dialogue.send("MAIL FROM:<a@b.test> SIZE=10001", expect: "552 5.3.4")
            try await dialogue.send("MAIL FROM:<a@b.test> SIZE=10000", expect: "250")
            try await dialogue.send("RCPT TO:<one@example.org>", expect: "250")
            try await dialogue.send("RCPT TO:<two@example.org>", expect: "250")
            try await dialogue.send("RCPT TO:<three@example.org>", expect: "452 4.5.3")
            let second = try await server.connect()
            let third = try await DialogueRunner.connect(port: server.ports["mx"] ?? 0)
            try await third.expect("421 4.7.0")
            #expect(try await third.isClosed())
            for _ in 0..<3 { try await second.send("BOGUS", expect: "500") }
            // The last one is told so, and the session ends.
            try await second.send("BOGUS")
            var last: [String] = []
            do { while true { last = try await second.reply() } } catch DialogueRunner.Failure.closed {}
            #expect(last.last?.hasPrefix("421") == true)
            for dialogue in [dialogue, second, third] { try await dialogue.close() }
        }
    }

    @Test("a body with 8-bit octets and a long message arrive octet for octet")
    func octets() async throws {
        let next = try await ScriptedServer([ScriptedServer.polite(extensions: ["8BITMIME", "SIZE 0"])])
        try await TestServer.run(
            TestServer.yaml(sink: next.port), in: try TemporaryFolder()
        ) { server in
            var random = SeededGenerator(seed: 9)
            var content = ByteBuffer(string: "Subject: octets\r\n\r\n")
            // More than is kept in memory, so that it goes through a file.
            for _ in 0..<4000 {
                content.writeString("x")
                content.writeBytes(random.octets(70, from: Array(1...255).filter { $0 != 10 && $0 != 13 }))
                content.writeString("\r\n")
            }
            let dialogue = try await server.greeted()
            try await dialogue.send("MAIL FROM:<a@b.test> BODY=8BITMIME", expect: "250")
            try await dialogue.send("RCPT TO:<anna@example.org>", expect: "250")
            try await dialogue.send("DATA", expect: "354")
            try await dialogue.send(content)
            try await dialogue.send(".", expect: "250")
            try await dialogue.close()
            let end = ContinuousClock.now + .seconds(20)
            while next.record.contents.isEmpty, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(10))
            }
            let got = try #require(next.record.contents.first)
            let sent = content.readableBytesView + Array(".\r\n".utf8)
            #expect(got.readableBytesView.suffix(sent.count).elementsEqual(sent))
            #expect(next.record.lines.contains { $0.hasPrefix("MAIL FROM:<a@b.test>") && $0.contains("BODY=8BITMIME") })
        }
        try await next.stop()
    }

    @Test("several recipients are one message, RSET forgets, VRFY is 252")
    func several() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            let dialogue = try await server.greeted()
            try await dialogue.send("VRFY anna", expect: "252")
            try await dialogue.send("MAIL FROM:<a@b.test>", expect: "250")
            try await dialogue.send("RCPT TO:<gone@example.org>", expect: "250")
            try await dialogue.send("RSET", expect: "250")
            #expect(
                try await dialogue.transmit("Subject: x\r\n\r\n", from: "", to: ["a@example.org", "b@example.org"])
                    .hasPrefix("250"))
            // A second transaction of the same session.
            #expect(try await dialogue.transmit("Subject: y\r\n\r\n", from: "", to: ["c@example.org"]).hasPrefix("250"))
            try await dialogue.close()
            let messages = try await sink.messages(atLeast: 2)
            #expect(
                messages.map(\.recipients).sorted { $0.count > $1.count } == [
                    ["a@example.org", "b@example.org"], ["c@example.org"],
                ])
            #expect(messages.allSatisfy { $0.reversePath.isEmpty })
        }
        try await sink.stop()
    }
}

extension String {
    fileprivate func replacing(content: String, with other: String) -> String {
        components(separatedBy: content).joined(separator: other)
    }
}
