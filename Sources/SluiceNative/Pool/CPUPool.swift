// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A bounded pool of threads on which C libraries and other work that needs the processor run, so that neither an
/// event loop nor a task's thread is held up.
///
/// Work waits in a queue of bounded length; past it ``run(_:)`` throws ``CPUPoolError/overloaded``. A pool may also be
/// what tasks prefer to run on: their pieces are never refused, so whoever makes the tasks bounds them.
package final class CPUPool: TaskExecutor {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var next = 0
        /// Threads that wait for a signal and have not been given one.
        var idle = 0

        /// Adds work.
        ///
        /// - Returns: whether a thread has to be woken: one that is at work sees for itself what waits.
        mutating func add(_ work: @escaping @Sendable () -> Void) -> Bool {
            waiting.append(work)
            guard idle > 0 else { return false }
            idle -= 1
            return true
        }
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
                while let step = self?.take() {
                    switch step {
                    case .work(let work): work()
                    case .wait: signal.wait()
                    }
                }
            }
            thread.name = "sluice-cpu-\(index)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    deinit { for _ in 0..<threadCount { signal.signal() } }

    private enum Step {
        case work(@Sendable () -> Void)
        case wait
    }

    private func take() -> Step {
        state.withLock { state in
            guard state.next < state.waiting.count else {
                state.idle += 1
                return .wait
            }
            let work = state.waiting[state.next]
            state.waiting[state.next] = {}
            state.next += 1
            if state.next == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: state.next <= 256)
                state.next = 0
            } else if state.next > 256, state.next * 2 > state.waiting.count {
                state.waiting.removeFirst(state.next)
                state.next = 0
            }
            return .work(work)
        }
    }

    /// Takes a piece of a task that prefers to run here.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wakes = state.withLock { state in
            state.add { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
        if wakes { signal.signal() }
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
                run {
                    if isCancelled.isSet { throw CancellationError() }
                    return try body()
                } then: {
                    continuation.resume(with: $0)
                }
            }
        } onCancel: {
            isCancelled.set()
        }
    }

    /// Runs a closure on a thread of the pool and tells there what it returned, without a task.
    ///
    /// - Parameter then: told ``CPUPoolError/overloaded`` at once where too much waits already, or what the closure
    ///   returned or threw.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value, then: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let wakes: Bool? = state.withLock { state in
            guard state.waiting.count - state.next < queueLimit else { return nil }
            return state.add { then(Result { try body() }) }
        }
        switch wakes {
        case true?: signal.signal()
        case false?: break
        case nil: then(.failure(CPUPoolError.overloaded))
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
