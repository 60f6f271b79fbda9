// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative
import SluiceServer
import SluiceTesting
import Testing

@Suite("Submission over sockets", .timeLimit(.minutes(1))) struct SubmissionEndToEndTests {
    private func run(_ body: @escaping @Sendable (TestServer, Sink) async throws -> Void) async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        try TestCertificate.write(toFolder: folder.path)
        var users = UsersFile()
        users.set("anna", try SCRAMVerifier(password: "correct horse", iterations: 4096))
        try users.write(to: folder.path + "/users.txt")
        let yaml = """
            hostname: mx.example.org
            state: state
            listeners:
              - {name: submission, protocol: submission, address: "127.0.0.1:0", pipeline: outbound, certificate: mx.pem, key: mx.key, users: users.txt}
              - {name: mx, protocol: smtp, address: "127.0.0.1:0", pipeline: outbound, certificate: mx.pem, key: mx.key}
            relay:
              domains: {example.org: {route: "smtp://127.0.0.1:\(sink.port)", recipients: any}}
              default_route: "smtp://127.0.0.1:\(sink.port)"
            pipelines: {outbound: []}
            """
        try await TestServer.run(yaml, in: folder) { server in try await body(server, sink) }
        try await sink.stop()
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test(
        "STARTTLS, then AUTH PLAIN or LOGIN against the users file; Date and Message-ID are added",
        arguments: [
            ["AUTH PLAIN \(base64("\u{0}anna\u{0}correct horse"))"],
            ["AUTH LOGIN", base64("anna"), base64("correct horse")],
        ])
    func login(_ lines: [String]) async throws {
        try await run { server, sink in
            let dialogue = try await server.greeted("submission")
            try await dialogue.send("MAIL FROM:<anna@example.org>", expect: "530 5.7.0")
            try await dialogue.startTLS()
            let ehlo = try await dialogue.send("EHLO desk.test", expect: "250")
            #expect(ehlo.contains { $0.hasSuffix("AUTH PLAIN LOGIN") })
            for line in lines.dropLast() { try await dialogue.send(line, expect: "334") }
            try await dialogue.send(lines.last ?? "", expect: "235 2.7.0")
            let reply = try await dialogue.transmit(
                "Subject: out\r\n\r\nbody\r\n", from: "anna@example.org", to: ["x@elsewhere.test"])
            #expect(reply.hasPrefix("250"))
            try await dialogue.close()
            let message = try #require(try await sink.messages(atLeast: 1).first)
            #expect(message.field("Date") != nil)
            #expect(message.field("Message-ID") == "<\(try TestServer.id(reply))@mx.example.org>")
            #expect(message.content.contains(" with ESMTPSA id "))
            #expect(!message.content.contains("login"))
            let trace = try await server.settled(try TestServer.id(reply))
            #expect(trace["client"]?["login"] == "anna" && trace["listener"] == "submission")
        }
    }

    @Test("a wrong password and an unknown login are refused alike, and give no right")
    func refused() async throws {
        try await run { server, _ in
            let dialogue = try await server.greeted("submission")
            try await dialogue.startTLS()
            try await dialogue.send("EHLO desk.test", expect: "250")
            let wrong = try await dialogue.send("AUTH PLAIN \(Self.base64("\u{0}anna\u{0}wrong"))", expect: "535 5.7.8")
            let unknown = try await dialogue.send("AUTH PLAIN \(Self.base64("\u{0}eve\u{0}x"))", expect: "535 5.7.8")
            #expect(wrong == unknown)
            try await dialogue.send("MAIL FROM:<anna@example.org>", expect: "530 5.7.0")
            try await dialogue.close()
        }
    }

    @Test("AUTH without TLS is refused, and a listener without users has none")
    func withoutTLS() async throws {
        try await run { server, _ in
            let plain = try await server.connect("submission")
            let ehlo = try await plain.send("EHLO desk.test", expect: "250")
            #expect(!ehlo.contains { $0.contains("AUTH") } && ehlo.contains { $0.hasSuffix("STARTTLS") })
            try await plain.send("AUTH PLAIN \(Self.base64("\u{0}anna\u{0}correct horse"))", expect: "538 5.7.11")
            try await plain.close()
            let mx = try await server.greeted("mx")
            try await mx.startTLS()
            let secure = try await mx.send("EHLO desk.test", expect: "250")
            #expect(!secure.contains { $0.contains("AUTH") })
            try await mx.send("AUTH PLAIN =", expect: "50")
            try await mx.close()
        }
    }

    @Test("what is pipelined behind STARTTLS is never taken up")
    func injection() async throws {
        try await run { server, sink in
            let dialogue = try await server.greeted("mx")
            try await dialogue.send(octets: "STARTTLS\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<anna@example.org>\r\n")
            try await dialogue.expect("554 5.5.0")
            #expect(try await dialogue.isClosed())
            #expect(try await server.ask("account").first?["accepted"] == 0)
            #expect(sink.messages.isEmpty)
        }
    }

    @Test("mail by TLS on the smtp listener says ESMTPS, and no Date is added to a stranger's")
    func strangerByTLS() async throws {
        try await run { server, sink in
            let dialogue = try await server.greeted("mx")
            try await dialogue.startTLS()
            try await dialogue.send("EHLO client.test", expect: "250")
            #expect(
                try await dialogue.transmit("Subject: x\r\n\r\n", from: "", to: ["anna@example.org"]).hasPrefix("250"))
            try await dialogue.close()
            let message = try #require(try await sink.messages(atLeast: 1).first)
            #expect(message.content.contains(" with ESMTPS id "))
            #expect(message.field("Date") == nil && message.field("Message-ID") == nil)
        }
    }
}
