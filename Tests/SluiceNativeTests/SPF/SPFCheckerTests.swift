// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

/// Checks a client against a zone.
func checkSPF(
    _ zone: [String: [String]], ip: String = "192.0.2.1", helo: String = "mail.example.test",
    from: String = "anna@example.test"
) async throws -> SPFOutcome {
    try await checkSPF(TestZone(zone), ip: ip, helo: helo, from: from)
}

func checkSPF(
    _ resolver: any Resolver, ip: String = "192.0.2.1", helo: String = "mail.example.test",
    from: String = "anna@example.test"
) async throws -> SPFOutcome {
    let checker = SPFChecker(resolver: resolver, receivingHost: "mx.receiver.test")
    return await checker.check(
        ip: try #require(IPAddress(ip)), helo: helo, mailFrom: from, now: Timestamp(seconds: 1_000_000_000))
}

@Suite("An SPF check")
struct SPFCheckerTests {
    // MARK: - Identities (RFC 7208 §2.3, 2.4, 4.3)

    @Test("the reverse-path's domain is checked, and the outcome names the directive that matched")
    func mailFrom() async throws {
        let outcome = try await checkSPF(["example.test": ["TXT v=spf1 ip4:192.0.2.0/24 -all"]])
        #expect(
            outcome
                == SPFOutcome(
                    result: .pass, identity: .mailFrom, domain: "example.test", mechanism: "ip4:192.0.2.0/24"))
    }

    @Test("of the null reverse-path the HELO name is checked, as postmaster's")
    func null() async throws {
        let outcome = try await checkSPF(
            [
                "mail.example.test": ["TXT v=spf1 exists:%{l}.%{o} -all"],
                "postmaster.mail.example.test": ["A 127.0.0.2"],
            ],
            from: "")
        #expect(outcome.result == .pass)
        #expect(outcome.identity == .helo)
        #expect(outcome.domain == "mail.example.test")
        let null = await SPFChecker(resolver: TestZone(["mail.example.test": ["TXT v=spf1 -all"]])).check(
            ip: try #require(IPAddress("192.0.2.1")), helo: "mail.example.test", mailFrom: ReversePath.null)
        #expect(null.identity == .helo)
        #expect(null.result == .fail)
    }

    @Test(
        "a claim that is no domain name of several labels gives none",
        arguments: [
            "x@localhost", "x@[192.0.2.1]", "x@[IPv6:2001:db8::1]", "x@a..test", "x@", "x@.test", "x@exa mple.test",
            "x@\(String(repeating: "a", count: 64)).test", "x@b\u{FC}cher.test", "x@a\0b.test",
            "x@" + String(repeating: "a.", count: 126) + "test",
        ])
    func noDomain(_ path: String) async throws {
        let zone = TestZone([:])
        let outcome = try await checkSPF(zone, from: path)
        #expect(outcome.result == .none)
        #expect(outcome.reason?.contains("is no domain name") == true)
        #expect(zone.asked.isEmpty)
    }

    @Test("a HELO that is no domain name gives none", arguments: ["OEMCOMPUTER", "[192.0.2.1]", "", "JUMPIN' JUPITER"])
    func noHELO(_ helo: String) async throws {
        let outcome = try await checkSPF([:], helo: helo, from: "")
        #expect(outcome.result == .none)
        #expect(outcome.identity == .helo)
    }

    @Test(
        "a reverse-path without a local-part is postmaster's; the last @ parts it",
        arguments: [
            ("@example.test", "postmaster"), ("example.test", "postmaster"), ("a@b@example.test", "a@b"),
            ("Anna@EXAMPLE.Test.", "Anna"),
        ])
    func localParts(_ path: String, _ local: String) async throws {
        let outcome = try await checkSPF(
            ["example.test": ["TXT v=spf1 -all exp=why.test"], "why.test": ["TXT %{l} of %{o}"]], from: path)
        #expect(outcome.explanation == "\(local) of example.test")
    }

    // MARK: - Records (RFC 7208 §3.3, 4.4, 4.5)

    @Test("a domain without a record, or that does not exist, gives none")
    func noRecord() async throws {
        for zone in [
            [:], ["example.test": ["A 192.0.2.1"]],
            ["example.test": ["TXT v=spf10 -all", "TXT hello", "TXT v=spf1-all"]],
        ] {
            let outcome = try await checkSPF(zone)
            #expect(outcome.result == .none)
            #expect(outcome.reason == "example.test has no SPF record")
        }
    }

    @Test("two records are a permerror, other texts beside one are not")
    func severalRecords() async throws {
        let two = try await checkSPF(["example.test": ["TXT v=spf1 +all", "TXT V=SPF1"]])
        #expect(two.result == .permerror)
        #expect(two.reason == "example.test has 2 SPF records, one would be right")
        let one = try await checkSPF(["example.test": ["TXT v=spf1 +all", "TXT \u{96}", "TXT google-site"]])
        #expect(one.result == .pass)
    }

    @Test("character-strings are joined without a space")
    func characterStrings() async throws {
        let strings = ["v=spf1 ip4:19", "2.0.2.1 -a", "ll"].map { Array($0.utf8) }
        let zone = ZoneResolver(["example.test": [.record(.txt, .text(strings))]])
        #expect(try await checkSPF(zone).mechanism == "ip4:192.0.2.1")
    }

    @Test("a record that fails the grammar is a permerror, whatever stands before the error")
    func wrongRecord() async throws {
        let outcome = try await checkSPF(["example.test": ["TXT v=spf1 ip4:192.0.2.1 a:%{x}.test"]])
        #expect(outcome.result == .permerror)
        #expect(outcome.reason == "record of example.test: 'a:%{x}.test': there is no such macro letter")
    }

    @Test("a DNS that does not answer is a temperror", arguments: ["TIMEOUT", "SERVFAIL"])
    func temporary(_ failure: String) async throws {
        for zone in [
            ["example.test": [failure]], ["example.test": ["TXT v=spf1 a:x.test ip4:192.0.2.1"], "x.test": [failure]],
            ["example.test": ["TXT v=spf1 mx:x.test ip4:192.0.2.1"], "x.test": [failure]],
            ["example.test": ["TXT v=spf1 mx ip4:192.0.2.1", "MX 1 x.test"], "x.test": [failure]],
            ["example.test": ["TXT v=spf1 exists:x.test ip4:192.0.2.1"], "x.test": [failure]],
            ["example.test": ["TXT v=spf1 include:x.test ip4:192.0.2.1"], "x.test": [failure]],
            ["example.test": ["TXT v=spf1 redirect=x.test"], "x.test": [failure]],
        ] {
            let outcome = try await checkSPF(zone)
            #expect(outcome.result == .temperror)
            #expect(outcome.reason?.contains("the DNS did not answer") == true)
        }
    }

    // MARK: - Evaluation (RFC 7208 §4.6.2, 4.7)

    @Test(
        "the first directive that matches gives the result",
        arguments: [
            ("v=spf1", SPFResult.neutral, String?.none), ("v=spf1 -ip4:192.0.2.2", .neutral, nil),
            ("v=spf1 ~all -all", .softfail, "~all"), ("v=spf1 ?ip4:192.0.2.1 -all", .neutral, "?ip4:192.0.2.1"),
            ("v=spf1 -ip4:192.0.2.0/31 +all", .fail, "-ip4:192.0.2.0/31"), ("v=spf1 ip6:::/0 -all", .fail, "-all"),
            ("v=spf1 ip4:10.0.0.0/0 -all", .pass, "ip4:10.0.0.0/0"), ("v=spf1 redirect=x.test -all", .fail, "-all"),
            ("v=spf1 moo=x default=pass", .neutral, nil), ("v=spf1 IP4:192.0.2.1/32", .pass, "IP4:192.0.2.1/32"),
        ])
    func order(_ record: String, _ result: SPFResult, _ mechanism: String?) async throws {
        let outcome = try await checkSPF(["example.test": ["TXT \(record)"]])
        #expect(outcome.result == result)
        #expect(outcome.mechanism == mechanism)
    }

    @Test("all 2,000 directives of a long record count, not only those that libspf2 has room for")
    func longRecord() async throws {
        let others = (0..<1_998).map { " ip4:10.0.\($0 / 250).\($0 % 250)" }.joined()
        let outcome = try await checkSPF(["example.test": ["TXT v=spf1\(others) ip4:192.0.2.1 -all"]])
        #expect(outcome.result == .pass)
        #expect(outcome.mechanism == "ip4:192.0.2.1")
    }

    @Test("an IPv4-mapped client is an IPv4 client, and loopback is as any other")
    func clients() async throws {
        let zone = ["example.test": ["TXT v=spf1 ip4:192.0.2.1 ip4:127.0.0.0/8 ip6:::ffff:192.0.2.7 ip6:::1 -all"]]
        #expect(try await checkSPF(zone, ip: "::ffff:192.0.2.1").mechanism == "ip4:192.0.2.1")
        #expect(try await checkSPF(zone, ip: "::ffff:192.0.2.7").result == .fail)
        #expect(try await checkSPF(zone, ip: "127.0.0.1").mechanism == "ip4:127.0.0.0/8")
        #expect(try await checkSPF(zone, ip: "::1").mechanism == "ip6:::1")
        #expect(try await checkSPF(["example.test": ["TXT v=spf1 -all"]], ip: "127.0.0.1").result == .fail)
    }

    @Test("an IPv6 network of prefix length 0 holds every IPv6 client and no IPv4 one")
    func everyIPv6() async throws {
        let zone = ["example.test": ["TXT v=spf1 ip6:2001:db8::/0 -all"]]
        for client in ["::1", "7fff::", "8000::", "ffff::1"] {
            #expect(try await checkSPF(zone, ip: client).result == .pass)
        }
        #expect(try await checkSPF(zone).result == .fail)
    }

    @Test("IPAddress and text, mailbox and written path are checked alike")
    func sameAnswer() async throws {
        let zone = TestZone(["example.test": ["TXT v=spf1 exists:%{l}.x.test -all"], "anna.x.test": ["A 127.0.0.2"]])
        let path = ReversePath.mailbox(Mailbox(localPart: "anna", domain: "Example.test"))
        let outcome = await SPFChecker(resolver: zone).check(
            ip: try #require(IPAddress("192.0.2.1")), helo: "x", mailFrom: path)
        #expect(outcome == (try await checkSPF(zone)))
        #expect(outcome.result == .pass)
    }
}
