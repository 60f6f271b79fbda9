// SPDX-License-Identifier: Apache-2.0
import Dispatch
import SluiceNative
import Synchronization
import Testing

@testable import SluiceServer

@Suite("Deciding about transactions", .timeLimit(.minutes(1))) struct TransactionQueueTests {
    @Test("what was taken is done before the queue is drained, and nothing is taken after its end")
    func drained() async {
        let queue = TransactionQueue(threads: CPUPool(threads: 2))
        let done = Mutex(0)
        for _ in 0..<200 {
            let isTaken = queue.offer {
                await Task.yield()
                done.withLock { $0 += 1 }
            }
            #expect(isTaken)
        }
        queue.close()
        #expect(!queue.offer { done.withLock { $0 += 1000 } })
        await queue.drain()
        #expect(done.withLock { $0 } == 200)
    }

    @Test("whoever waits for the end of an empty queue is told when it is closed")
    func emptyAtItsEnd() async {
        let queue = TransactionQueue(threads: CPUPool(threads: 2))
        async let drained: Void = queue.drain()
        queue.close()
        await drained
        await queue.drain()
    }

    @Test("a short one is done before its session goes on, unless it waits")
    func short() async {
        let queue = TransactionQueue(threads: CPUPool(threads: 2))
        let done = Mutex(0)
        #expect(queue.offer(isShort: true) { done.withLock { $0 += 1 } })
        #expect(done.withLock { $0 } == 1)
        let (waited, goesOn) = AsyncStream<Void>.makeStream()
        let isTaken = queue.offer(isShort: true) {
            for await _ in waited {}
            done.withLock { $0 += 1 }
        }
        #expect(isTaken && done.withLock { $0 } == 1)
        goesOn.finish()
        queue.close()
        await queue.drain()
        #expect(done.withLock { $0 } == 2)
        #expect(!queue.offer(isShort: true) { done.withLock { $0 += 1 } })
    }

    @Test("a transaction that holds its thread holds up no other")
    func heldThread() async {
        let queue = TransactionQueue(threads: CPUPool(threads: 2))
        let release = DispatchSemaphore(value: 0)
        let (others, finished) = AsyncStream<Int>.makeStream()
        #expect(queue.offer { Self.wait(for: release) })
        for number in 0..<20 { #expect(queue.offer { finished.yield(number) }) }
        var seen: Set<Int> = []
        for await number in others {
            seen.insert(number)
            if seen.count == 20 { break }
        }
        release.signal()
        queue.close()
        await queue.drain()
        #expect(seen == Set(0..<20))
    }

    private static func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }
}
