// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceDelivery
import SluiceQueue
import SluiceSMTP
import Testing

@Suite("Idle connections")
struct IdleConnectionsTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let there = Destination("there")
    private let host = Self.key("192.0.2.1")

    private static func key(_ address: String, tls: ClientTLSMode = .none) -> ConnectionKey {
        ConnectionKey(
            host: MailHost(name: "mail.test", address: IPAddress(address) ?? .unspecified, port: 25), kind: .smtp,
            tls: tls)
    }

    @Test("the connection that was put back last is taken first, each once")
    func order() {
        var idle = IdleConnections<String>()
        for name in ["a", "b"] { _ = idle.put(host, for: there, .init(name, uses: 1), at: now) }
        let elsewhere = idle.take(Self.key("192.0.2.2"), at: now)
        #expect(elsewhere?.connection == nil)
        let taken = (0..<3).map { _ in idle.take(host, at: now)?.connection }
        #expect(taken == ["b", "a", nil])
        #expect(idle.count == 0)
    }

    @Test("a destination finds the connection to its host; another one with the same host shares it")
    func shared() {
        var idle = IdleConnections<String>()
        _ = idle.put(host, for: there, .init("a", uses: 1), at: now)
        let unknown = idle.take(Destination("elsewhere"), at: now) { _ in true }
        #expect(unknown?.key == nil)
        let taken = idle.take(there, at: now) { _ in true }
        #expect(taken?.kept.connection == "a" && taken?.key == host)
        _ = idle.put(host, for: there, .init("b", uses: 1), at: now)
        let byHost = idle.take(host, at: now)?.connection
        #expect(byHost == "b")
        let none = idle.take(there, at: now) { _ in true }
        #expect(none?.key == nil)
    }

    @Test("a connection that was made otherwise is not taken")
    func unfit() {
        var idle = IdleConnections<String>()
        _ = idle.put(host, for: there, .init("a", uses: 1), at: now)
        let verified = idle.take(Self.key("192.0.2.1", tls: .required), at: now)?.connection
        let byDestination = idle.take(there, at: now) { $0.tls == .required }
        #expect(verified == nil && byDestination?.key == nil)
        #expect(idle.count == 1)
    }

    @Test("what has been idle for too long is not taken but closed")
    func expiry() {
        var idle = IdleConnections<String>(idleTime: .seconds(10))
        _ = idle.put(host, for: there, .init("a", uses: 1), at: now)
        _ = idle.put(host, for: there, .init("b", uses: 1), at: now + .seconds(5))
        let expired = [9, 10].map { idle.expired(at: now + .seconds($0)) }
        #expect(expired == [[], ["a"]])
        let late = idle.take(host, at: now + .seconds(20))
        #expect(late?.connection == nil)
        let rest = idle.expired(at: now + .seconds(20))
        #expect(rest == ["b"])
        #expect(idle.count == 0)
    }

    @Test("what was used often enough is not kept, nor what is too many")
    func limits() {
        var idle = IdleConnections<Int>(useLimit: 3, limit: 2)
        let kept = [3, 2, 2, 1].enumerated().map { idle.put(host, for: there, .init($0, uses: $1), at: now) }
        #expect(kept == [false, true, true, false])
        let all = idle.removeAll().sorted()
        #expect(all == [1, 2])
        #expect(idle.count == 0)
    }
}
