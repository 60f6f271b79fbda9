// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceServer
import SluiceTesting
import Testing

@Suite("A server's life", .timeLimit(.minutes(1)), .serialized) struct LifecycleEndToEndTests {
    @Test("a restart takes up the queue: what was acknowledged is delivered when the next hop is back")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let first = try await Sink.start()
        let port = first.port
        try await first.stop()
        let yaml = TestServer.yaml(sink: port, more: "queue: {first_retry: 1s, max_retry: 1s}")
        let id = try await TestServer.run(yaml, in: folder) { server in
            let id = try TestServer.id(try await server.send())
            #expect(try await server.ask("queue list").first?["id"]?.stringValue == id)
            return id
        }
        let sink = try await Sink.start(port: port)
        try await TestServer.run(yaml, in: folder) { server in
            #expect(try await sink.messages(atLeast: 1).count == 1)
            let trace = try await server.settled(id)
            #expect(trace["recipients"]?.arrayValue?.first?["state"] == "delivered")
            let account = try #require(try await server.ask("account").first)
            #expect(account["accepted"] == 1 && account["delivered"] == 1 && account["unaccounted"] == 0)
        }
        #expect(sink.messages.count == 1)
        try await sink.stop()
    }

    @Test("a second server on the same state refuses to start, and the first goes on")
    func secondServer() async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        let yaml = TestServer.yaml(sink: sink.port)
        try await TestServer.run(yaml, in: folder) { server in
            await #expect(throws: ServerError.self) { try await TestServer.run(yaml, in: folder) { _ in } }
            let reply = try await server.send()
            #expect(reply.hasPrefix("250"))
        }
        try await TestServer.run(yaml, in: folder) { server in
            let answers = try await server.ask("ping")
            #expect(answers == [["running": true]])
        }
        try await sink.stop()
    }

    @Test("SIGTERM ends idle sessions, lets a transaction in progress end, and then the server")
    func graceful() async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        let yaml = TestServer.yaml(sink: sink.port, more: "limits: {shutdown_timeout: 10s}")
        try await TestServer.run(yaml, in: folder, handlesSignals: true) { server in
            let idle = try await server.greeted()
            let busy = try await server.greeted()
            try await busy.send("MAIL FROM:<a@client.test>", expect: "250")
            try await busy.send("RCPT TO:<anna@example.org>", expect: "250")
            try await busy.send("DATA", expect: "354")
            try await busy.send(octets: "Subject: last\r\n\r\n")
            kill(getpid(), SIGTERM)
            try await idle.expect("421")
            #expect(try await idle.isClosed())
            try await Task.sleep(for: .milliseconds(100))
            await #expect(throws: (any Error).self) { try await server.connect() }
            try await busy.send(".", expect: "250")
            try await idle.close()
            try await busy.close()
            let end = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < end {
                // Gone once nobody answers on the control socket.
                do { try await server.ask("ping") } catch { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            await #expect(throws: ControlClient.NotRunning.self) { try await server.ask("ping") }
        }
        try await TestServer.run(yaml, in: folder) { server in
            let account = try #require(try await server.ask("account").first)
            #expect(account["accepted"] == 1 && account["unaccounted"] == 0)
            #expect(try await sink.messages(atLeast: 1).count == 1)
        }
        try await sink.stop()
    }

    @Test("only its owner may ask it: the control socket has mode 0600")
    func controlSocket() async throws {
        try await TestServer.run(TestServer.yaml(sink: 1), in: try TemporaryFolder()) { server in
            let attributes = try FileManager.default.attributesOfItem(atPath: server.state + "/control.sock")
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        await #expect(throws: ControlClient.NotRunning.self) {
            try await ControlClient.ask(ControlRequest("ping", by: "tester"), state: "/nowhere")
        }
    }

    @Test("under load of many connections everything acknowledged arrives, and the account adds up")
    func load() async throws {
        let sink = try await Sink.start()
        let load = try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            var client = LoadClient(port: server.ports["mx"] ?? 0)
            client.connections = 20
            client.messages = 200
            client.messagesPerConnection = 5
            client.isPipelined = true
            let report = await client.run()
            _ = try await sink.messages(atLeast: report.acknowledged.count)
            let end = ContinuousClock.now + .seconds(20)
            var account = JSONValue.null
            repeat {
                account = try await server.ask("account").first ?? .null
                try await Task.sleep(for: .milliseconds(20))
            } while account["queued"] != 0 && ContinuousClock.now < end
            #expect(account["accepted"] == 200 && account["delivered"] == 200 && account["unaccounted"] == 0)
            #expect(account["chain"] == "intact")
            return report
        }
        #expect(load.acknowledged.count == 200)
        #expect(Set(sink.messages.compactMap { $0.field(LoadClient.idField) }) == Set(load.acknowledged))
        #expect(sink.messages.count == 200)
        try await sink.stop()
    }

    @Test("what the next hop refuses is bounced to its sender, and nothing follows on a null reverse-path")
    func bounce() async throws {
        let sink = try await Sink.start(
            SinkScript { step in
                if case .recipient("anna@example.org") = step { .reply("550 5.2.1 closed") } else { nil }
            })
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: try TemporaryFolder()) { server in
            let bounced = try TestServer.id(try await server.send())
            let notice = try #require(try await sink.messages(atLeast: 1).first)
            #expect(notice.reversePath.isEmpty && notice.recipients == ["sender@client.test"])
            #expect(notice.content.contains("multipart/report") && notice.content.contains("550 5.2.1 closed"))
            let trace = try await server.settled(bounced)
            #expect(trace["recipients"]?.arrayValue?.first?["state"] == "bounced")
            let silent = try TestServer.id(try await server.send(from: ""))
            #expect(try await server.settled(silent)["recipients"]?.arrayValue?.first?["state"] == "bounced")
            let account = try #require(try await server.ask("account").first)
            #expect(account["unaccounted"] == 0 && account["bounced"] == 2)
            #expect(sink.messages.count == 1)
        }
        try await sink.stop()
    }

    @Test("queue: hold, release, flush and delete do what they say")
    func queue() async throws {
        let first = try await Sink.start()
        let port = first.port
        try await first.stop()
        try await TestServer.run(TestServer.yaml(sink: port), in: try TemporaryFolder()) { server in
            let one = try TestServer.id(try await server.send())
            let two = try TestServer.id(try await server.send())
            #expect(try await server.ask("queue list").count == 2)
            #expect(try await server.ask("queue hold", ["id": one]).first?["changed"] == 1)
            #expect(try await server.ask("queue list", ["state": "held"]).map { $0["id"]?.stringValue } == [one])
            #expect(try await server.ask("queue delete", ["id": two]).first?["changed"] == 1)
            #expect(try await server.settled(two)["recipients"]?.arrayValue?.first?["state"] == "removed")
            let statistics = try #require(try await server.ask("queue stats").first)
            #expect(statistics["held"] == 1 && statistics["queued"] == 0)
            let sink = try await Sink.start(port: port)
            try await Task.sleep(for: .milliseconds(50))
            #expect(sink.messages.isEmpty)
            #expect(try await server.ask("queue release", ["id": one]).first?["changed"] == 1)
            try await server.ask("queue flush")
            #expect(try await sink.messages(atLeast: 1).count == 1)
            #expect(try await server.settled(one)["recipients"]?.arrayValue?.first?["state"] == "delivered")
            try await sink.stop()
        }
    }
}
