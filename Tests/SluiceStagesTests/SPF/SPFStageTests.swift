// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("The stage spf")
struct SPFStageTests {
    private static let zone = TestZone([
        "pass.test": ["TXT v=spf1 ip4:192.0.2.1 -all"], "fail.test": ["TXT v=spf1 -all exp=why.fail.test"],
        "why.fail.test": ["TXT %{i} is not ours"], "soft.test": ["TXT v=spf1 ~all"],
        "wrong.test": ["TXT v=spf1 bogus"], "slow.test": ["TIMEOUT"], "neutral.test": ["TXT v=spf1 ?all"],
        "bad.helo.test": ["TXT v=spf1 -all"], "hostile.test": ["TXT v=spf1 a\"\\\r\nX: \u{E9}"],
        "mail.example.test": ["TXT v=spf1 ip4:192.0.2.1 -all"],
    ])

    private func evaluate(
        _ domain: String?, helo: String = "mail.example.test", trusted: Bool = false, hasAddress: Bool = true,
        _ configure: (inout SPFStage.Configuration) -> Void = { _ in }
    ) async throws -> StageResult {
        var configuration = SPFStage.Configuration()
        configure(&configuration)
        let services = StageServices(
            resolver: Self.zone, time: SystemTime(), logger: Logger(label: "test"), pool: CPUPool(threads: 1),
            workers: nil)
        let path = domain.map { ReversePath.mailbox(Mailbox(localPart: "anna", domain: $0)) } ?? .null
        let context = StageContext(
            id: "1", now: Timestamp(seconds: 1_000_000_000), hostname: "mx.receiver.test",
            client: ClientInfo(address: try #require(IPAddress("192.0.2.1")), helo: helo), isTrusted: trusted,
            hasClientAddress: hasAddress,
            envelope: Envelope(reversePath: path, recipients: [Mailbox(localPart: "bert", domain: "receiver.test")]),
            resolver: Self.zone)
        let message = try Message(MemoryContent("Subject: x\r\n\r\nx\r\n"))
        return try await SPFStage(configuration: configuration, services: services).evaluate(message, in: context)
    }

    @Test("the result goes into Authentication-Results as RFC 8601 has it")
    func authentication() async throws {
        let pass = try await evaluate("pass.test")
        #expect(pass.authentication.map(\.written) == ["spf=pass smtp.mailfrom=pass.test"])
        let wrong = try await evaluate("wrong.test")
        #expect(
            wrong.authentication.map(\.written) == [
                "spf=permerror reason=\"record of wrong.test: 'bogus': there is no such mechanism\" "
                    + "smtp.mailfrom=wrong.test"
            ])
    }

    @Test("what a stranger wrote leaves Authentication-Results in ASCII, on one line")
    func hostileRecord() async throws {
        for domain in ["hostile.test", "b\u{FC}cher.test"] {
            let result = try await evaluate(domain)
            for text in result.authentication.map(\.written) {
                #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
            }
            #expect(result.authentication.count == 1)
        }
    }

    @Test("the null reverse-path is reported by the HELO name")
    func null() async throws {
        let result = try await evaluate(nil)
        #expect(result.authentication.map(\.written) == ["spf=pass smtp.helo=mail.example.test"])
        #expect(result.findings.map(\.name) == ["SPF_HELO_PASS"])
    }

    @Test(
        "each outcome is a finding in plain words, which alone refuses nothing",
        arguments: [
            ("pass.test", "SPF_PASS", "pass.test lets 192.0.2.1 send its mail (ip4:192.0.2.1)"),
            (
                "fail.test", "SPF_FAIL",
                "fail.test does not let 192.0.2.1 send its mail (-all); fail.test explains: 192.0.2.1 is not ours"
            ),
            ("soft.test", "SPF_SOFTFAIL", "soft.test probably does not let 192.0.2.1 send its mail (~all)"),
            ("neutral.test", "SPF_NEUTRAL", "neutral.test does not say whether 192.0.2.1 may send its mail (?all)"),
            ("none.test", "SPF_NONE", "SPF says nothing: none.test has no SPF record"),
            (
                "wrong.test", "SPF_PERMERROR",
                "the SPF records of wrong.test are wrong: record of wrong.test: 'bogus': there is no such mechanism"
            ),
            (
                "slow.test", "SPF_TEMPERROR",
                "the SPF records of slow.test can't be had now: the DNS did not answer for the record of slow.test"
            ),
        ])
    func findings(_ domain: String, _ name: String, _ why: String) async throws {
        let result = try await evaluate(domain)
        #expect(result.findings == [Finding(name: name, score: 0, why: why)])
        #expect(result.verdict == .pass)
        #expect(result.skipped == nil)
        #expect(result.edits.isEmpty)
    }

