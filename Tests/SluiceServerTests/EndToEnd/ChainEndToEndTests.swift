// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceFilter
import SluiceNative
import SluiceServer
import SluiceStages
import SluiceTesting
import Testing

/// A resolver that answers nothing, ever, or only after a while.
private struct SilentResolver: Resolver {
    var delay = Duration.seconds(3600)

    func resolve(_ question: DNSQuestion) async -> DNSAnswer {
        // Cancelled: then nobody waits for the answer any more.
        try? await Task.sleep(for: delay)
        return DNSAnswer(.timedOut)
    }
}

@Suite("The chain over sockets", .timeLimit(.minutes(1))) struct ChainEndToEndTests {
    private static let gtube =
        "Subject: x\r\n\r\n" + "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
    private static let virus = TestMessage.attaching(TestVirus.octets)
    private static let scanner = "{virus: {infected: reject, database: embedded}}"

    @Test("a virus is found by the worker and refused by its name, with the id to ask for")
    func virus() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, untrusted: "[\(Self.scanner)]"), in: try TemporaryFolder()
        ) { server in
            let reply = try await server.send(Self.virus)
            #expect(reply.hasPrefix("554 5.7.1 "))
            #expect(reply.lowercased().contains("eicar"))
            let trace = try #require(try await server.ask("trace show", ["id": try TestServer.id(reply)]).first)
            #expect(trace["disposition"] == "reject" && trace["turned_on"]?["stage"] == "virus")
            #expect(try await server.send().hasPrefix("250"))
            #expect(try await sink.messages(atLeast: 1).count == 1)
        }
        try await sink.stop()
    }

    @Test("spam is refused with a sentence of the category: no rule, no score, no threshold")
    func spam() async throws {
        try await TestServer.run(
            TestServer.yaml(sink: 1, untrusted: "[{spam: {}}]"), in: try TemporaryFolder()
        ) { server in
            let reply = try await server.send(Self.gtube)
            #expect(reply.hasPrefix("550 5.7.1 ") && reply.lowercased().contains("spam"))
            #expect(!reply.contains("GTUBE") && !reply.contains("1000"))
            let trace = try #require(try await server.ask("trace show", ["id": try TestServer.id(reply)]).first)
            #expect(trace["turned_on"]?["name"]?.stringValue?.contains("GTUBE") == true)
            #expect(trace["findings"]?.arrayValue?.isEmpty == false)
        }
    }

    @Test("two recipients with different outcomes become two queue items, and the client reads 250 once")
    func twoOutcomes() async throws {
        let sink = try await Sink.start()
        let stage =
            "{spam: {tag: 5, quarantine: 8, reject: 15, recipients: {strict@example.org: {tag: 2, quarantine: 3, reject: 3000}, anna@example.org: {quarantine: 2000, reject: 3000}}}}"
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, untrusted: "[\(stage)]"), in: try TemporaryFolder()
        ) { server in
            let reply = try await server.send(Self.gtube, to: ["anna@example.org", "strict@example.org"])
            #expect(reply.hasPrefix("250"))
            #expect(try await sink.messages(atLeast: 1).map(\.recipients) == [["anna@example.org"]])
            let trace = try await server.settled(try TestServer.id(reply))
            #expect(trace["queue_ids"]?.arrayValue?.count == 2)
            #expect(
                trace["recipients"]?.arrayValue?.map { $0["state"]?.stringValue } == ["delivered", "quarantined"])
            #expect(trace["disposition"] == "quarantine")
            let account = try #require(try await server.ask("account").first)
            #expect(account["accepted"] == 1 && account["recipients"] == 2 && account["unaccounted"] == 0)
            #expect(account["delivered"] == 1 && account["quarantined"] == 1)
        }
        try await sink.stop()
    }

    @Test(
        "a resolver that never answers costs a stage its time-out, and its on_error applies",
        arguments: [
            ("pass", "250"), ("defer", "451 4.7.0"), ("refuse", "554 5.7.0"), ("quarantine", "250"),
        ])
    func silentResolver(_ policy: String, _ code: String) async throws {
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, untrusted: "[{spf: {timeout: 200ms, on_error: \(policy)}}]"),
            in: try TemporaryFolder(), resolver: SilentResolver()
        ) { server in
            let reply = try await server.send()
            #expect(reply.hasPrefix(code))
            let id = try TestServer.id(reply)
            let trace = try await server.settled(id)
            let stage = try #require(trace["stages"]?.arrayValue?.first)
            #expect(stage["outcome"] == "timed_out" && stage["policy"]?.stringValue == policy)
            #expect(trace["findings"]?.arrayValue?.first?["name"] == "NOT_CHECKED")
            if policy == "pass" {
                let message = try #require(try await sink.messages(atLeast: 1).first)
                #expect(message.field("X-Sluice-Stages") == "spf=timed_out (pass)")
                #expect(message.field("X-Spam-Score") == nil)
            }
        }
        try await sink.stop()
    }

    @Test("pipeline_timeout cuts off what takes longer")
    func pipelineTimeout() async throws {
        try await TestServer.run(
            TestServer.yaml(
                sink: 1, untrusted: "[{spf: {on_error: pass}}, {virus: {database: embedded, on_error: defer}}]",
                more: "limits: {pipeline_timeout: 1s}"), in: try TemporaryFolder(), resolver: SilentResolver()
        ) { server in
            let reply = try await server.send()
            #expect(reply.hasPrefix("451 4.7.0"))
            let trace = try #require(try await server.ask("trace show", ["id": try TestServer.id(reply)]).first)
            #expect(trace["stages"]?.arrayValue?.map { $0["outcome"]?.stringValue } == ["timed_out", "timed_out"])
        }
    }

    @Test("past the limit on pipelines and the bounded wait the client reads 451")
    func busy() async throws {
        let more = "limits: {pipelines: 1, pipeline_timeout: 1s}"
        try await TestServer.run(
            TestServer.yaml(sink: 1, untrusted: "[{spf: {timeout: 900ms, on_error: pass}}]", more: more),
            in: try TemporaryFolder(), resolver: SilentResolver()
        ) { server in
            let replies = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { try await server.send() } }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(replies.contains { $0.hasPrefix("250") })
            let refused = replies.filter { $0.hasPrefix("451 4.3.2") }
            #expect(!refused.isEmpty)
            #expect(replies.allSatisfy { $0.hasPrefix("250") || $0.hasPrefix("451 4.3.2") })
            for reply in refused {
                #expect(try await server.ask("trace show", ["id": try TestServer.id(reply)]).count == 1)
            }
        }
    }

    @Test("a client that goes away before the commit leaves no message")
    func clientGone() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, untrusted: "[{spf: {timeout: 500ms, on_error: pass}}]"),
            in: try TemporaryFolder(), resolver: SilentResolver()
        ) { server in
            let dialogue = try await server.greeted()
            try await dialogue.send("MAIL FROM:<a@client.test>", expect: "250")
            try await dialogue.send("RCPT TO:<anna@example.org>", expect: "250")
            try await dialogue.send("DATA", expect: "354")
            try await dialogue.send(octets: "Subject: gone\r\n\r\n.\r\n")
            try await Task.sleep(for: .milliseconds(50))
            try await dialogue.close()
            try await Task.sleep(for: .milliseconds(900))
            #expect(try await server.ask("account").first?["accepted"] == 0)
            #expect(try await server.ask("queue list").isEmpty)
            #expect(sink.messages.isEmpty)
            let half = try await server.greeted()
            try await half.send("MAIL FROM:<a@client.test>", expect: "250")
            try await half.send("RCPT TO:<anna@example.org>", expect: "250")
            try await half.send("DATA", expect: "354")
            try await half.send(octets: "Subject: half\r\n\r\nno end")
            try await half.close()
            #expect(try await server.ask("account").first?["accepted"] == 0)
        }
        try await sink.stop()
    }

    @Test("where the worker or freshclam's database is missing, on_error applies", arguments: FailurePolicy.allCases)
    func noScanner(_ policy: FailurePolicy) async throws {
        let folder = try TemporaryFolder()
        let reading = ServerConfiguration.read(
            TestServer.yaml(
                sink: 1, untrusted: "[{virus: {database: embedded, on_error: \(policy.rawValue)}}]",
                trusted: "[{virus: {database: official, database_folder: none, on_error: \(policy.rawValue)}}]"),
            file: "sluice.yml", directory: folder.path)
        let configuration = try #require(reading.configuration)
        let worker = try #require(WorkerPool.findExecutable())
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        for (name, workers) in [
            ("inbound", pool("/nowhere/sluice-worker", logger)), ("outbound", pool(worker, logger)),
        ] {
            let services = StageServices(
                resolver: TestZone([:]), time: SystemTime(), logger: logger, pool: CPUPool(threads: 1), workers: workers
            )
            let pipelines = try Pipelines(configuration.pipelines, services: services, logger: logger)
            let scan = Scan(
                pipeline: try #require(pipelines[name]), hostname: "mx.test", timeout: .seconds(20),
                resolver: TestZone([:]))
            let anna = Mailbox(localPart: "anna", domain: "example.org")
            let record = try await scan.evaluate(
                ByteBuffer(string: "Subject: x\r\n\r\n"), id: "1", client: nil,
                envelope: Envelope(reversePath: .null, recipients: [anna]), isTrusted: false,
                now: Timestamp(seconds: 1_790_000_000))
            await workers.shutdown()
            #expect(record.stages.first?.outcome == .failed)
            #expect(record.stages.first?.policy == policy)
            #expect(record.findings.map(\.finding.name) == ["NOT_CHECKED"])
            #expect(record.disposition == policy.verdict(of: "virus").disposition)
        }
    }

    private func pool(_ executable: String, _ logger: Logger) -> WorkerPool {
        WorkerPool(
            .init(executable: executable, count: 1, embeddedDatabases: EmbeddedVirusDatabase.files), logger: logger)
    }

    @Test("a worker that is missing is a clear error when the pipelines are made")
    func noWorker() throws {
        let configuration = try #require(
            ServerConfiguration.read(
                TestServer.yaml(sink: 1, untrusted: "[\(Self.scanner)]"), file: "sluice.yml", directory: "/tmp"
            ).configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let services = StageServices(
            resolver: TestZone([:]), time: SystemTime(), logger: logger, pool: CPUPool(threads: 1), workers: nil)
        let error = #expect(throws: PipelinesError.self) {
            try Pipelines(configuration.pipelines, services: services, logger: logger)
        }
        #expect(error?.description.contains("sluice-worker was found neither beside sluice nor") == true)
    }
}
