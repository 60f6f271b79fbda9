// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceDelivery
import SluiceSMTP
import SluiceTesting
import Testing

@Suite("Host look-up")
struct HostLookupTests {
    private static func mx(_ preference: Int, _ name: String) -> ZoneResolver.Entry {
        .record(.mx, .mailExchange(preference: preference, exchange: name))
    }
    private static func address(_ text: String) -> ZoneResolver.Entry {
        let address = IPAddress(text) ?? .unspecified
        return .record(address.isIPv4 ? .a : .aaaa, .address(address))
    }

    private let resolver = ZoneResolver([
        "two.test": [mx(20, "b.test"), mx(10, "a.test")],
        "a.test": [address("192.0.2.1"), address("2001:db8::1")],
        "b.test": [address("192.0.2.2")],
        "c.test": [address("192.0.2.3")],
        "equal.test": [mx(10, "a.test"), mx(10, "b.test"), mx(10, "c.test")],
        "plain.test": [address("192.0.2.9")],
        "null.test": [mx(0, "")],
        "nowhere.test": [mx(10, "gone.test"), mx(20, "text.test")],
        "text.test": [.record(.txt, .text([]))],
        "partly.test": [mx(10, "slow.test"), mx(20, "b.test")],
        "stuck.test": [mx(10, "slow.test")],
        "slow.test": [.timeout],
        "broken.test": [.serverFailure],
        "self.test": [mx(10, "relay.test"), mx(20, "b.test")],
        "backup.test": [mx(10, "a.test"), mx(20, "RELAY.test."), mx(30, "b.test")],
        "relay.test": [address("192.0.2.77")],
        "many.test": [
            address("2001:db8::1"), address("2001:db8::2"), address("192.0.2.1"), address("192.0.2.2"),
            address("192.0.2.3"),
        ],
    ])

    private func look(_ nextHop: NextHop, seed: UInt64 = 1) async -> HostLookupResult {
        var random = SeededGenerator(seed: seed)
        return await HostLookup(resolver: resolver, ownName: "relay.test").hosts(of: nextHop, using: &random)
    }

    private func names(_ domain: String, seed: UInt64 = 1) async -> [String]? {
        guard case .hosts(let hosts) = await look(.domain(domain), seed: seed) else { return nil }
        return hosts.map { "\($0.name ?? "-") \($0.address)" }
    }

    @Test("exchanges are tried by preference, each by all its addresses")
    func preference() async {
        #expect(await names("two.test") == ["a.test 192.0.2.1", "a.test 2001:db8::1", "b.test 192.0.2.2"])
    }

    @Test("the addresses of a host are tried in turns, IPv4 first, so that either family leads to it soon")
    func families() async {
        let found = await names("many.test")
        #expect(
            found == ["192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2", "192.0.2.3"].map { "many.test \($0)" })
    }

    @Test("exchanges of equal preference share the load")
    func equal() async {
        var first: Set<String> = []
        for seed in 0..<30 { first.insert(await names("equal.test", seed: UInt64(seed))?.first ?? "") }
        #expect(first.count == 3)
    }

    @Test("without MX records the domain itself is the exchange")
    func implicit() async {
        #expect(await names("plain.test") == ["plain.test 192.0.2.9"])
    }

    @Test("an address literal is its own host")
    func literal() async {
        #expect(await names("[192.0.2.4]") == ["- 192.0.2.4"])
        #expect(await names("[ipv6:2001:db8::4]") == ["- 2001:db8::4"])
    }

    @Test(
        "what the DNS rules out is a failure with its status",
        arguments: [
            ("null.test", EnhancedStatusCode(5, 1, 10)), ("nothing.test", EnhancedStatusCode(5, 1, 2)),
            ("nowhere.test", EnhancedStatusCode(5, 4, 4)), ("text.test", EnhancedStatusCode(5, 4, 4)),
            ("self.test", EnhancedStatusCode(5, 4, 6)),
        ])
    func failed(_ domain: String, _ status: EnhancedStatusCode) async {
        guard case .failed(let failure) = await look(.domain(domain)) else {
            Issue.record("\(await look(.domain(domain)))")
            return
        }
        #expect(failure.status == status)
    }

    @Test("what the DNS does not say is no failure", arguments: ["slow.test", "broken.test", "stuck.test"])
    func deferred(_ domain: String) async {
        guard case .deferred = await look(.domain(domain)) else {
            Issue.record("\(await look(.domain(domain)))")
            return
        }
    }

    @Test("an exchange that can't be looked up leaves the others")
    func partly() async {
        #expect(await names("partly.test") == ["b.test 192.0.2.2"])
    }

    @Test("where we are an exchange, only better ones than we are tried")
    func backup() async {
        #expect(await names("backup.test") == ["a.test 192.0.2.1", "a.test 2001:db8::1"])
    }

    @Test("a route's host is looked up without MX, and never bounces for not being there")
    func route() async throws {
        let found = await look(.route(try #require(Route("lmtp://two.test:24"))))
        guard case .deferred = found else {
            Issue.record("\(found)")
            return
        }
        let host = await look(.route(try #require(Route("smtp://b.test:2525"))))
        let address = try #require(IPAddress("192.0.2.2"))
        #expect(host == .hosts([MailHost(name: "b.test", address: address, port: 2525)]))
        guard case .hosts(let local) = await look(.route(try #require(Route("smtp://localhost")))) else {
            Issue.record("localhost is not found")
            return
        }
        #expect(local.first?.address.isLoopback == true)
        guard case .deferred = await look(.unrouted("x.test")) else {
            Issue.record("routed")
            return
        }
    }
}
