// SPDX-License-Identifier: Apache-2.0
import Logging
import Metrics
import Synchronization
import Testing

@testable import SluiceServer

@Suite("The registry of metrics") struct MetricsRegistryTests {
    private static let definitions: [MetricDefinition] = [
        .counter("test_total", by: ["kind", "place"], "A counter."), .gauge("test_bytes", "A gauge."),
        .histogram("test_seconds", by: ["kind"], buckets: [0.1, 1, 10], "A histogram."),
        .histogram("test_sizes", buckets: [1, 2], "Another."),
        .counter("sluice_metrics_overflows_total", "What did not fit."),
    ]

    /// Collects what is logged.
    private final class Log: Sendable {
        let lines = Mutex<[String]>([])

        var logger: Logger {
            Logger(label: "test") { _ in Handler(log: self) }
        }
    }

    private struct Handler: LogHandler {
        let log: Log
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metric = event.metadata?["metric"].map { "\($0)" } ?? ""
            log.lines.withLock { $0.append("\(event.level) \(event.message) \(metric)") }
        }
    }

    private func value(_ registry: MetricsRegistry, _ name: String, _ labels: [String] = []) -> Double? {
        registry.samples().first { $0.name == name && $0.labels == labels }?.number
    }

    @Test("a counter counts what every handle of the same labels counts, whatever their order")
    func counters() {
        let registry = MetricsRegistry(Self.definitions, logger: Log().logger)
        let first = registry.makeCounter(label: "test_total", dimensions: [("kind", "a"), ("place", "x")])
        let second = registry.makeCounter(label: "test_total", dimensions: [("place", "x"), ("kind", "a")])
        let other = registry.makeCounter(label: "test_total", dimensions: [("kind", "b"), ("place", "x")])
        first.increment(by: 2)
        second.increment(by: 3)
        other.increment(by: 1)
        #expect(first === second)
        #expect(value(registry, "test_total", ["a", "x"]) == 5)
        #expect(value(registry, "test_total", ["b", "x"]) == 1)
    }

    @Test("a counter never goes back: that would look like a restart")
    func neverBack() {
        let registry = MetricsRegistry(Self.definitions, logger: Log().logger)
        let counter = registry.makeCounter(label: "test_total", dimensions: [("kind", "a"), ("place", "x")])
        counter.increment(by: 7)
        counter.increment(by: -3)
        counter.reset()
        registry.destroyCounter(counter)
        #expect(value(registry, "test_total", ["a", "x"]) == 7)
    }

    @Test("a gauge has the value that was set last")
    func gauges() {
        let registry = MetricsRegistry(Self.definitions, logger: Log().logger)
        let gauge = registry.makeRecorder(label: "test_bytes", dimensions: [], aggregate: false)
        gauge.record(Int64(5))
        gauge.record(2.5)
        #expect(value(registry, "test_bytes") == 2.5)
    }

    @Test("a histogram counts a value in the first bucket whose bound is not below it")
    func histograms() throws {
        let registry = MetricsRegistry(Self.definitions, logger: Log().logger)
        let timer = registry.makeTimer(label: "test_seconds", dimensions: [("kind", "a")])
        for nanoseconds: Int64 in [-5, 100_000_000, 100_000_001, 1_000_000_000, 11_000_000_000] {
            timer.recordNanoseconds(nanoseconds)
        }
        let sample = try #require(registry.samples().first { $0.name == "test_seconds" })
        guard case .histogram(let counts) = sample.value else {
            Issue.record("no histogram")
            return
        }
        #expect(counts.buckets == [2, 2, 0])
        #expect(counts.count == 5)
        #expect(abs(counts.sum - 12.200000001) < 1e-9)
        let sizes = registry.makeRecorder(label: "test_sizes", dimensions: [], aggregate: true)
        for size in [1.0, 2, 3, .nan, .infinity] { sizes.record(size) }
        #expect(value(registry, "test_sizes") == 3)
    }

    @Test("past the limit of a metric's series all is counted together, and the log says so once")
    func limit() {
        let log = Log()
        let registry = MetricsRegistry(Self.definitions, seriesLimit: 3, logger: log.logger)
        for index in 0..<10 {
            registry.makeCounter(label: "test_total", dimensions: [("kind", "\(index)"), ("place", "x")])
                .increment(by: 1)
        }
        let series = registry.samples().filter { $0.name == "test_total" }
        #expect(series.count == 4)
        #expect(value(registry, "test_total", ["other", "other"]) == 7)
        #expect(series.reduce(0) { $0 + $1.number } == 10)
        #expect(value(registry, "sluice_metrics_overflows_total") == 7)
        #expect(
            log.lines.withLock { $0 } == [
                "warning a metric has too many series; further ones are counted together test_total"
            ])
    }

    @Test("what the catalog has not, or has otherwise, counts nothing and is named once")
    func unknown() {
        let log = Log()
        let registry = MetricsRegistry(Self.definitions, logger: log.logger)
        for _ in 0..<3 {
            registry.makeCounter(label: "nobody_total", dimensions: []).increment(by: 1)
            registry.makeTimer(label: "test_bytes", dimensions: []).recordNanoseconds(1)
            registry.makeCounter(label: "test_total", dimensions: [("kind", "a")]).increment(by: 1)
            registry.makeTimer(label: "test_seconds", dimensions: [("sort", "a")]).recordNanoseconds(1)
        }
        for index in 0..<1000 { registry.makeCounter(label: "made_\(index)", dimensions: []).increment(by: 1) }
        #expect(registry.samples().map(\.name) == ["sluice_metrics_overflows_total"])
        let lines = log.lines.withLock { $0 }
        #expect(lines.count == 100, "the log is bounded as well")
        #expect(lines.prefix(4).allSatisfy { $0.contains("not in the catalog") })
        #expect(Set(lines).count == lines.count)
    }

    @Test("counts of many tasks at once add up")
    func concurrency() async {
        let registry = MetricsRegistry(Self.definitions, logger: Log().logger)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let dimensions = [("kind", "\(task % 2)"), ("place", "x")]
                    let counter = registry.makeCounter(label: "test_total", dimensions: dimensions)
                    let timer = registry.makeTimer(label: "test_seconds", dimensions: [("kind", "a")])
                    for _ in 0..<1000 {
                        counter.increment(by: 1)
                        timer.recordNanoseconds(2_000_000)
                    }
                }
            }
        }
        #expect(value(registry, "test_total", ["0", "x"]) == 4000)
        #expect(value(registry, "test_total", ["1", "x"]) == 4000)
        #expect(value(registry, "test_seconds", ["a"]) == 8000)
    }

    /// Of several rounds the fastest: the machine does other things too.
    @Test("to count takes less than a microsecond, and a time less than three")
    func cost() {
        let registry = MetricsRegistry(Self.definitions, logger: Log().logger)
        let counter = registry.makeCounter(label: "test_total", dimensions: [("kind", "a"), ("place", "x")])
        let timer = registry.makeTimer(label: "test_seconds", dimensions: [("kind", "a")])
        func fastest(_ body: () -> Void) -> Duration {
            (0..<20).map { _ in
                ContinuousClock().measure { for _ in 0..<1000 { body() } }
            }.min() ?? .zero
        }
        let counting = fastest { counter.increment(by: 1) }
        let timing = fastest { timer.recordNanoseconds(2_000_000) }
        #expect(counting < .microseconds(1000), "\(counting) for 1000")
        #expect(timing < .microseconds(3000), "\(timing) for 1000")
    }
}
