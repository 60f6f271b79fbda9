// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("The mechanisms of SPF that ask the DNS")
struct SPFMechanismTests {
    // MARK: - a and mx (RFC 7208 §5.3, 5.4)

    private static let hosts: [String: [String]] = [
        "example.test": ["MX 20 b.test", "MX 10 a.test", "A 192.0.2.5"],
        "a.test": ["A 192.0.2.66", "AAAA 2001:db8:1::1"], "b.test": ["A 198.51.100.1", "A 192.0.2.1"],
        "six.test": ["AAAA 2001:db8::1"], "alias.test": ["CNAME b.test"], "null.test": ["MX 0 "],
        "foo:bar/baz.test": ["A 192.0.2.1"], "a b/24.test": ["A 192.0.2.1"], "b/24": ["A 192.0.2.1"],
        "v.test": ["MX 1 none.test"],
    ]

    @Test(
        "an address of the name, or of its exchanges, within the prefix length matches",
        arguments: [
            ("a:b.test", "192.0.2.1", SPFResult.pass), ("a:b.test", "192.0.2.2", .fail),
            ("a:b.test/31", "192.0.2.0", .pass), ("a:b.test/24//128", "192.0.2.200", .pass),
            ("a", "192.0.2.5", .pass), ("a/24", "192.0.2.1", .pass), ("a:alias.test", "192.0.2.1", .pass),
            ("a:a.test/0", "203.0.113.9", .pass), ("a:six.test/0", "203.0.113.9", .fail),
            ("a:a.test//0", "203.0.113.9", .fail), ("a:a.test//0", "fe80::1", .pass), ("a:b.test//0", "fe80::1", .fail),
            ("a:six.test", "2001:db8::1", .pass), ("a:six.test//64", "2001:db8::ffff", .pass),
            ("a:six.test/0", "2001:db8::2", .fail), ("a:six.test//127", "2001:db8::2", .fail),
            ("mx", "192.0.2.66", .pass), ("mx", "192.0.2.1", .pass), ("mx", "192.0.2.5", .fail),
            ("mx/24", "192.0.2.5", .pass), ("mx//48", "2001:db8:1::9", .pass), ("mx/0", "203.0.113.1", .pass),
            ("mx:null.test", "192.0.2.1", .fail), ("mx:v.test", "192.0.2.1", .fail), ("mx:a.test", "192.0.2.66", .fail),
            ("a:foo:bar/baz.test", "192.0.2.1", .pass), ("a:%{l}/24.test", "192.0.2.1", .pass),
            ("a:a..test", "192.0.2.1", .fail), ("mx:a..test", "192.0.2.1", .fail),
        ])
    func addresses(_ mechanism: String, _ client: String, _ result: SPFResult) async throws {
        var zone = Self.hosts
        zone["example.test", default: []].append("TXT v=spf1 \(mechanism) -all")
        #expect(try await checkSPF(zone, ip: client, from: "a b@example.test").result == result)
    }

    @Test("names that no parser of libspf2's is given still match")
    func unusualNames() async throws {
        var zone = Self.hosts
        zone["example.test", default: []].append("TXT v=spf1 a:%{l} -all")
        #expect(try await checkSPF(zone, from: "b/24@example.test").result == .pass)
        #expect(try await checkSPF(zone, from: "foo:bar/baz.test@example.test").result == .pass)
    }

    @Test("the exchanges' addresses are asked at once, and none twice")
    func concurrentExchanges() async throws {
        let zone = TestZone([
            "example.test": ["TXT v=spf1 mx a:a.test -all", "MX 1 a.test", "MX 2 b.test", "MX 3 A.test"],
            "a.test": ["A 198.51.100.1"], "b.test": ["A 198.51.100.2"],
        ])
        let outcome = try await checkSPF(zone)
        #expect(outcome.result == .fail)
        #expect(outcome.lookups == 2)
        #expect(Set(zone.asked).count == zone.asked.count)
        #expect(zone.asked.count == 4)
    }

    // MARK: - exists (RFC 7208 §5.7)

    @Test("exists asks for an IPv4 address, whatever the client's family")
    func exists() async throws {
        let zone = [
            "example.test": ["TXT v=spf1 exists:%{i}.x.test -all"], "192.0.2.1.x.test": ["A 127.0.0.2"],
            "192.0.2.2.x.test": ["AAAA ::1"],
            "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.x.test": ["A 127.0.0.2"],
        ]
        #expect(try await checkSPF(zone).result == .pass)
        #expect(try await checkSPF(zone, ip: "192.0.2.2").result == .fail)
        #expect(try await checkSPF(zone, ip: "2001:db8::1").result == .pass)
    }

