// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceServer

/// The real program: it alone counts in the registry that the endpoint tells.
@Suite("Metrics of a server that runs", .serialized, .timeLimit(.minutes(5))) struct MetricsEndToEndTests {
    /// Debian's, installed or unpacked by `scripts/peers.d/fetch .peers prometheus`; `nil` where it isn't there.
    private static let promtool: String? = {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        return [root.appending(path: ".peers/root/usr/bin/promtool").path(percentEncoded: false), "/usr/bin/promtool"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private func dialogue(_ port: Int) async throws -> DialogueRunner {
        let dialogue = try await DialogueRunner.connect(port: port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO client.test", expect: "250")
        return dialogue
    }

    /// Takes a message, refuses one by its content and one by its recipient.
    private func send(to server: ServerProcess) async throws {
        let dialogue = try await dialogue(server.port)
        let gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
        let taken = try await dialogue.transmit(
            "Subject: x\r\n\r\nHello.\r\n", from: "a@client.test", to: ["a@example.org"])
        #expect(taken.hasPrefix("250"))
        let refused = try await dialogue.transmit(
            "Subject: x\r\n\r\n\(gtube)\r\n", from: "a@client.test", to: ["a@example.org"])
        #expect(refused.hasPrefix("550"))
        try await dialogue.send("MAIL FROM:<a@client.test>", expect: "250")
        try await dialogue.send("RCPT TO:<a@elsewhere.test>", expect: "550")
        try await dialogue.send("QUIT", expect: "221")
        try await dialogue.close()
    }

    @Test("count what came, what the stages did, what was delivered, and what the journal synced")
    func counts() async throws {
        let sink = try await Sink.start()
        let server = try await ServerProcess(
            sink: sink.port, pipeline: "[{spf: {}}, {spam: {tag: 5, quarantine: 8, reject: 15}}]", hasMetrics: true)
        try await server.start()
        let port = try #require(server.metricsPort)
        #expect(
            try MetricsText(try await MetricsClient.get("/metrics", port: port).body)[
                "sluice_sessions", "protocol=smtp"] ?? 0 >= 0)
        try await send(to: server)
        _ = try await server.accountWhenDelivered(within: .seconds(20))
        let text = try await MetricsClient.get("/metrics", port: port).body
        let metrics = try MetricsText(text)
        #expect(metrics["sluice_messages_total", "listener=mx,disposition=deliver"] == 1)
        #expect(metrics["sluice_messages_total", "listener=mx,disposition=reject"] == 2)
        #expect(metrics["sluice_messages_total", "listener=mx,disposition=defer"] == 0)
        for stage in ["spf", "spam"] {
            #expect(metrics["sluice_stage_outcomes_total", "stage=\(stage),outcome=ran"] == 2)
            #expect(metrics["sluice_stage_duration_seconds_count", "stage=\(stage)"] == 2)
            #expect(metrics["sluice_stage_duration_seconds_bucket", "stage=\(stage),le=+Inf"] == 2)
            #expect(metrics["sluice_stage_duration_seconds_sum", "stage=\(stage)"] ?? 0 > 0)
        }
        #expect(metrics["sluice_deliveries_total", "outcome=delivered,reply=2yz"] == 1)
        #expect(metrics["sluice_deliveries_total", "outcome=bounced,reply=5yz"] == 0)
        #expect(metrics["sluice_delivery_delay_seconds_count"] == 1)
        #expect(metrics["sluice_delivery_attempt_duration_seconds_count"] == 1)
        #expect(metrics["sluice_journal_sync_duration_seconds_count"] ?? 0 >= 2)
        #expect(metrics["sluice_journal_batch_transactions_sum"] ?? 0 >= 2)
        #expect(metrics["sluice_journal_failures_total"] == 0, "told before there is one")
        #expect(metrics["sluice_refusals_unrecorded_total"] == 0)
        #expect(metrics["sluice_metrics_overflows_total"] == 0)
        #expect(server.terminate() == 0)
        try await sink.stop()
        try check(text)
    }

    /// By Prometheus's own tool, where it is there.
    private func check(_ text: String) throws {
        guard let promtool = Self.promtool else { return }
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "metrics.txt")
        let checked = try runProgram(
            "/bin/sh", ["-c", "\"$0\" check metrics <\"$1\"", promtool, file], in: URL(filePath: folder.path))
        #expect(checked.status == 0, "\(checked.text)")
        #expect(checked.text == "")
    }

    @Test("the alert rules are such that Prometheus takes them", .enabled(if: promtool != nil))
    func rules() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../../packaging/metrics").standardizedFileURL
        let checked = try runProgram(try #require(Self.promtool), ["check", "rules", "alerts.yml"], in: folder)
        #expect(checked.status == 0, "\(checked.text)")
    }

    @Test("say that it is not ready once it ends, while a session is still there")
    func readiness() async throws {
        let sink = try await Sink.start()
        let server = try await ServerProcess(sink: sink.port, pipeline: "[]", hasMetrics: true)
        try await server.start()
        let port = try #require(server.metricsPort)
        #expect(try await MetricsClient.get("/readyz", port: port).status == 200)
        let dialogue = try await dialogue(server.port)
        try await dialogue.send("MAIL FROM:<a@client.test>", expect: "250")
        try await dialogue.send("RCPT TO:<a@example.org>", expect: "250")
        try await dialogue.send("DATA", expect: "354")
        server.signal(SIGTERM)
        let end = ContinuousClock.now + .seconds(10)
        var status: Int?
        while status != 503, ContinuousClock.now < end {
            status = try await MetricsClient.get("/readyz", port: port).status
        }
        #expect(status == 503)
        #expect(try await MetricsClient.get("/healthz", port: port).status == 200)
        try await dialogue.send(octets: "Subject: x\r\n\r\nx\r\n.\r\n")
        #expect(try await dialogue.reply().last?.hasPrefix("250") == true)
        try await dialogue.close()
        #expect(try await server.ended() == 0)
        try await sink.stop()
    }
}
