// SPDX-License-Identifier: Apache-2.0
package import Logging
package import Metrics
import Synchronization

/// Where the program's counters, gauges and histograms live: what swift-metrics asks for its handles.
///
/// A handle is asked for once, under a lock, and counts without it. What the catalog does not have, or has as something
/// else, counts nothing and is named in the log. A metric has so many series at most; what comes past that is counted
/// together, under `other`, so that no client can make them more and sums stay right.
package final class MetricsRegistry: MetricsFactory {
    /// The value of every label of the series that takes what is past the limit.
    package static let other = "other"
    private static let overflowsName = "sluice_metrics_overflows_total"
    /// Of so many names that are not in the catalog the log tells.
    private static let unknownLimit = 100

    private enum Cell: Sendable {
        case counter(CounterCell)
        case gauge(GaugeCell)
        case histogram(HistogramCell)

        init(_ definition: MetricDefinition) {
            switch definition.kind {
            case .counter: self = .counter(CounterCell())
            case .gauge: self = .gauge(GaugeCell())
            case .histogram: self = .histogram(HistogramCell(bounds: definition.buckets))
            }
        }

        var value: MetricSample.Value {
            switch self {
            case .counter(let cell): .number(Double(cell.value))
            case .gauge(let cell): .number(cell.value)
            case .histogram(let cell): .histogram(cell.counts)
            }
        }
    }

    private struct Family: Sendable {
        let definition: MetricDefinition
        var series: [[String]: Cell] = [:]
        var overflows: Int64 = 0
    }

    private struct State: Sendable {
        var families: [String: Family]
        var unknown: Set<String> = []
    }

    /// What is wrong with a handle that was asked for.
    private enum Fault: Error {
        /// Said the first time.
        case unknown(isNew: Bool)
        case full(isFirst: Bool, Cell)
    }

    private let state: Mutex<State>
    private let seriesLimit: Int
    private let logger: Logger

    /// - Parameter seriesLimit: how many series one metric may have.
    package init(_ definitions: [MetricDefinition] = MetricCatalog.definitions, seriesLimit: Int = 200, logger: Logger)
    {
        state = Mutex(
            State(
                families: Dictionary(definitions.map { ($0.name, Family(definition: $0)) }) { first, _ in first }))
        self.seriesLimit = seriesLimit
        self.logger = logger
    }

    /// Makes a registry that the whole process counts in from now on. Once in a process, before anything is counted.
    package static func bootstrap(logger: Logger) -> MetricsRegistry {
        let registry = MetricsRegistry(logger: logger)
        MetricsSystem.bootstrap(registry)
        return registry
    }

    /// Every series as it stands.
    package func samples() -> [MetricSample] {
        // Read outside the lock: histograms have locks of their own.
        let (families, overflows) = state.withLock { state in
            (state.families, state.families.values.reduce(0) { $0 + $1.overflows })
        }
        let series = families.flatMap { name, family in
            family.series.map { MetricSample(name, by: $0.key, $0.value.value) }
        }
        return series
            + (families[Self.overflowsName] == nil ? [] : [MetricSample(Self.overflowsName, overflows)])
    }

    private func cell(_ name: String, _ dimensions: [(String, String)], _ kinds: MetricDefinition.Kind...) -> Cell? {
        do throws(Fault) {
            return try state.withLock { state throws(Fault) in
                guard let family = state.families[name], kinds.contains(family.definition.kind),
                    let values = Self.values(family.definition, dimensions)
                else {
                    let isNew = state.unknown.count < Self.unknownLimit && state.unknown.insert(name).inserted
                    throw .unknown(isNew: isNew)
                }
                if let cell = family.series[values] { return cell }
                guard family.series.count < seriesLimit else {
                    let all = family.definition.labels.map { _ in Self.other }
                    let cell = family.series[all] ?? Cell(family.definition)
                    state.families[name]?.series[all] = cell
                    state.families[name]?.overflows += 1
                    throw .full(isFirst: family.overflows == 0, cell)
                }
                let cell = Cell(family.definition)
                state.families[name]?.series[values] = cell
                return cell
            }
        } catch {
            switch error {
            case .unknown(let isNew):
                if isNew {
                    logger.error("a metric is not in the catalog and counts nothing", metadata: ["metric": "\(name)"])
                }
                return nil
            case .full(let isFirst, let cell):
                if isFirst {
                    logger.warning(
                        "a metric has too many series; further ones are counted together",
                        metadata: ["metric": "\(name)", "limit": "\(seriesLimit)", "label": "\(Self.other)"])
                }
                return cell
            }
        }
    }

    /// The values of the labels in the definition's order; `nil` where they are not its labels.
    private static func values(_ definition: MetricDefinition, _ dimensions: [(String, String)]) -> [String]? {
        guard dimensions.count == definition.labels.count else { return nil }
        let values = definition.labels.compactMap { label in dimensions.first { $0.0 == label }?.1 }
        return values.count == dimensions.count ? values : nil
    }
}

extension MetricsRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        guard case .counter(let cell)? = cell(label, dimensions, .counter) else { return NOOPMetricsHandler.instance }
        return cell
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        guard case .histogram(let cell)? = cell(label, dimensions, .histogram) else {
            return NOOPMetricsHandler.instance
        }
        return cell
    }

    /// - Parameter aggregate: whether all values count, or only the last one.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        switch cell(label, dimensions, aggregate ? .histogram : .gauge) {
        case .histogram(let cell)?: cell
        case .gauge(let cell)?: cell
        case .counter?, nil: NOOPMetricsHandler.instance
        }
    }

    /// A series that vanished and came again would look like a restart: all stay.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
}
