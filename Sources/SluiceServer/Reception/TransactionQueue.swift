// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceNative
import Synchronization

/// Decides about transactions, away from the event loops on which their sessions live: a task for each, on threads that
/// are kept for that.
///
/// Threads of its own, since the runtime's shared ones are woken one by the other for each piece of a task. How many
/// transactions there are is bounded by the sessions, of which each has one at a time.
final class TransactionQueue: Sendable {
    private struct State {
        var count = 0
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        /// Those who can be told that all is done.
        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            guard isClosed, count == 0 else { return [] }
            defer { waiters = [] }
            return waiters
        }
    }

    private let state = Mutex(State())
    private let threads = CPUPool(threads: max(2, ProcessInfo.processInfo.activeProcessorCount))

    /// Begins to decide about a transaction.
    ///
    /// - Returns: `false` where the queue is closed; nothing is done then.
    func offer(_ decide: @escaping @Sendable () async -> Void) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.count += 1 }
            return !state.isClosed
        }
        guard isTaken else { return false }
        Task(executorPreference: threads) { [self] in
            await decide()
            let waiters = state.withLock { state in
                state.count -= 1
                return state.takeWaiters()
            }
            for waiter in waiters { waiter.resume() }
        }
        return true
    }

    /// No more is taken.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the queue is closed and what was taken is done.
    func drain() async {
        await withCheckedContinuation { continuation in
            let waiters = state.withLock { state in
                state.waiters.append(continuation)
                return state.takeWaiters()
            }
            for waiter in waiters { waiter.resume() }
        }
    }
}
