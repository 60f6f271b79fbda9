// SPDX-License-Identifier: Apache-2.0
import Dispatch
import SluiceNative
import Synchronization
import Testing

@Suite("The pool of processor threads", .timeLimit(.minutes(1))) struct CPUPoolTests {
    /// A pool of one thread that is kept busy until the semaphore says so.
    private func busyPool(_ release: DispatchSemaphore) async -> (CPUPool, Task<Void, any Error>) {
        let pool = CPUPool(threads: 1, queueLimit: 2)
        let (begun, hasBegun) = AsyncStream<Void>.makeStream()
        let busy = Task {
            try await pool.run {
                hasBegun.finish()
                release.wait()
            }
        }
        for await _ in begun {}
        return (pool, busy)
    }

    @Test("work whose task was cancelled while it waited never runs, and does not hold up the next")
    func cancelledWhileWaiting() async throws {
        let release = DispatchSemaphore(value: 0)
        let (pool, busy) = await busyPool(release)
        let hasRun = Mutex(false)
        let waiting = Task { try await pool.run { hasRun.withLock { $0 = true } } }
        waiting.cancel()
        // The handler of a cancellation runs in `cancel()`, or at once where the call comes later.
        release.signal()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await busy.value
        #expect(try await pool.run { 7 } == 7)
        #expect(hasRun.withLock { $0 } == false)
    }

    @Test("work past the limit is refused and not kept")
    func overloaded() async throws {
        let release = DispatchSemaphore(value: 0)
        let (pool, busy) = await busyPool(release)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 {
                group.addTask { do { return try await pool.run { true } } catch { return false } }
            }
            // Three are refused at once; the other two wait for the thread.
            var refused = 0
            for await ran in group where !ran {
                refused += 1
                if refused == 3 { release.signal() }
            }
            return refused
        }
        #expect(outcomes == 3)
        try await busy.value
    }
}
