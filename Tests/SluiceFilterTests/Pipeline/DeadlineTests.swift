// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SluiceFilter

@Suite("A deadline") struct DeadlineTests {
    private func word<Value>(_ outcome: DeadlineOutcome<Value>) -> String {
        switch outcome {
        case .finished(let value): "finished \(value)"
        case .failed(let error): "failed \(type(of: error))"
        case .timedOut: "timed out"
        }
    }

    @Test("passes on what the work returns or throws")
    func outcomes() async {
        #expect(word(await withDeadline(.seconds(20)) { 1 }) == "finished 1")
        #expect(word(await withDeadline(.seconds(20)) { () -> Int in throw Failing.Broken() }) == "failed Broken")
    }

    @Test("that has passed already starts nothing")
    func passed() async {
        let outcome = await withDeadline(.zero) {
            Issue.record("it must not start")
            return 1
        }
        #expect(word(outcome) == "timed out")
    }

    @Test("cancels the work when it passes, and drops its late answer")
    func cancels() async {
        let (cancelled, continuation) = AsyncStream<Bool>.makeStream()
        let outcome = await withDeadline(.milliseconds(20)) {
            do { try await Task.sleep(for: .seconds(20)) } catch { continuation.yield(true) }
            continuation.finish()
            return 1
        }
        #expect(word(outcome) == "timed out")
        var wasCancelled = false
        for await value in cancelled { wasCancelled = value }
        #expect(wasCancelled)
    }

    @Test("is kept where the work waits for what never comes, and work that began at once is awaited")
    func waits() async {
        let (never, continuation) = AsyncStream<Int>.makeStream()
        let late = await withDeadline(.milliseconds(20)) {
            for await value in never { return value }
            return 0
        }
        #expect(word(late) == "timed out")
        continuation.finish()
        let inTime = await withDeadline(.seconds(20)) {
            await Task.yield()
            return 2
        }
        #expect(word(inTime) == "finished 2")
    }

    @Test("ends at once where the caller is cancelled")
    func callerCancelled() async {
        let task = Task { word(await withDeadline(.seconds(20)) { try await Task.sleep(for: .seconds(20)) }) }
        task.cancel()
        #expect(await task.value == "failed CancellationError")
    }
}
