// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Runs asynchronous work on the thread that asks for it, so that the same input always goes the same way.
final class CallingThread: TaskExecutor {
    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    private let jobs = Mutex<[UnownedJob]>([])
    private let signal = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        signal.signal()
    }

    /// Runs it to its end and returns what it returns.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
        let executor = CallingThread()
        let box = Box<Value>()
        Task(executorPreference: executor) {
            let value = await body()
            box.value.withLock { $0 = value }
        }
        while true {
            if let value = box.value.withLock({ $0 }) { return value }
            executor.signal.wait()
            let job = executor.jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            job?.runSynchronously(on: executor.asUnownedTaskExecutor())
        }
    }
}