    @Test("a macro makes no directive of its own: what the client sends is a name and no more")
    func injection() async throws {
        let zone = TestZone(["example.test": ["TXT v=spf1 exists:%{l}.x.test -all"]])
        for local in ["a +all", "x.test -all a", "%{d}", "%", "a/0", "a//0", " ", "\\", "a\u{0}b", "a\r\nb"] {
            #expect(try await checkSPF(zone, from: "\(local)@example.test").result == .fail)
        }
    }

    // MARK: - ptr (RFC 7208 §5.5)

    @Test(
        "a name of the client's that resolves back, and lies in the domain, matches",
        arguments: [
            ("ptr", "192.0.2.1", SPFResult.pass), ("ptr:example.test", "192.0.2.1", .pass),
            ("ptr:EXAMPLE.test.", "192.0.2.1", .pass), ("ptr:ample.test", "192.0.2.1", .fail),
            ("ptr:test.test", "192.0.2.1", .fail), ("ptr:host.example.test", "192.0.2.1", .pass),
            ("ptr", "192.0.2.2", .fail), ("ptr", "192.0.2.3", .fail), ("ptr", "192.0.2.4", .fail),
            ("ptr", "192.0.2.5", .pass), ("ptr", "2001:db8::1", .pass), ("ptr", "192.0.2.6", .pass),
        ])
    func pointer(_ mechanism: String, _ client: String, _ result: SPFResult) async throws {
        let zone = [
            "example.test": ["TXT v=spf1 \(mechanism) -all", "A 192.0.2.6"],
            "1.2.0.192.in-addr.arpa": ["PTR host.example.test"], "2.2.0.192.in-addr.arpa": ["PTR host.example.test"],
            "3.2.0.192.in-addr.arpa": ["TIMEOUT"], "5.2.0.192.in-addr.arpa": ["PTR slow.test", "PTR h5.example.test."],
            "6.2.0.192.in-addr.arpa": ["PTR Example.Test"],
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": ["PTR host.example.test"],
            "host.example.test": ["A 192.0.2.1", "AAAA 2001:db8::1"], "slow.test": ["TIMEOUT"],
            "h5.example.test": ["A 192.0.2.5"],
        ]
        let outcome = try await checkSPF(zone, ip: client)
        #expect(outcome.result == result)
        #expect(outcome.lookups == 1)
    }

    @Test("names past the tenth are ignored")
    func manyPointers() async throws {
        var zone = ["example.test": ["TXT v=spf1 ptr -all"], "good.example.test": ["A 192.0.2.1"]]
        let bad = (1...10).map { "PTR bad\($0).test" }
        for number in 1...10 { zone["bad\(number).test"] = ["A 192.0.2.99"] }
        zone["1.2.0.192.in-addr.arpa"] = bad + ["PTR good.example.test"]
        #expect(try await checkSPF(zone).result == .fail)
        zone["1.2.0.192.in-addr.arpa"] = bad.dropLast() + ["PTR good.example.test"]
        #expect(try await checkSPF(zone).result == .pass)
    }

    // MARK: - %{p} (RFC 7208 §7.3)

    @Test("the validated name is the domain itself, else one below it, else any, else unknown")
    func validatedName() async throws {
        var zone = [
            "example.test": ["TXT v=spf1 -all exp=why.test", "A 192.0.2.1"], "why.test": ["TXT you are %{p}"],
            "sub.example.test": ["A 192.0.2.1"], "other.test": ["A 192.0.2.1"], "false.example.test": ["A 192.0.2.2"],
        ]
        let pointer = "1.2.0.192.in-addr.arpa"
        for (names, expected) in [
            (["other.test", "sub.example.test", "example.test"], "example.test"),
            (["other.test", "sub.example.test", "false.example.test"], "sub.example.test"),
            (["false.example.test", "other.test"], "other.test"), (["false.example.test"], "unknown"), ([], "unknown"),
        ] {
            zone[pointer] = names.map { "PTR \($0)" }
            #expect(try await checkSPF(zone).explanation == "you are \(expected)")
        }
        zone[pointer] = ["TIMEOUT"]
        #expect(try await checkSPF(zone).explanation == "you are unknown")
    }
}
