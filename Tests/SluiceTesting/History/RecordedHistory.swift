// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import Synchronization

/// A history in memory that remembers what it was told, and whose sync can be made to fail.
package final class RecordedHistory: HistoryRecorder {
    private struct State {
        var decisions: [DecisionRecord] = []
        var steps: [RecipientStep] = []
        var synchronizations = 0
        var failure: StorageError?
    }

    private let state = Mutex(State())

    package init() {}

    package var decisions: [DecisionRecord] { state.withLock { $0.decisions } }
    package var steps: [RecipientStep] { state.withLock { $0.steps } }
    package var synchronizations: Int { state.withLock { $0.synchronizations } }

    /// What the next syncs throw; `nil` lets them succeed.
    package func failSynchronize(with error: StorageError?) { state.withLock { $0.failure = error } }

    package func record(_ decision: DecisionRecord) { state.withLock { $0.decisions.append(decision) } }
    package func recordStep(_ step: RecipientStep) { state.withLock { $0.steps.append(step) } }

    package func synchronize() throws {
        try state.withLock { state in
            state.synchronizations += 1
            if let failure = state.failure { throw failure }
        }
    }
}
