// SPDX-License-Identifier: Apache-2.0
import Metrics

/// What is counted of the journal's batches.
enum JournalMetrics {
    private static let syncTime = Metrics.Timer(label: "sluice_journal_sync_duration_seconds")
    private static let batchSize = Recorder(label: "sluice_journal_batch_transactions")
    private static let failures = Counter(label: "sluice_journal_failures_total")

    /// A batch is on stable storage.
    static func synced(_ transactions: Int, in duration: Duration) {
        syncTime.recordNanoseconds(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
        batchSize.record(transactions)
    }

    static func failed() { failures.increment() }
}
