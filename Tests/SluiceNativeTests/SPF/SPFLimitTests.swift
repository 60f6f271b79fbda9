// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("The processing limits of SPF (RFC 7208 §4.6.4)")
struct SPFLimitTests {
    private static let host = ["h.test": ["A 198.51.100.1", "MX 1 h.test"], "1.2.0.192.in-addr.arpa": ["PTR h.test"]]

    private func check(_ record: String, _ zone: [String: [String]] = [:]) async throws -> SPFOutcome {
        try await checkSPF(
            Self.host.merging(zone) { $1 }.merging(["example.test": ["TXT \(record)"]]) { $1 })
    }

    @Test("ten terms may ask the DNS, of whatever kind; the eleventh is a permerror")
    func lookups() async throws {
        let ten = "v=spf1 a:h.test mx:h.test ptr:h.test exists:x.h.test include:i.test a:h.test a:h.test mx:h.test"
        let zone = ["i.test": ["TXT v=spf1 a:h.test"], "x.h.test": ["TXT x"], "r.test": ["TXT v=spf1 a:h.test ?all"]]
        let outcome = try await check(ten + " redirect=r2.test", zone.merging(["r2.test": ["TXT v=spf1 ~all"]]) { $1 })
        #expect(outcome.result == .softfail)
        #expect(outcome.lookups == 10)
        let over = try await check(ten + " redirect=r.test", zone)
        #expect(over.result == .permerror)
        #expect(over.reason == "a:h.test: more than 10 terms ask the DNS")
        #expect(over.lookups == 10)
    }

    @Test("a match before the eleventh term counts")
    func earlyMatch() async throws {
        let record = "v=spf1" + String(repeating: " a:h.test", count: 10) + " ip4:192.0.2.1 a:h.test -all"
        #expect(try await check(record).mechanism == "ip4:192.0.2.1")
    }

    @Test("ip4, ip6, all, exp and unknown modifiers are not counted")
    func uncounted() async throws {
        let outcome = try await check(
            "v=spf1" + String(repeating: " ip4:10.0.0.1 ip6:fe80::1", count: 50) + " x=y exp=why.test -all",
            ["why.test": ["TXT no %{p}"]])
        #expect(outcome.result == .fail)
        #expect(outcome.lookups == 0)
        #expect(outcome.explanation == "no unknown")
    }

    @Test("two look-ups may find nothing; the third is a permerror")
    func voidLookups() async throws {
        let two = try await check("v=spf1 a:none1.test exists:none2.test -all")
        #expect(two.result == .fail)
        #expect(two.voidLookups == 2)
        let three = try await check("v=spf1 a:none1.test exists:none2.test mx:none3.test +all")
        #expect(three.result == .permerror)
        #expect(three.reason == "mx:none3.test: more than 2 look-ups found nothing")
    }

    @Test("a name without records of the type is void too, and so is one asked twice")
    func noData() async throws {
        let zone = ["six.test": ["AAAA 2001:db8::1"]]
        #expect(try await check("v=spf1 a:six.test a:six.test -all", zone).voidLookups == 2)
        #expect(try await check("v=spf1 a:six.test a:six.test a:six.test +all", zone).result == .permerror)
    }

    @Test("exchanges without an address are void, those behind a match are not asked")
    func voidExchanges() async throws {
        let zone = [
            "m.test": ["MX 1 h1.test", "MX 2 n1.test", "MX 3 n2.test", "MX 4 n3.test"], "h1.test": ["A 192.0.2.1"],
        ]
        #expect(try await check("v=spf1 mx:m.test -all", zone).result == .pass)
        #expect(
            try await check("v=spf1 mx:m.test -all", zone.merging(["h1.test": ["A 192.0.2.2"]]) { $1 }).result
                == .permerror)
    }

    @Test("the client's own reverse zone can't make a domain's record void")
    func pointerNames() async throws {
        let zone = [
            "1.2.0.192.in-addr.arpa": (1...5).map { "PTR none\($0).test" }
        ]
        let outcome = try await check("v=spf1 ptr:h.test -all", zone)
        #expect(outcome.result == .fail)
        #expect(outcome.voidLookups == 0)
    }

    @Test("an mx of ten exchanges is looked at, one of eleven is a permerror", arguments: [10, 11])
    func exchanges(_ count: Int) async throws {
        let zone = ["m.test": (1...count).map { "MX \($0) h.test" }]
        let outcome = try await check("v=spf1 mx:m.test -all", zone)
        #expect(outcome.result == (count == 10 ? .fail : .permerror))
        if count == 11 { #expect(outcome.reason == "mx:m.test: m.test has more than 10 MX records") }
    }

    @Test("a name may have any number of addresses")
    func manyAddresses() async throws {
        let zone = ["many.test": (1...200).map { "A 198.51.100.\($0)" } + ["A 192.0.2.1"]]
        #expect(try await check("v=spf1 a:many.test -all", zone).result == .pass)
    }

    @Test("loops end with a permerror", arguments: ["include:example.test", "redirect=example.test", "include:b.test"])
    func loops(_ term: String) async throws {
        let zone = TestZone(["example.test": ["TXT v=spf1 \(term)"], "b.test": ["TXT v=spf1 redirect=example.test"]])
        let outcome = try await checkSPF(zone)
        #expect(outcome.result == .permerror)
        #expect(outcome.reason?.hasSuffix("more than 10 terms ask the DNS") == true)
        #expect(zone.asked.count <= 2)
    }

    @Test("a check that takes too long is a temperror")
    func timeLimit() async throws {
        let zone = TestZone(["example.test": ["TXT v=spf1 +all"]])
        let outcome = await SPFChecker(resolver: zone, timeLimit: .zero).check(
            ip: try #require(IPAddress("192.0.2.1")), helo: "h", mailFrom: "a@example.test")
        #expect(outcome.result == .temperror)
        #expect(outcome.reason == "the check took too long")
        #expect(zone.asked.isEmpty)
    }

    @Test("the worst tree of records costs a bounded number of questions")
    func worstTree() async throws {
        var zone: [String: [String]] = [:]
        for number in 0..<9 {
            let terms = String(repeating: " ip4:10.0.0.1", count: 1_900)
            zone[number == 0 ? "example.test" : "i\(number).test"] = ["TXT v=spf1\(terms) include:i\(number + 1).test"]
        }
        zone["i9.test"] = ["TXT v=spf1 mx:%{p}.m.test -all"]
        zone["1.2.0.192.in-addr.arpa"] = (1...500).map { "PTR p\($0).test" }
        for number in 1...10 { zone["p\(number).test"] = ["A 192.0.2.1"] }
        zone["p1.test.m.test"] = (1...10).map { "MX \($0) h\($0).test" }
        for number in 1...10 { zone["h\(number).test"] = ["A 198.51.100.9"] }
        let resolver = TestZone(zone)
        let outcome = try await checkSPF(resolver)
        #expect(outcome.result == .neutral)
        #expect(outcome.lookups == 10)
        // 10 records; the PTR question and 10 names; the MX question and 10 names.
        #expect(resolver.asked.count == 32)
    }
}
