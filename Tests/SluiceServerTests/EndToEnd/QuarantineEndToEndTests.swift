// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer
import SluiceTesting
import Testing

@Suite("The quarantine over the control socket", .timeLimit(.minutes(1))) struct QuarantineEndToEndTests {
    private static let gtube =
        "Subject: held\r\n\r\n" + "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
    private static let holding =
        "[{virus: {infected: quarantine, database: embedded}}, {spam: {tag: 5, quarantine: 8, reject: 3000}}]"

    private func run(_ body: @escaping @Sendable (TestServer, Sink) async throws -> Void) async throws {
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, untrusted: Self.holding), in: try TemporaryFolder()
        ) { server in try await body(server, sink) }
        try await sink.stop()
    }

    @Test("list and show tell what is held and why; release delivers it with its trace fields, and says who did it")
    func release() async throws {
        try await run { server, sink in
            let id = try TestServer.id(try await server.send(Self.gtube))
            let held = try #require(try await server.ask("quarantine list").first)
            #expect(held["id"]?.stringValue == id && held["recipients"] == ["anna@example.org"])
            #expect(held["reason"]?.stringValue?.lowercased().contains("spam") == true)
            #expect(held["turned_on"]?["stage"] == "spam")
            let shown = try #require(try await server.ask("quarantine show", ["id": id]).first)
            #expect(shown["content"]?.stringValue == Self.gtube)
            #expect(shown["disposition"] == "quarantine")
            #expect(try await server.ask("queue list").isEmpty)
            #expect(try await server.ask("quarantine release", ["id": id]).first?["released"] == 1)
            let message = try #require(try await sink.messages(atLeast: 1).first)
            #expect(message.content.hasSuffix(Self.gtube) && message.content.hasPrefix("Received: "))
            #expect(message.field("X-Spam-Flag") == "YES")
            let trace = try await server.settled(id)
            let steps = try #require(trace["recipients"]?.arrayValue?.first?["steps"]?.arrayValue)
            #expect(steps.compactMap { $0["state"]?.stringValue } == ["quarantined", "queued", "delivered"])
            let actors = steps.compactMap { $0["by"]?.stringValue }
            #expect(actors.contains("tester"))
            #expect(try await server.ask("quarantine list").isEmpty)
            await #expect(throws: TestServer.Failure.self) { try await server.ask("quarantine release", ["id": id]) }
        }
    }

    @Test("a release scans again: what is found stays held, unless an operator takes it upon himself")
    func infected() async throws {
        try await run { server, sink in
            let id = try TestServer.id(try await server.send(TestMessage.attaching(TestVirus.octets)))
            do {
                try await server.ask("quarantine release", ["id": id])
                Issue.record("it was released")
            } catch let failure as TestServer.Failure {
                #expect(failure.description.hasPrefix("1 \(id) stays in quarantine: virus: "))
            }
            #expect(try await server.ask("quarantine list").count == 1)
            #expect(sink.messages.isEmpty)
            try await server.ask("quarantine release", ["id": id, "infected": "true"])
            #expect(try await sink.messages(atLeast: 1).count == 1)
            let trace = try await server.settled(id)
            let step = try #require(trace["recipients"]?.arrayValue?.first?["steps"]?.arrayValue?.dropFirst().first)
            #expect(step["by"] == "tester" && step["why"] == "released without a virus scan")
        }
    }

    @Test("delete and purge remove, finally and on the record")
    func delete() async throws {
        try await run { server, sink in
            let one = try TestServer.id(try await server.send(Self.gtube))
            let two = try TestServer.id(try await server.send(Self.gtube))
            #expect(try await server.ask("quarantine delete", ["id": one]).first?["deleted"] == 1)
            #expect(try await server.ask("quarantine purge", ["older_than": "3600000"]).first?["deleted"] == 0)
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await server.ask("quarantine purge", ["older_than": "0"]).first?["deleted"] == 1)
            for id in [one, two] {
                let trace = try await server.settled(id)
                #expect(trace["recipients"]?.arrayValue?.first?["state"] == "removed")
            }
            let account = try #require(try await server.ask("account").first)
            #expect(account["removed"] == 2 && account["unaccounted"] == 0)
            #expect(sink.messages.isEmpty)
        }
    }

    @Test("what is not there is told apart from what can't be asked")
    func unknown() async throws {
        try await run { server, _ in
            for (command, arguments, code) in [
                ("quarantine show", ["id": "nosuchid0000"], "66 "), ("quarantine release", [:], "64 "),
                ("trace show", ["id": "nosuchid0000"], "66 "), ("queue show", ["id": "nosuchid0000"], "66 "),
                ("no such command", [:], "64 "), ("quarantine purge", [:], "64 "),
                ("queue list", ["state": "odd"], "64 "),
            ] as [(String, [String: String], String)] {
                do {
                    try await server.ask(command, arguments)
                    Issue.record("\(command) was done")
                } catch let failure as TestServer.Failure { #expect(failure.description.hasPrefix(code)) }
            }
        }
    }

    @Test("where the quarantine is full, what would be held is put off with 451, and nothing is deleted early")
    func full() async throws {
        try await TestServer.run(
            TestServer.yaml(sink: 1, untrusted: Self.holding, more: "quarantine: {size: 300B}"),
            in: try TemporaryFolder()
        ) { server in
            let first = try await server.send(Self.gtube)
            #expect(first.hasPrefix("250"))
            var refused = ""
            for _ in 0..<5 where refused.isEmpty {
                let reply = try await server.send(Self.gtube)
                if !reply.hasPrefix("250") { refused = reply }
            }
            #expect(refused.hasPrefix("451 4.3.1 the quarantine is full"))
            let trace = try #require(try await server.ask("trace show", ["id": try TestServer.id(refused)]).first)
            #expect(trace["disposition"] == "defer" && trace["reply"]?["code"] == 451)
            #expect(try await server.ask("quarantine list").last?["id"]?.stringValue != nil)
            let held = try await server.ask("quarantine show", ["id": try TestServer.id(first)])
            #expect(held.count == 1)
        }
    }
}
