// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("A snapshot") struct TopSnapshotTests {
    private static let samples = [
        MetricSample("sluice_messages_total", by: ["mx", "deliver"], 5),
        MetricSample("sluice_messages_total", by: ["submission", "deliver"], 2),
        MetricSample("sluice_messages_total", by: ["mx", "reject"], 1),
        MetricSample("sluice_sessions", by: ["smtp"], 3), MetricSample("sluice_sessions", by: ["milter"], 4),
        MetricSample("sluice_sessions_refused_total", by: ["smtp", "client"], 6),
        MetricSample("sluice_deliveries_total", by: ["delivered", "2yz"], 7),
        MetricSample("sluice_deliveries_total", by: ["deferred", "4yz"], 1),
        MetricSample("sluice_deliveries_total", by: ["deferred", "none"], 2),
        MetricSample("sluice_queue_recipients", by: ["queued"], 8),
        MetricSample("sluice_queue_oldest_age_seconds", by: ["queued"], 1.5),
        MetricSample("sluice_queue_oldest_age_seconds", by: ["quarantined"], 99_999),
        MetricSample("sluice_stage_outcomes_total", by: ["spf", "ran"], 9),
        MetricSample("sluice_stage_outcomes_total", by: ["spf", "timed_out"], 1),
        MetricSample("sluice_stage_outcomes_total", by: ["spf", "skipped"], 50),
        MetricSample(
            "sluice_stage_duration_seconds", by: ["spf"], .histogram(HistogramCounts(buckets: [], count: 10, sum: 0.25))
        ),
        MetricSample("sluice_pipelines", by: ["running"], 2), MetricSample("sluice_pipelines", by: ["waiting"], 11),
        MetricSample("sluice_workers", by: ["busy"], 1), MetricSample("sluice_workers", by: ["idle"], 3),
        MetricSample(
            "sluice_journal_sync_duration_seconds", .histogram(HistogramCounts(buckets: [], count: 12, sum: 0.006))),
        MetricSample("process_cpu_seconds_total", 3.25), MetricSample("process_open_fds", 77),
    ]

    @Test("adds up what was counted over listeners, replies and protocols")
    func samples() {
        let snapshot = TopFixture.snapshot(10) { $0.add(Self.samples) }
        #expect(snapshot.messages == ["deliver": 7, "reject": 1])
        #expect(snapshot.sessions == 7)
        #expect(snapshot.sessionsRefused == 6)
        #expect(snapshot.deliveries == ["delivered": 7, "deferred": 3])
        #expect(snapshot.queue == ["queued": 8])
        #expect(snapshot.oldestQueued == 1500, "what is in quarantine does not wait for delivery")
        #expect(
            snapshot.stages == [TopFixture.stage("spf", ran: 9, timedOut: 1, skipped: 50, microseconds: 250_000)])
        #expect(snapshot.stages.first?.runs == 10)
        #expect(snapshot.pipelinesRunning == 2 && snapshot.pipelinesWaiting == 11)
        #expect(snapshot.workersBusy == 1 && snapshot.workersIdle == 3)
        #expect(snapshot.syncs == 12 && snapshot.syncMicroseconds == 6000)
        #expect(snapshot.processorMilliseconds == 3250)
    }

    @Test("asks for no metric that the catalog has not")
    func names() {
        let known = Set(MetricCatalog.definitions.map(\.name))
        #expect(Self.samples.allSatisfy { known.contains($0.name) })
    }

    @Test("comes over the control socket as it was")
    func coding() throws {
        let snapshot = TopFixture.snapshot(10) {
            $0.add(Self.samples)
            $0.refusals = [TopFixture.refusal("r1", reply: "550 \"\u{1B}\u{2028}é")]
        }
        let sent = try JSONReader.read(try JSONEncoding.octets(of: snapshot)).written
        #expect(try JSONDecoder().decode(TopSnapshot.self, from: Data(sent.utf8)) == snapshot)
    }
}
