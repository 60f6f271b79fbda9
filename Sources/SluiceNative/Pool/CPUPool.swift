// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A bounded pool of threads on which C libraries and other work that needs the processor run, so that neither an
/// event loop nor a task's thread is held up.
///
/// Work waits in a queue of bounded length; past it ``run(_:)`` throws ``CPUPoolError/overloaded``.
package final class CPUPool: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var next = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Wakes the pool's own threads; no task ever waits for it.
    private let signal: DispatchSemaphore
    private let queueLimit: Int
    private let threadCount: Int

    /// - Parameters:
    ///   - threads: how many calls may run at once.
    ///   - queueLimit: how many may wait.
    package init(threads: Int, queueLimit: Int = 4096) {
        signal = DispatchSemaphore(value: 0)
        self.queueLimit = queueLimit
        threadCount = max(1, threads)
        for index in 0..<threadCount {
            let thread = Thread { [weak self, signal] in
                while true {
                    signal.wait()
                    guard let work = self?.take() else { return }
                    work()
                }
            }
            thread.name = "sluice-cpu-\(index)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    deinit { for _ in 0..<threadCount { signal.signal() } }

    private func take() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.next < state.waiting.count else { return nil }
            let work = state.waiting[state.next]
            state.waiting[state.next] = {}
            state.next += 1
            if state.next > 256, state.next * 2 > state.waiting.count {
                state.waiting.removeFirst(state.next)
                state.next = 0
            }
            return work
        }
    }

    /// Runs a closure on a thread of the pool and returns what it returns.
    ///
    /// A call in C can't be interrupted: where the task is cancelled meanwhile, a closure that has begun still runs to
    /// its end. One that has not begun never does: nobody waits for its answer, and others wait for the thread.
    /// - Throws: ``CPUPoolError/overloaded`` where too much waits already, `CancellationError`, or what the closure
    ///   throws.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isCancelled = CancellationMark()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let accepted = state.withLock { state in
                    guard state.waiting.count - state.next < queueLimit else { return false }
                    state.waiting.append {
                        if isCancelled.isSet {
                            continuation.resume(throwing: CancellationError())
                        } else {
                            continuation.resume(with: Result { try body() })
                        }
                    }
                    return true
                }
                if accepted { signal.signal() } else { continuation.resume(throwing: CPUPoolError.overloaded) }
            }
        } onCancel: {
            isCancelled.set()
        }
    }
}

/// Whether the task that gave the pool some work has been cancelled since.
private final class CancellationMark: Sendable {
    private let mark = Atomic(false)

    func set() { mark.store(true, ordering: .relaxed) }
    var isSet: Bool { mark.load(ordering: .relaxed) }
}

package enum CPUPoolError: Error, CustomStringConvertible {
    case overloaded
    package var description: String { "the pool of processor threads is overloaded" }
}
