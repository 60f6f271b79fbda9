// SPDX-License-Identifier: Apache-2.0
import SluiceNative
import Synchronization

/// Decides about transactions: a task for each.
///
/// What may take long runs away from the event loops on which the sessions live, on threads that are kept for that: the
/// runtime's shared ones are woken one by the other for each piece of a task. A stage that waits goes on there all the
/// same (`withDeadline`). Tasks are not structured, since nobody waits for one but its session, by a promise; ``drain()``
/// waits for all. Each session has one at a time; those whose session has gone end before the chain, or wait for their
/// turn there in a queue that has a limit.
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
    private let threads: CPUPool

    init(threads: CPUPool) { self.threads = threads }

    /// Begins to decide about a transaction.
    ///
    /// - Parameter isShort: it takes no longer than a change of threads, there and back, unless it waits for something: it
    ///   begins on the caller's thread.
    /// - Returns: `false` where the queue is closed; nothing is done then.
    func offer(isShort: Bool = false, _ decide: @escaping @Sendable () async -> Void) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.count += 1 }
            return !state.isClosed
        }
        guard isTaken else { return false }
        if isShort {
            Task.immediate { [self] in
                await decide()
                isDone()
            }
        } else {
            Task(executorPreference: threads) { [self] in
                await decide()
                isDone()
            }
        }
        return true
    }

    private func isDone() {
        let waiters = state.withLock { state in
            state.count -= 1
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
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
