// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceDelivery
import SluiceQueue
import Testing

@Suite("Idle connections")
struct IdleConnectionsTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let there = Destination("there")

    @Test("the connection that was put back last is taken first, each once")
    func order() {
        var idle = IdleConnections<String>()
        for name in ["a", "b"] { #expect(idle.put(there, .init(name, uses: 1), at: now)) }
        #expect(idle.take(Destination("elsewhere"), at: now)?.connection == nil)
        #expect(idle.take(there, at: now)?.connection == "b")
        #expect(idle.take(there, at: now)?.connection == "a")
        #expect(idle.take(there, at: now)?.connection == nil)
        #expect(idle.count == 0)
    }

    @Test("what has been idle for too long is not taken but closed")
    func expiry() {
        var idle = IdleConnections<String>(idleTime: .seconds(10))
        #expect(idle.put(there, .init("a", uses: 1), at: now))
        #expect(idle.put(there, .init("b", uses: 1), at: now + .seconds(5)))
        #expect(idle.expired(at: now + .seconds(9)) == [])
        #expect(idle.expired(at: now + .seconds(10)) == ["a"])
        #expect(idle.take(there, at: now + .seconds(20))?.connection == nil)
        #expect(idle.expired(at: now + .seconds(20)) == ["b"])
        #expect(idle.count == 0)
    }

    @Test("what was used often enough is not kept, nor what is too many")
    func limits() {
        var idle = IdleConnections<Int>(useLimit: 3, limit: 2)
        #expect(!idle.put(there, .init(0, uses: 3), at: now))
        #expect(idle.put(there, .init(1, uses: 2), at: now))
        #expect(idle.put(there, .init(2, uses: 2), at: now))
        #expect(!idle.put(there, .init(3, uses: 1), at: now))
        #expect(idle.removeAll().sorted() == [1, 2])
        #expect(idle.count == 0)
    }
}
