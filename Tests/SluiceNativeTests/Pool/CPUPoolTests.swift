// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
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

    @Test("work without a task is told what became of it, also that too much waits")
    func withoutTask() async throws {
        let release = DispatchSemaphore(value: 0)
        let (pool, busy) = await busyPool(release)
        let (outcomes, told) = AsyncStream<Int>.makeStream()
        for number in 0..<3 {
            pool.run {
                if number == 1 { throw CPUPoolError.overloaded }
                return number
            } then: { result in
                switch result {
                case .success(let value): told.yield(value)
                case .failure: told.yield(-number)
                }
            }
        }
        release.signal()
        var seen: [Int] = []
        for await outcome in outcomes.prefix(3) { seen.append(outcome) }
        #expect(seen == [-2, 0, -1], "two wait and the third is refused at once")
        try await busy.value
    }

    @Test("a task that prefers the pool runs on its thread, before and after it has waited")
    func preferred() async throws {
        let pool = CPUPool(threads: 1)
        let own = try await pool.run { pthread_self() }
        let threads = await Task(executorPreference: pool) {
            var threads = [pthread_self()]
            for _ in 0..<10 {
                await Task.yield()
                threads.append(pthread_self())
            }
            return threads
        }.value
        #expect(threads == Array(repeating: own, count: 11))
    }

    @Test("pieces of tasks are taken whatever waits; what the pool is asked to run is not")
    func piecesAreNotRefused() async throws {
        let release = DispatchSemaphore(value: 0)
        let (pool, busy) = await busyPool(release)
        let tasks = (0..<100).map { number in Task(executorPreference: pool) { number } }
        await #expect(throws: CPUPoolError.overloaded) { try await pool.run {} }
        release.signal()
        var numbers: [Int] = []
        for task in tasks { numbers.append(await task.value) }
        #expect(numbers == Array(0..<100))
        try await busy.value
    }

    @Test("no thread sleeps while there is work: thousands of calls from many tasks all come back")
    func noLostWork() async throws {
        let pool = CPUPool(threads: 3)
        let tasks = (0..<8).map { number in
            Task(executorPreference: number.isMultiple(of: 2) ? pool : nil) {
                var sum = 0
                for _ in 0..<500 { sum += try await pool.run { 1 } }
                return sum
            }
        }
        var sum = 0
        for task in tasks { sum += try await task.value }
        #expect(sum == 4000)
    }
}
