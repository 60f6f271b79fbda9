// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceMilter

@Suite("The connections to a filter") struct MilterConnectionPoolTests {
    private typealias Pool = MilterConnectionPool<Int, String>

    private func client(_ name: String) -> MilterTransaction.Client {
        .init(hostname: ByteBuffer(string: name), address: .unknown, helo: nil)
    }

    private func keep(_ pool: inout Pool, _ number: Int, _ name: String, _ reuse: MilterClientOutcome.Reuse) {
        pool.keep(.init(connection: number, client: client(name), reuse: reuse))
    }

    @Test("no more messages are told at once than the limit says; the next waits, and beyond that none")
    func places() {
        var pool = Pool(limit: 2, waitLimit: 2)
        #expect(pool.enter(1, "a") == .admitted)
        #expect(pool.enter(2, "b") == .admitted)
        #expect(pool.enter(3, "c") == .waits)
        #expect(pool.enter(4, "d") == .waits)
        #expect(pool.enter(5, "e") == .refused)
        #expect(pool.giveUp(3) == "c")
        #expect(pool.giveUp(3) == nil)
        #expect(pool.leave() == "d")
        #expect(pool.leave() == nil)
        #expect(pool.enter(6, "f") == .admitted)
        #expect(pool.enter(7, "g") == .waits)
    }

    @Test("a connection that knows the client comes first, then one that takes any; others stay")
    func take() {
        var pool = Pool(limit: 5, waitLimit: 0)
        keep(&pool, 1, "a", .sameClient)
        keep(&pool, 2, "b", .anyClient)
        keep(&pool, 3, "c", .sameClient)
        #expect(pool.take(for: client("a")) == 1)
        #expect(pool.take(for: client("a")) == 2)
        #expect(pool.take(for: client("a")) == nil)
        #expect(pool.keptCount == 1)
    }

    @Test("for a new connection those kept longest are closed, so that the limit holds")
    func room() {
        var pool = Pool(limit: 3, waitLimit: 0)
        keep(&pool, 1, "a", .sameClient)
        keep(&pool, 2, "b", .sameClient)
        keep(&pool, 3, "c", .sameClient)
        #expect(pool.enter(1, "x") == .admitted)
        #expect(pool.makeRoom() == [1])
        #expect(pool.makeRoom() == [])
        #expect(pool.removeAll { $0 == 3 } == [3])
        #expect(pool.keptCount == 1)
    }
}
