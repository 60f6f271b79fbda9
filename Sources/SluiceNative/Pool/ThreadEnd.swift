// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The end of a thread, for tasks to wait for.
final class ThreadEnd: Sendable {
    private enum State {
        case running([CheckedContinuation<Void, Never>])
        case ended
    }

    private let state = Mutex(State.running([]))

    /// Returns when the thread has ended, however often and by whom it is asked.
    func wait() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                guard case .running(let waiters) = state else { return true }
                state = .running(waiters + [continuation])
                return false
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Said by the thread, as the last thing it does.
    func reached() {
        let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
            guard case .running(let waiters) = state else { return [] }
            state = .ended
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
