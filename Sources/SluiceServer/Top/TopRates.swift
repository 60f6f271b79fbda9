// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What happened between two snapshots, a second each. Pure.
///
/// Without an earlier one, or where the server was started anew between them, it is the mean since the start.
package struct TopRates: Hashable, Sendable {
    /// How much a stage had to do.
    package struct Stage: Hashable, Sendable {
        package var name: String
        /// Runs a second.
        package var runs: Double
        /// How long one took, in milliseconds; `nil` where there was none.
        package var milliseconds: Double?
        /// Since the start.
        package var failed: Int64
        package var timedOut: Int64
    }

    /// What it is reckoned over.
    package let seconds: Double
    /// Decisions a second, by disposition.
    package let dispositions: [Disposition: Double]
    package let unrecordedRefusals: Double
    /// By outcome.
    package let deliveries: [String: Double]
    package let sessionsRefused: Double
    package let syncs: Double
    /// How long a sync took, in milliseconds; `nil` where there was none.
    package let syncMilliseconds: Double?
    /// Of one processor; more than 1 where several work.
    package let processorShare: Double
    /// The slowest first.
    package let stages: [Stage]

    package init(from earlier: TopSnapshot?, to later: TopSnapshot) {
        // Counts of another process, or from before a clock that was set back, say nothing.
        let earlier = earlier.flatMap { $0.started == later.started && $0.time < later.time ? $0 : nil }
        let seconds = max(0.001, Double((later.time - (earlier?.time ?? later.started)).wholeMilliseconds) / 1000)
        self.seconds = seconds
        func since(_ count: (TopSnapshot) -> Int64) -> Int64 { max(0, count(later) - (earlier.map(count) ?? 0)) }
        func rate(_ count: (TopSnapshot) -> Int64) -> Double { Double(since(count)) / seconds }
        func mean(_ microseconds: (TopSnapshot) -> Int64, _ count: (TopSnapshot) -> Int64) -> Double? {
            let number = since(count)
            return number == 0 ? nil : Double(since(microseconds)) / 1000 / Double(number)
        }
        dispositions = Dictionary(
            uniqueKeysWithValues: Disposition.allCases.map { disposition in
                (disposition, rate { $0.messages[disposition.rawValue] ?? 0 })
            })
        unrecordedRefusals = rate(\.unrecordedRefusals)
        deliveries = Dictionary(
            uniqueKeysWithValues: later.deliveries.keys.map { outcome in (outcome, rate { $0.deliveries[outcome] ?? 0 })
            }
        )
        sessionsRefused = rate(\.sessionsRefused)
        syncs = rate(\.syncs)
        syncMilliseconds = mean(\.syncMicroseconds, \.syncs)
        processorShare = rate(\.processorMilliseconds) / 1000
        stages = later.stages.map { stage in
            func its(_ count: @escaping (TopSnapshot.Stage) -> Int64) -> (TopSnapshot) -> Int64 {
                { snapshot in snapshot.stages.first { $0.name == stage.name }.map(count) ?? 0 }
            }
            return Stage(
                name: stage.name, runs: rate(its(\.runs)), milliseconds: mean(its(\.microseconds), its(\.runs)),
                failed: stage.failed, timedOut: stage.timedOut)
        }.sorted { ($1.milliseconds ?? -1, $0.name) < ($0.milliseconds ?? -1, $1.name) }
    }

    /// All decisions a second.
    package var messages: Double { dispositions.values.reduce(0, +) }
}
