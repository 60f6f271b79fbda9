// SPDX-License-Identifier: Apache-2.0
import Metrics

/// What is counted of the journal's batches.
struct JournalMetrics: Sendable {
    /// The process's. Made whole with the first batch: failures are then told as 0 before there is one, without which
    /// nobody could see that they got more.
    private static let shared = JournalMetrics()

    private let syncTime = Metrics.Timer(label: "sluice_journal_sync_duration_seconds")
    private let batchSize = Recorder(label: "sluice_journal_batch_transactions")
    private let failures = Counter(label: "sluice_journal_failures_total")

    /// A batch is on stable storage.
    static func synced(_ transactions: Int, in duration: Duration) {
        let (seconds, attoseconds) = duration.components
        shared.syncTime.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        shared.batchSize.record(transactions)
    }

    static func failed() { shared.failures.increment() }
}
