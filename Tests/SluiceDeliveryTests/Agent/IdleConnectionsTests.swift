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
        for name in ["a", "b"] { _ = idle.put(there, .init(name, uses: 1), at: now) }
        let result1 = idle.take(Destination("elsewhere"), at: now)
        #expect(result1?.connection == nil)
        let result2 = idle.take(there, at: now)
        #expect(result2?.connection == "b")
        let result3 = idle.take(there, at: now)
        #expect(result3?.connection == "a")
        let result4 = idle.take(there, at: now)
        #expect(result4?.connection == nil)
        #expect(idle.count == 0)
    }

    @Test("what has been idle for too long is not taken but closed")
    func expiry() {
        var idle = IdleConnections<String>(idleTime: .seconds(10))
        let result5 = idle.put(there, .init("a", uses: 1), at: now)
        #expect(result5)
        let result6 = idle.put(there, .init("b", uses: 1), at: now + .seconds(5))
        #expect(result6)
        let result7 = idle.expired(at: now + .seconds(9))
        #expect(result7 == [])
        let result8 = idle.expired(at: now + .seconds(10))
        #expect(result8 == ["a"])
        let result9 = idle.take(there, at: now + .seconds(20))
        #expect(result9?.connection == nil)
        let result10 = idle.expired(at: now + .seconds(20))
        #expect(result10 == ["b"])
        #expect(idle.count == 0)
    }

    @Test("what was used often enough is not kept, nor what is too many")
    func limits() {
        var idle = IdleConnections<Int>(useLimit: 3, limit: 2)
        let result11 = idle.put(there, .init(0, uses: 3), at: now)
        #expect(!result11)
        let result12 = idle.put(there, .init(1, uses: 2), at: now)
        #expect(result12)
        let result13 = idle.put(there, .init(2, uses: 2), at: now)
        #expect(result13)
        let result14 = idle.put(there, .init(3, uses: 1), at: now)
        #expect(!result14)
        let result15 = idle.removeAll()
        #expect(result15.sorted() == [1, 2])
        #expect(idle.count == 0)
    }
}
