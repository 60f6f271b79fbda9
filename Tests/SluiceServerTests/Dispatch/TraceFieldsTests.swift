// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceFilter
import Testing

@testable import SluiceServer

@Suite("Trace fields") struct TraceFieldsTests {
    private let pass = AuthenticationResult(
        method: "spf", result: "pass", properties: [.init("smtp", "mailfrom", "a.test")])

    @Test("stand on top: Received first, then the results, and the message below as it came")
    func order() throws {
        var fixture = DispatchFixture()
        fixture.stages = [StageRecord(name: "spf", outcome: .ran, authentication: [pass])]
        fixture.score = StageResult.Score(score: 6.25, required: 5)
        #expect(
            try fixture.fields().map(\.name) == [
                "Received", "Authentication-Results", "X-Spam-Flag", "X-Spam-Score", "X-Spam-Status", "X-Sluice-Stages",
                "Subject", "Message-ID",
            ])
    }

    @Test("what came in under our name is removed, and what a stage added under it stays")
    func addedByStages() throws {
        var fixture = DispatchFixture()
        fixture.content =
            "Authentication-Results: mx.example.org; dkim=pass\r\nX-Spam-Flag: YES\r\nSubject: x\r\n\r\nx\r\n"
        fixture.edits = [
            .addField(name: "Authentication-Results", value: "mx.example.org; dkim=fail", position: 0),
            .addField(name: "X-Spam-Level", value: "**", position: nil),
        ]
        #expect(
            try fixture.fields().map { "\($0.name):\($0.value)" }.filter { !$0.hasPrefix("Received") } == [
                "Authentication-Results: mx.example.org; dkim=fail", "Subject: x", "X-Spam-Level: **",
            ])
    }

    @Test("Received is as RFC 5321 §4.4 has it")
    func received() throws {
        var fixture = DispatchFixture()
        fixture.client = ClientInfo(address: .unspecified, name: "mail.client.test", helo: "client.test")
        #expect(
            try fixture.value("Received")
                == " from client.test (mail.client.test [192.0.2.1])\r\n\tby mx.example.org (Sluice) with ESMTP id "
                + "0123456789ab\r\n\tfor <anna@example.org>;\r\n\tMon, 21 Sep 2026 14:13:20 +0000")
    }

    @Test(
        "Received names the protocol (RFC 3848)",
        arguments: [
            (true, nil, nil, "ESMTP"), (true, "TLSv1.3", nil, "ESMTPS"), (true, nil, "anna", "ESMTPA"),
            (true, "TLSv1.3 AES", "anna", "ESMTPSA"), (false, nil, nil, "SMTP"),
        ] as [(Bool, String?, String?, String)])
    func protocols(_ isExtended: Bool, _ tls: String?, _ login: String?, _ name: String) throws {
        var fixture = DispatchFixture()
        fixture.client.isExtended = isExtended
        fixture.client.tls = tls
        fixture.client.login = login
        let value = try #require(try fixture.value("Received"))
        #expect(value.contains(" with \(name) id "))
        #expect(value.contains("(using ") == (tls != nil))
        #expect(!value.contains("anna ") && !value.contains("login"))
    }

    @Test("Received names the recipient only where there is one, and an IPv6 address as a literal")
    func severalRecipients() throws {
        var fixture = DispatchFixture()
        fixture.recipients = [DispatchFixture.anna, DispatchFixture.bert]
        fixture.client.address = try #require(IPAddress("2001:db8::1"))
        let value = try #require(try fixture.value("Received"))
        #expect(!value.contains(" for ") && !value.contains("anna"))
        #expect(value.contains("from client.test ([IPv6:2001:db8::1])"))
    }

    @Test(
        "nothing that a client calls itself, nor its name in the DNS, can add a field, a clause or a comment",
        arguments: [
            "a\r\nX-Injected: yes", "a) by evil.test with ESMTP id x (", "a\u{0}b", "a; Thu, 1 Jan 1970 00:00:00 +0000",
            "\"open", "back\\slash", "[192.0.2.9] (real.test", "ä.test", "a b c", "",
            String(repeating: "x", count: 5000), "<a@b>",
        ])
    func injection(_ hostile: String) throws {
        var fixture = DispatchFixture()
        fixture.client.helo = hostile
        fixture.client.name = hostile
        let fields = try fixture.fields()
        #expect(fields.map(\.name) == ["Received", "Subject", "Message-ID"])
        let value = try #require(fields.first?.value)
        #expect(value.utf8.count < 1200)
        for line in value.replacingOccurrences(of: "\r\n\t", with: "\n").split(separator: "\n") {
            #expect(line.utf8.allSatisfy { $0 >= 32 && $0 < 127 })
        }
        #expect(value.filter { $0 == ";" }.count == 1)
        #expect(value.filter { $0 == "(" }.count == value.filter { $0 == ")" }.count)
        #expect(value.filter { $0 == "\"" || $0 == "\\" }.isEmpty)
        #expect(value.components(separatedBy: " by ").count + value.components(separatedBy: "\tby ").count == 3)
    }

    @Test("forged results of our own id are removed, all of them, and those of others are kept")
    func forged() throws {
        var fixture = DispatchFixture()
        fixture.content =
            "Authentication-Results: mx.example.org; spf=pass\r\nAuthentication-Results: other.test; spf=pass\r\n"
            + "authentication-results : (c) \"MX.EXAMPLE.ORG\" 1;\r\n dkim=pass\r\nSubject: x\r\n"
            + "AUTHENTICATION-RESULTS:\r\n mx.example.org; none\r\n\r\nbody\r\n"
        fixture.stages = [StageRecord(name: "spf", outcome: .ran, authentication: [pass])]
        let results = try fixture.fields().filter { $0.name.lowercased() == "authentication-results" }.map(\.value)
        #expect(results == [" mx.example.org;\r\n\tspf=pass smtp.mailfrom=a.test", " other.test; spf=pass"])
    }

    @Test("incoming X-Spam-* and X-Sluice-* fields are removed, of trusted clients too", arguments: [true, false])
    func incoming(_ isTrusted: Bool) throws {
        var fixture = DispatchFixture()
        fixture.isTrusted = isTrusted
        fixture.content =
            "X-Spam-Status: No\r\nX-SPAM-Flag: NO\r\nSubject: x\r\nx-sluice-stages: all=ran\r\nX-Spam-Anything: 1\r\n"
            + "X-Spammer: kept\r\n\r\nbody\r\n"
        #expect(try fixture.fields().map(\.name) == ["Received", "Subject", "X-Spammer"])
    }

    @Test("fields that a stage added are counted right: what is removed is what was forged")
    func afterEdits() throws {
        var fixture = DispatchFixture()
        fixture.content = "X-Spam-Flag: NO\r\nSubject: x\r\n\r\nbody\r\n"
        fixture.edits = [
            .addField(name: "Subject", value: "first", position: 0), .deleteField(name: "Subject", occurrence: 2),
        ]
        #expect(try fixture.fields().map(\.name) == ["Received", "Subject"])
        #expect(try fixture.value("Subject") == " first")
    }

    @Test("the spam verdict is written out, and not for trusted clients")
    func spam() throws {
        var fixture = DispatchFixture()
        fixture.stages = [
            StageRecord(
                name: "spam", outcome: .ran,
                findings: [Finding(name: "ONE", score: 1, why: ""), Finding(name: "TWO", score: 2, why: "")])
        ]
        fixture.score = StageResult.Score(score: 3, required: 5)
        #expect(try fixture.value("X-Spam-Status") == " No, score=3.0 required=5.0\r\n\ttests=ONE,\r\n\tTWO")
        #expect(try fixture.value("X-Spam-Flag") == nil)
        fixture.score = StageResult.Score(score: 5, required: 5)
        #expect(try fixture.value("X-Spam-Flag") == " YES")
        fixture.isTrusted = true
        #expect(try fixture.value("X-Spam-Status") == nil)
    }

    @Test("a stage that was skipped, timed out or failed is visible, and has no score")
    func unchecked() throws {
        var fixture = DispatchFixture()
        fixture.stages = [
            StageRecord(name: "spf", outcome: .skipped, reason: "skipped: trusted client"),
            StageRecord(name: "virus", outcome: .timedOut, policy: .pass),
            StageRecord(name: "spam", outcome: .failed, policy: .pass),
        ]
        #expect(
            try fixture.value("X-Sluice-Stages")
                == " spf=skipped,\r\n\tvirus=timed_out (pass),\r\n\tspam=failed (pass)")
        #expect(try fixture.value("X-Spam-Score") == nil)
    }

    @Test("without a client's address Received says where it came to, not from where")
    func noAddress() throws {
        var fixture = DispatchFixture()
        fixture.hasClientAddress = false
        #expect(try #require(try fixture.value("Received")).hasPrefix(" by mx.example.org (Sluice)"))
    }
}
