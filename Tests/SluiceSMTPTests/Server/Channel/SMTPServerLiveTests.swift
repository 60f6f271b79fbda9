// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOSSL
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("SMTP over sockets", .timeLimit(.minutes(1)))
struct SMTPServerLiveTests {
    private func configuration(implicit: Bool = false, limits: SMTPServerLimits = SMTPServerLimits()) throws
        -> SMTPServerConfiguration
    {
        SMTPServerConfiguration(
            hostname: "mx.test", limits: limits, tls: try TestCertificate.serverContext(), isImplicitTLS: implicit,
            offersAuthentication: true)
    }

    private func addTLS(to dialogue: DialogueRunner) async throws {
        let context = try TestCertificate.clientContext()
        try await dialogue.channel.eventLoop.submit {
            let handler = try NIOSSLClientHandler(context: context, serverHostname: "mx.test")
            try dialogue.channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
    }

    private func transaction(_ dialogue: DialogueRunner, content: String = "Subject: a\r\n\r\nbody") async throws {
        try await dialogue.send("MAIL FROM:<a@b.test>", expect: "250 2.1.0")
        try await dialogue.send("RCPT TO:<c@d.test>", expect: "250 2.1.5")
        try await dialogue.send("DATA", expect: "354")
        try await dialogue.send(content + "\r\n.", expect: "250 2.0.0")
    }

    @Test("STARTTLS, AUTH and a message; the client is described to the policy")
    func startTLS() async throws {
        let server = try await LiveServer.start(configuration())
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await dialogue.expect("220 mx.test")
        let plain = try await dialogue.send("EHLO before.test", expect: "250")
        #expect(plain.contains("250 STARTTLS") && !plain.contains { $0.contains("AUTH") })
        try await dialogue.send("AUTH PLAIN AGFsaWNlAHNlY3JldA==", expect: "538 5.7.11")
        try await dialogue.send("STARTTLS", expect: "220 2.0.0")
        try await addTLS(to: dialogue)
        try await dialogue.send("MAIL FROM:<a@b.test>", expect: "503 5.5.1")
        let secure = try await dialogue.send("EHLO after.test", expect: "250")
        #expect(secure.contains("250 AUTH PLAIN LOGIN") && !secure.contains { $0.contains("STARTTLS") })
        try await dialogue.send("AUTH PLAIN AGFsaWNlAHdyb25n", expect: "535 5.7.8")
        try await dialogue.send("AUTH LOGIN", expect: "334 VXNlcm5hbWU6")
        try await dialogue.send("YWxpY2U=", expect: "334 UGFzc3dvcmQ6")
        try await dialogue.send("c2VjcmV0", expect: "235 2.7.0")
        try await transaction(dialogue)
        try await dialogue.send("QUIT", expect: "221 2.0.0")
        #expect(try await dialogue.isClosed())
        let client = try #require(server.log.messages.first?.client)
        #expect(client.helo == "after.test" && client.login == "alice" && client.tls == "TLSv1.3" && client.isExtended)
        #expect(client.address.isLoopback)
        #expect(!server.log.all.contains { $0.contains("secret") })
        try await server.stop()
    }

    @Test("implicit TLS (RFC 8314 §3.3)")
    func implicitTLS() async throws {
        let server = try await LiveServer.start(configuration(implicit: true))
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await addTLS(to: dialogue)
        try await dialogue.expect("220")
        let reply = try await dialogue.send("EHLO a", expect: "250")
        #expect(reply.contains("250 AUTH PLAIN LOGIN"))
        try await transaction(dialogue)
        #expect(server.log.messages.first?.client.tls == "TLSv1.3")
        try await dialogue.close()
        try await server.stop()
    }

    @Test("a message pipelined behind STARTTLS is never taken up")
    func injection() async throws {
        let server = try await LiveServer.start(configuration())
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO a", expect: "250")
        try await dialogue.send(octets: "STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b.test>\r\n")
        try await dialogue.expect("554 5.5.0")
        #expect(try await dialogue.isClosed())
        #expect(!server.log.all.contains { $0.contains("evil") })
        try await server.stop()
    }

    @Test("what is no TLS after STARTTLS closes the connection")
    func noTLS() async throws {
        let server = try await LiveServer.start(configuration())
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO a", expect: "250")
        try await dialogue.send("STARTTLS", expect: "220")
        try await dialogue.send("MAIL FROM:<evil@b.test>")
        while true {
            do { _ = try await dialogue.reply() } catch {
                #expect(error as? DialogueRunner.Failure == .closed)
                break
            }
        }
        #expect(!server.log.all.contains { $0.contains("evil") })
        try await server.stop()
    }

    @Test("a message of 25 MB comes through TLS octet for octet, dots and all")
    func large() async throws {
        let server = try await LiveServer.start(configuration())
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO a", expect: "250")
        try await dialogue.send("STARTTLS", expect: "220")
        try await addTLS(to: dialogue)
        try await dialogue.send("EHLO a", expect: "250")
        let line = String(repeating: "0123456789", count: 99) + "\r\n"
        let body = String(repeating: line, count: 2500) + ".\r\n.leading dot\r\n"
        try await transaction(dialogue, content: "Subject: a\r\n\r\n" + body.replacing("\r\n.", with: "\r\n..") + "end")
        let message = try #require(server.log.messages.first)
        #expect(message.content == "Subject: a\r\n\r\n" + body + "end\r\n")
        try await dialogue.close()
        try await server.stop()
    }

    @Test("a message over the limit is read to its end and refused, and the next one is taken")
    func tooLarge() async throws {
        let server = try await LiveServer.start(configuration(limits: SMTPServerLimits(messageSize: 100_000)))
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO a", expect: "250")
        try await dialogue.send("MAIL FROM:<a@b.test> SIZE=100001", expect: "552 5.3.4")
        try await dialogue.send("MAIL FROM:<a@b.test>", expect: "250")
        try await dialogue.send("RCPT TO:<c@d.test>", expect: "250")
        try await dialogue.send("DATA", expect: "354")
        let body = String(repeating: String(repeating: "x", count: 998) + "\r\n", count: 3000)
        try await dialogue.send(octets: "Subject: a\r\n\r\n" + body + ".\r\n")
        try await dialogue.expect("552 5.3.4")
        try await transaction(dialogue)
        #expect(server.log.messages.count == 1)
        #expect(server.log.all.contains("refused 552"))
        try await dialogue.close()
        try await server.stop()
    }

    @Test("a client that hangs up during the decision is told of while nothing is read")
    func clientGone() async throws {
        var answers = ScriptedPolicy.Answers()
        answers.message = { loop in
            loop.scheduleTask(in: .seconds(3)) { Reply(250, nil, "too late") }.futureResult
        }
        let server = try await LiveServer.start(configuration(), answers: answers)
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO a", expect: "250")
        try await dialogue.send("MAIL FROM:<a@b.test>", expect: "250")
        try await dialogue.send("RCPT TO:<c@d.test>", expect: "250")
        try await dialogue.send("DATA", expect: "354")
        try await dialogue.send("a\r\n.")
        while !server.log.all.contains("content ended") { try await Task.sleep(for: .milliseconds(5)) }
        try await dialogue.close()
        let end = ContinuousClock.now + .seconds(2)
        while !server.log.all.contains("session ended"), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(server.log.all.suffix(2) == ["client gone", "session ended"])
        try await server.stop()
    }

    @Test(
        "many clients at once, pipelined or not: every id that was acknowledged was received", arguments: [false, true])
    func load(isPipelined: Bool) async throws {
        let server = try await LiveServer.start(configuration())
        var client = LoadClient(port: server.port)
        client.connections = 20
        client.messages = 200
        client.messagesPerConnection = 3
        client.isPipelined = isPipelined
        let report = await client.run()
        #expect(report.acknowledged.count == 200 && report.refused.isEmpty && report.unknown.isEmpty)
        let received = Set(
            server.log.messages.compactMap { message in
                message.content.split(separator: "\r\n").first { $0.hasPrefix(LoadClient.idField) }.map {
                    String($0.dropFirst(11))
                }
            })
        #expect(received == Set(report.acknowledged))
        try await server.stop()
    }
}
