// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("Failed logins") struct LoginGuardTests {
    private let now = Timestamp(seconds: 1_790_000_000)
    private let limits = LoginLimits(failuresPerClient: 6, failuresPerLogin: 3, lockout: .seconds(900))

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test("are answered later and later, up to a limit")
    func delays() throws {
        var logins = LoginGuard(limits)
        let client = try address("192.0.2.1")
        let delays = (0..<5).map { logins.failed("login\($0)", from: client, at: now) }
        #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(8)])
        #expect(logins.failed("ann", from: try address("192.0.2.2"), at: now) == .seconds(1))
    }

    @Test("lock out that login for that client, and never its owner elsewhere")
    func ownerIsNotLockedOut() throws {
        var logins = LoginGuard(limits)
        let stranger = try address("192.0.2.1")
        for _ in 0..<3 { _ = logins.failed("ann", from: stranger, at: now) }
        #expect(logins.isLockedOut("ann", from: stranger, at: now))
        #expect(!logins.isLockedOut("ann", from: try address("198.51.100.1"), at: now))
        #expect(!logins.isLockedOut("bob", from: stranger, at: now))
    }

    @Test("lock out a client that tries many logins, all of it")
    func clientIsLockedOut() throws {
        var logins = LoginGuard(limits)
        let stranger = try address("2001:db8::1")
        for number in 0..<6 { _ = logins.failed("login\(number)", from: stranger, at: now) }
        #expect(logins.isLockedOut("ann", from: stranger, at: now))
        // Whoever has one address of a /64 has all.
        #expect(logins.isLockedOut("ann", from: try address("2001:db8::2"), at: now))
        #expect(!logins.isLockedOut("ann", from: try address("2001:db8:0:1::1"), at: now))
    }

    @Test("lock out at the last failure allowed, not before", arguments: [-1, 0, 1])
    func lastFailure(_ more: Int) throws {
        var logins = LoginGuard(limits)
        let (one, many) = (try address("192.0.2.1"), try address("198.51.100.1"))
        for _ in 0..<(limits.failuresPerLogin + more) { _ = logins.failed("ann", from: one, at: now) }
        #expect(logins.isLockedOut("ann", from: one, at: now) == (more >= 0))
        for number in 0..<(limits.failuresPerClient + more) { _ = logins.failed("l\(number)", from: many, at: now) }
        #expect(logins.isLockedOut("ann", from: many, at: now) == (more >= 0))
    }

    @Test("are forgotten after the lockout, and those with one login when it succeeds")
    func forgotten() throws {
        var logins = LoginGuard(limits)
        let client = try address("192.0.2.1")
        for _ in 0..<3 { _ = logins.failed("ann", from: client, at: now) }
        #expect(logins.isLockedOut("ann", from: client, at: now + .seconds(899)))
        #expect(!logins.isLockedOut("ann", from: client, at: now + .seconds(900)))
        for _ in 0..<1 { _ = logins.failed("bob", from: client, at: now) }
        logins.succeeded("bob", from: client)
        _ = logins.failed("bob", from: client, at: now)
        #expect(!logins.isLockedOut("bob", from: client, at: now))
    }

    @Test("are remembered for a bounded number of clients")
    func bounded() throws {
        var logins = LoginGuard(limits, entryLimit: 100)
        for number in 0..<2000 {
            _ = logins.failed("ann", from: try address("192.0.\(number / 250).\(number % 250)"), at: now)
        }
        #expect(logins.entryCount <= 200)
    }
}

@Suite("The memory of content") struct ContentMemoryTests {
    @Test("is shared by all transactions, and comes back when one ends")
    func shares() {
        let memory = ContentMemory(limit: 100)
        let one = ContentMemory.Share(memory)
        #expect(one.grow(by: 60))
        do {
            let two = ContentMemory.Share(memory)
            #expect(two.grow(by: 40))
            #expect(!two.grow(by: 1))
            #expect(memory.octets == 100)
        }
        #expect(memory.octets == 60)
        one.release()
        #expect(memory.octets == 0)
        #expect(one.grow(by: 100))
    }
}
