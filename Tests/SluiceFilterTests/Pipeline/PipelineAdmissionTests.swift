// SPDX-License-Identifier: Apache-2.0
import SluiceFilter
import Synchronization
import Testing

@Suite("The limit on pipelines at once") struct PipelineAdmissionTests {
    /// Holds those who run until it is opened.
    private final class Gate: Sendable {
        private let (stream, continuation) = AsyncStream<Void>.makeStream()
        func open() { continuation.finish() }
        func wait() async { for await _ in stream {} }
    }

    private final class Tally: Sendable {
        let counts = Mutex((running: 0, most: 0, done: 0))
        func enter() {
            counts.withLock {
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
        }
        func leave() {
            counts.withLock {
                $0.running -= 1
                $0.done += 1
            }
        }
    }

    @Test("is never passed, and whoever waits gets his turn")
    func limit() async {
        let admission = PipelineAdmission(limit: 3, waitLimit: 100, wait: .seconds(20))
        let tally = Tally()
        await withTaskGroup(of: Int?.self) { group in
            for number in 0..<50 {
                group.addTask {
                    await admission.run {
                        tally.enter()
                        await Task.yield()
                        tally.leave()
                        return number
                    }
                }
            }
            var values: Set<Int> = []
            for await value in group { if let value { values.insert(value) } }
            #expect(values.count == 50)
        }
        #expect(tally.counts.withLock { $0.most } <= 3)
        #expect(tally.counts.withLock { $0.running } == 0)
    }

    @Test("makes a message wait, but not for longer than the bound")
    func boundedWait() async {
        let admission = PipelineAdmission(limit: 1, wait: .milliseconds(30))
        let gate = Gate()
        let isRunning = Gate()
        async let first = admission.run {
            isRunning.open()
            await gate.wait()
            return 1
        }
        await isRunning.wait()
        let second = await admission.run { 2 }
        #expect(second == nil)
        gate.open()
        #expect(await first == 1)
        #expect(await admission.run { 3 } == 3)
    }

    @Test("lets only so many wait: the next one hears at once that there is no room")
    func full() async throws {
        let admission = PipelineAdmission(limit: 1, waitLimit: 2, wait: .seconds(20))
        let gate = Gate()
        let isRunning = Gate()
        let results = await withTaskGroup(of: Int?.self) { group in
            group.addTask {
                await admission.run {
                    isRunning.open()
                    await gate.wait()
                    return 0
                }
            }
            await isRunning.wait()
            for number in 1...5 { group.addTask { await admission.run { number } } }
            // Three of the five find the queue full, and need nobody's end for it.
            var refused = 0
            while refused < 3, let result = await group.next() { if result == nil { refused += 1 } }
            gate.open()
            var done = 0
            for await result in group where result != nil { done += 1 }
            return (refused, done)
        }
        #expect(results == (3, 3))
    }

    @Test("of nothing lets one run")
    func atLeastOne() async {
        #expect(await PipelineAdmission(limit: 0, wait: .zero).run { true } == true)
    }

    @Test("tells how many run and how many wait")
    func figures() async {
        let admission = PipelineAdmission(limit: 2, waitLimit: 100, wait: .seconds(20))
        let gate = Gate()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 { group.addTask { _ = await admission.run { await gate.wait() } } }
            let end = ContinuousClock.now + .seconds(10)
            while admission.figures != (2, 3), ContinuousClock.now < end { await Task.yield() }
            #expect(admission.figures == (2, 3))
            gate.open()
        }
        #expect(admission.figures == (0, 0))
    }
}
