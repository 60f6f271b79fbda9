// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// The bounded queue between the sessions, which live on event loops, and the tasks that decide about transactions.
final class TransactionQueue: Sendable {
    private let stream: AsyncStream<ReceptionTransaction>
    private let continuation: AsyncStream<ReceptionTransaction>.Continuation

    init(limit: Int) {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
    }

    /// - Returns: `false` where the queue is full or closed; the caller keeps the transaction.
    func offer(_ transaction: ReceptionTransaction) -> Bool {
        switch continuation.yield(transaction) {
        case .enqueued: true
        case .dropped, .terminated: false
        @unknown default: false
        }
    }

    /// No more is taken; ``drain(_:)`` returns when what is there is done.
    func close() { continuation.finish() }

    /// Runs a task for each transaction; returns when the queue is closed and all are done.
    func drain(_ body: @escaping @Sendable (ReceptionTransaction) async -> Void) async {
        await withDiscardingTaskGroup { group in
            for await transaction in stream { group.addTask { await body(transaction) } }
        }
    }
}
