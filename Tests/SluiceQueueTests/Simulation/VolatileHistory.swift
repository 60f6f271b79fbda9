// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Synchronization

/// A history that has lost the last of what was not synced when its process starts again, and whose sync can fail: then
/// any of it may be lost for good, though the next sync comes back.
final class VolatileHistory: HistoryRecorder {
    private struct State {
        var durable: Set<String> = []
        var waiting: [String] = []
        /// One sync in so many fails, where it is set.
        var failureOdds: Int?
        var generator: SeededGenerator
        var failures = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(generator: SeededGenerator(seed: seed))) }

    var failures: Int { state.withLock { $0.failures } }

    static func entry(decisionOf id: String) -> String { "\(id) decided" }

    func record(_ decision: DecisionRecord) {
        state.withLock { $0.waiting.append(Self.entry(decisionOf: decision.id)) }
    }

    func recordStep(_ step: RecipientStep) {
        state.withLock { $0.waiting.append("\(step.address.localPart) \(step.why)") }
    }

    var isFailing: Bool { state.withLock { $0.failureOdds != nil } }

    func failRandomly(oneIn odds: Int?) { state.withLock { $0.failureOdds = odds } }

    func synchronize() throws {
        try state.withLock { state in
            if let odds = state.failureOdds, Int.random(in: 0..<odds, using: &state.generator) == 0 {
                state.failures += 1
                state.waiting = state.waiting.filter { _ in Bool.random(using: &state.generator) }
                throw StorageError(call: "fdatasync", path: "history", code: 5, meaning: "Input/output error")
            }
            state.durable.formUnion(state.waiting)
            state.waiting = []
        }
    }

    /// The process ends: some of the last that was not synced is gone.
    func restart() {
        state.withLock { state in
            let kept = Int.random(in: 0...state.waiting.count, using: &state.generator)
            state.durable.formUnion(state.waiting.prefix(kept))
            state.waiting = []
            state.failureOdds = nil
        }
    }

    /// The entries that it has, on stable storage or not.
    var entries: Set<String> { state.withLock { $0.durable.union($0.waiting) } }

    /// Forgets what is on stable storage, and says what that is: it can't be lost any more.
    func takeDurable() -> Set<String> {
        state.withLock { state in
            defer { state.durable = [] }
            return state.durable
        }
    }
}