    @Test("a fail that is to be refused is 550 5.7.23, with the owner's words marked as his")
    func refuseFail() async throws {
        let result = try await evaluate("fail.test") { $0.fail = .reject }
        guard case .refuse(let reply) = result.verdict else {
            Issue.record("\(result.verdict)")
            return
        }
        #expect(reply.code == 550)
        #expect(reply.enhanced == EnhancedStatusCode(5, 7, 23))
        #expect(
            reply.lines == [
                "SPF check failed: fail.test does not let 192.0.2.1 send its mail",
                "fail.test explains: 192.0.2.1 is not ours",
            ])
        #expect(try await evaluate("soft.test") { $0.fail = .reject }.verdict == .pass)
        #expect(try await evaluate("pass.test") { $0.fail = .reject }.verdict == .pass)
    }

    @Test("a softfail or a permerror can be refused, a temperror deferred")
    func otherActions() async throws {
        let soft = try await evaluate("soft.test") { $0.softfail = .reject }
        #expect(soft.verdict.disposition == .reject)
        let wrong = try await evaluate("wrong.test") { $0.permerror = .reject }
        #expect(
            wrong.verdict.reason
                == "The SPF records of wrong.test are wrong, so that its mail can't be told from forged mail")
        if case .refuse(let reply) = wrong.verdict { #expect(reply.description.hasPrefix("550 5.7.24 ")) }
        let slow = try await evaluate("slow.test") { $0.temperror = .defer }
        #expect(slow.verdict.disposition == .defer)
        if case .refuse(let reply) = slow.verdict { #expect(reply.description.hasPrefix("451 4.7.24 ")) }
    }

    @Test("every outcome can be quarantined")
    func quarantine() async throws {
        for domain in ["fail.test", "soft.test", "wrong.test", "slow.test"] {
            let result = try await evaluate(domain) {
                $0.fail = .quarantine
                $0.softfail = .quarantine
                $0.permerror = .quarantine
                $0.temperror = .quarantine
            }
            #expect(result.verdict.disposition == .quarantine)
            #expect(result.verdict.reason?.contains(domain) == true)
        }
        let none = try await evaluate("none.test") { $0.fail = .quarantine }
        #expect(none.verdict == .pass)
    }

    @Test("the HELO name is checked too where that is wanted, and its fail counts")
    func helo() async throws {
        let both = try await evaluate("pass.test", helo: "bad.helo.test") {
            $0.checksHELO = true
            $0.fail = .reject
        }
        #expect(
            both.authentication.map(\.written) == [
                "spf=pass smtp.mailfrom=pass.test", "spf=fail smtp.helo=bad.helo.test",
            ])
        #expect(both.findings.map(\.name) == ["SPF_PASS", "SPF_HELO_FAIL"])
        #expect(both.verdict.disposition == .reject)
        #expect(both.verdict.reason?.contains("bad.helo.test") == true)
        #expect(try await evaluate("pass.test", helo: "bad.helo.test") { $0.fail = .reject }.verdict == .pass)
    }

    @Test("trusted clients, and those whose address is not known, are skipped with a reason")
    func skipped() async throws {
        #expect(try await evaluate("fail.test", trusted: true) == StageResult(skipped: "skipped: trusted client"))
        #expect(
            try await evaluate("fail.test", hasAddress: false)
                == StageResult(skipped: "skipped: no client address is known"))
    }

    @Test("a long explanation does not make a reply line too long")
    func longExplanation() async throws {
        let outcome = SPFOutcome(
            result: .fail, identity: .mailFrom, domain: String(repeating: "d", count: 253),
            explanation: String(repeating: "e", count: 1_000))
        let reply = SPFReport(outcome, client: try #require(IPAddress("2001:db8::1"))).reply
        #expect(reply.lines.count == 2)
        for line in reply.lines { #expect(line.utf8.count <= 500) }
    }
}
