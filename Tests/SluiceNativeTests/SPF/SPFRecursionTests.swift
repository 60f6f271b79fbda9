// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("include, redirect and exp of SPF")
struct SPFRecursionTests {
    // MARK: - include (RFC 7208 §5.2)

    @Test(
        "include matches where the other domain's record passes",
        arguments: [
            ("v=spf1 ip4:192.0.2.1", SPFResult.softfail, "~include:x.test"), ("v=spf1 -all", .fail, "-all"),
            ("v=spf1 ~all", .fail, "-all"), ("v=spf1 ?all", .fail, "-all"), ("v=spf1", .fail, "-all"),
            ("v=spf1 redirect=y.test", .softfail, "~include:x.test"),
        ])
    func include(_ record: String, _ result: SPFResult, _ mechanism: String) async throws {
        let outcome = try await checkSPF([
            "example.test": ["TXT v=spf1 ~include:x.test -all"], "x.test": ["TXT \(record)"],
            "y.test": ["TXT v=spf1 +all"],
        ])
        #expect(outcome.result == result)
        #expect(outcome.mechanism == mechanism)
        #expect(outcome.domain == "example.test")
    }

    @Test("include of a domain without a record, or of none, is a permerror")
    func includeNone() async throws {
        for target in ["x.test", "%{h}", "a..test", "none.invalid"] {
            let outcome = try await checkSPF(
                ["example.test": ["TXT v=spf1 include:\(target) +all"], "x.test": ["A 192.0.2.1"]], helo: "single")
            #expect(outcome.result == .permerror)
            #expect(outcome.reason?.hasPrefix("include:\(target): ") == true)
        }
    }

    @Test("an error in an included record is the error of the whole check")
    func includeErrors() async throws {
        let outcome = try await checkSPF(
            ["example.test": ["TXT v=spf1 include:x.test +all"], "x.test": ["TXT v=spf1 bogus"]])
        #expect(outcome.result == .permerror)
        #expect(outcome.reason == "record of x.test: 'bogus': there is no such mechanism")
    }

    @Test("within an included record %{d} is its domain and %{o} the sender's")
    func includeContext() async throws {
        let outcome = try await checkSPF([
            "example.test": ["TXT v=spf1 include:%{d2}.x.test -all"],
            "example.test.x.test": ["TXT v=spf1 exists:%{d}.%{o}"],
            "example.test.x.test.example.test": ["A 127.0.0.2"],
        ])
        #expect(outcome.result == .pass)
    }

    // MARK: - redirect (RFC 7208 §6.1)

    @Test("redirect is followed where nothing matches, wherever it stands")
    func redirect() async throws {
        let zone = [
            "example.test": ["TXT v=spf1 redirect=_spf.%{d} ip4:198.51.100.1"],
            "_spf.example.test": ["TXT v=spf1 a:h.test -all"], "h.test": ["A 192.0.2.1"],
        ]
        let outcome = try await checkSPF(zone)
        #expect(outcome.mechanism == "a:h.test")
        #expect(outcome.result == .pass)
        #expect(outcome.lookups == 2)
        #expect(outcome.domain == "example.test")
        #expect(try await checkSPF(zone, ip: "198.51.100.1").mechanism == "ip4:198.51.100.1")
        #expect(try await checkSPF(zone, ip: "198.51.100.2").result == .fail)
    }

    @Test("redirect to a domain without a record is a permerror")
    func redirectNone() async throws {
        let outcome = try await checkSPF(["example.test": ["TXT v=spf1 redirect=x.test"]])
        #expect(outcome.result == .permerror)
        #expect(outcome.reason == "redirect=: x.test has no SPF record")
    }

    // MARK: - exp (RFC 7208 §6.2)

    @Test("a fail is explained by the record that gave it, by no included one")
    func explanation() async throws {
        let zone = [
            "example.test": ["TXT v=spf1 include:x.test exp=why.test redirect=y.test"],
            "x.test": ["TXT v=spf1 -all exp=whyx.test"], "y.test": ["TXT v=spf1 -all exp=why.%{d}"],
            "why.test": ["TXT not this"], "whyx.test": ["TXT nor this"],
            "why.y.test": ["TXT %{c} is not of %{d}, %{o}; see %{r}"],
        ]
        #expect(
            try await checkSPF(zone).explanation == "192.0.2.1 is not of y.test, example.test; see mx.receiver.test")
    }

    @Test("only a fail is explained")
    func onlyFail() async throws {
        for record in ["v=spf1 ~all", "v=spf1 ?all", "v=spf1 +all", "v=spf1"] {
            let zone = TestZone(["example.test": ["TXT \(record) exp=why.test"], "why.test": ["TXT no"]])
            #expect(try await checkSPF(zone).explanation == nil)
            #expect(zone.asked.count == 1)
        }
    }

    @Test(
        "an explanation that can't be had changes nothing",
        arguments: [
            ["TIMEOUT"], [], ["A 192.0.2.1"], ["TXT one", "TXT two"], ["TXT %{x}"], ["TXT \u{E9}"], ["TXT 100%"],
        ])
    func noExplanation(_ records: [String]) async throws {
        let outcome = try await checkSPF(["example.test": ["TXT v=spf1 -all exp=why.test"], "why.test": records])
        #expect(outcome.result == .fail)
        #expect(outcome.explanation == nil)
        #expect(outcome.lookups == 0)
        #expect(outcome.voidLookups == 0)
    }
}
