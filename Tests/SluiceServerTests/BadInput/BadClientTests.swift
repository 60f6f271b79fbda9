// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

/// Clients that break off, send what is no command, or name thousands of recipients.
@Suite("Bad clients", .timeLimit(.minutes(2))) struct BadClientTests {
    private static let dialogue =
        "EHLO client.test\r\nMAIL FROM:<a@client.test>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n"

    @Test("a client that stops anywhere leaves no message, no session and no file")
    func stopsInTheMiddle() async throws {
        let sink = try await Sink.start()
        let limits = "limits: {sessions_per_client: 4, message_size: 1MB}"
        try await TestServer.run(TestServer.yaml(sink: sink.port, more: limits), in: try TemporaryFolder()) { server in
            let octets = Array(Self.dialogue.utf8)
            for end in stride(from: 0, through: octets.count, by: 7) {
                let client = try await server.connectWhenThereIsRoom()
                try await client.send(octets: String(decoding: octets[..<end], as: UTF8.self))
                try await client.close()
            }
            // Past what is kept in memory: a file is begun, and has to go.
            for size in [200_000, 900_000] {
                let client = try await server.connectWhenThereIsRoom()
                try await client.send(octets: Self.dialogue + String(repeating: "0123456\r\n", count: size / 9))
                try await client.close()
            }
            let last = try await server.connectWhenThereIsRoom()
            try await last.send("EHLO client.test", expect: "250")
            #expect(try await last.transmit("x\r\n", from: "a@client.test", to: ["anna@example.org"]).hasPrefix("250"))
            try await last.close()
            let account = try #require(try await server.ask("account").first)
            #expect(account["accepted"] == 1 && account["unaccounted"] == 0)
            try await server.expectNoStagedContent()
        }
        try await sink.stop()
    }

    @Test("NULs, binary and endless command lines get a 500, and in the end the connection")
    func noCommands() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            for octets in [
                "MAIL FROM:<a\0@client.test>\r\n", String(repeating: "\0", count: 20_000) + "\r\n",
                "\u{1}\u{2}\u{7F}\r\n",
                String(repeating: "NOOP ", count: 20_000) + "\r\n", "NOOP\n\r\n",
            ] {
                let client = try await server.greeted()
                try await client.send(octets: octets)
                #expect(try await client.reply().last?.hasPrefix("50") == true)
                try await client.close()
            }
            #expect(try await server.send().hasPrefix("250"))
        }
        try await sink.stop()
    }

    @Test("recipients past the limit get 452, the others get the message, and each is accounted for")
    func manyRecipients() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            let client = try await server.greeted()
            try await client.send("MAIL FROM:<a@client.test>", expect: "250")
            let commands = (0..<1500).map { "RCPT TO:<u\($0)@example.org>\r\n" }.joined()
            async let sent: Void = client.send(octets: commands)
            var codes: [String: Int] = [:]
            for _ in 0..<1500 { codes[String(try await client.reply().last?.prefix(3) ?? ""), default: 0] += 1 }
            try await sent
            #expect(codes == ["250": 1000, "452": 500])
            try await client.send("DATA", expect: "354")
            try await client.send(octets: "x\r\n.\r\n")
            let id = try TestServer.id(try await client.expect("250").last ?? "")
            _ = try await server.settled(id)
            let account = try #require(try await server.ask("account").first)
            #expect(account["recipients"] == 1000 && account["delivered"] == 1000 && account["unaccounted"] == 0)
            try await client.close()
        }
        try await sink.stop()
    }

    @Test("a resolver that does not answer costs a stage's time-out, and no more than that")
    func silentResolver() async throws {
        struct SilentResolver: Resolver {
            func resolve(_ question: DNSQuestion) async -> DNSAnswer {
                try? await Task.sleep(for: .seconds(600))  // cancelled with the stage
                return DNSAnswer(.timedOut)
            }
        }
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, untrusted: "[{spf: {timeout: 300ms, on_error: defer}}]"),
            in: try TemporaryFolder(), resolver: SilentResolver()
        ) { server in
            let begin = ContinuousClock.now
            let replies = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await server.send() } }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(replies.allSatisfy { $0.hasPrefix("451 4.7.0 could not be checked now (spf)") }, "\(replies)")
            #expect(ContinuousClock.now - begin < .seconds(20))
        }
        try await sink.stop()
    }

    @Test("a log that can't be written, because its disk is full, does not stop the mail")
    func fullLog() async throws {
        let sink = try await Sink.start()
        let server = try await ServerProcess(sink: sink.port, pipeline: "[]")
        server.log = "/dev/full"
        try await server.start()
        var load = LoadClient(port: server.port)
        load.messages = 3
        let report = await load.run()
        #expect(report.acknowledged.count == 3)
        _ = try await sink.messages(atLeast: 3)
        #expect(server.terminate() == 0)
        try await sink.stop()
    }
}

extension TestServer {
    /// A dialogue whose greeting has been read, once the sessions before have gone.
    fileprivate func connectWhenThereIsRoom() async throws -> DialogueRunner {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let dialogue = try await DialogueRunner.connect(port: ports["mx"] ?? 0)
            let greeting = try await dialogue.reply().last ?? ""
            if greeting.hasPrefix("220") { return dialogue }
            try await dialogue.close()
            guard ContinuousClock.now < end else { throw Failure(description: "sessions stay: \(greeting)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Files of content that belongs to no message go soon after their client.
    func expectNoStagedContent() async throws {
        let end = ContinuousClock.now + .seconds(10)
        var files: [String] = []
        repeat {
            files = try FileManager.default.contentsOfDirectory(atPath: state + "/staged")
            if files.isEmpty { return }
            try await Task.sleep(for: .milliseconds(20))
        } while ContinuousClock.now < end
        Issue.record("left behind: \(files)")
    }
}
