// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import SluiceNative
import Testing

@testable import SluiceStages

@Suite("Stage dkim-verify") struct DKIMVerifyStageTests {
    private typealias Fixture = DKIMStageFixture

    private static func signed(_ key: DKIMKey, _ text: String = DKIMStageFixture.text) async throws -> Message {
        let signer = try DKIMSigner(domain: "example.org", selector: "s1", key: key, pool: CPUPool(threads: 1))
        let message = try Fixture.message(text)
        return message.applying([
            .addField(name: "DKIM-Signature", value: try await signer.sign(message, now: Fixture.now), position: 0)
        ])
    }

    private static func evaluate(
        _ message: Message, _ resolver: any Resolver = ZoneResolver([:]),
        _ settings: [(String, ConfigurationNode.Value)] = []
    ) async throws -> StageResult {
        let configuration = Fixture.configuration(DKIMVerifyStage.Configuration.self, settings)
        #expect(configuration.diagnostics.isEmpty)
        let stage = DKIMVerifyStage(configuration: configuration.value, services: Fixture.services(resolver))
        return try await stage.evaluate(message, in: try Fixture.context(resolver))
    }

    @Test("it sees the octets received, and may be skipped")
    func placement() {
        #expect(DKIMVerifyStage.name == "dkim-verify")
        #expect(DKIMVerifyStage.placement.seesReceivedOctets)
        #expect(!DKIMVerifyStage.placement.edits && !DKIMVerifyStage.placement.signs)
    }

    @Test("a signature that fits is reported with domain, selector, algorithm and the start of b=")
    func pass() async throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        let result = try await Self.evaluate(try await Self.signed(key), Fixture.zone(key))
        #expect(result.verdict == .pass)
        let authentication = try #require(result.authentication.first)
        #expect(result.authentication.count == 1)
        #expect(authentication.method == "dkim" && authentication.result == "pass")
        #expect(authentication.reason == nil)
        #expect(authentication.properties.map(\.name) == ["d", "s", "a", "b"])
        #expect(authentication.properties.prefix(3).map(\.value) == ["example.org", "s1", "ed25519-sha256"])
        #expect(authentication.properties.last?.value.utf8.count == 8)
        #expect(result.findings.map(\.name) == ["DKIM_PASS"])
        #expect(result.edits.isEmpty)
    }

    @Test("an unsigned message is none, and passes")
    func none() async throws {
        let result = try await Self.evaluate(try Fixture.message())
        #expect(result.verdict == .pass)
        #expect(result.authentication.map(\.written) == ["dkim=none"])
        #expect(result.findings.map(\.name) == ["DKIM_NONE"])
    }

    @Test("a failed signature alone refuses nothing (RFC 6376 §6.1)")
    func failPasses() async throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        let forged = try await Self.signed(key).applying([.replaceBody(Array("Other\r\n".utf8))])
        let result = try await Self.evaluate(forged, Fixture.zone(key))
        #expect(result.verdict == .pass)
        #expect(result.authentication.map(\.result) == ["fail"])
        #expect(result.authentication.first?.reason == "the hash of the body does not fit")
        #expect(result.findings.map(\.name) == ["DKIM_FAIL"])
    }

    @Test("the configuration decides otherwise by outcome")
    func actions() async throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        let signed = try await Self.signed(key)
        let forged = signed.applying([.replaceBody(Array("Other\r\n".utf8))])
        let settings = [
            ("fail", Fixture.plain("reject")), ("none", Fixture.plain("quarantine")),
            ("temperror", Fixture.plain("defer")),
        ]
        let rejected = try await Self.evaluate(forged, Fixture.zone(key), settings)
        #expect(
            rejected.verdict
                == .refuse(Reply(550, EnhancedStatusCode(5, 7, 20), "refused: invalid DKIM signature")))
        let held = try await Self.evaluate(try Fixture.message(), ZoneResolver([:]), settings)
        #expect(held.verdict == .quarantine(reason: "no DKIM signature"))
        let deferred = try await Self.evaluate(
            signed, ZoneResolver(["s1._domainkey.example.org": [.serverFailure]]), settings)
        #expect(deferred.verdict.disposition == .defer)
        // permerror was not named.
        #expect(try await Self.evaluate(signed, ZoneResolver([:]), settings).verdict == .pass)
    }

    @Test("one good signature is enough, whatever the others are")
    func bestCounts() async throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        let message = try await Self.signed(key).applying([
            .addField(name: "DKIM-Signature", value: "rubbish", position: 0)
        ])
        let settings = [("fail", Fixture.plain("reject")), ("permerror", Fixture.plain("reject"))]
        let result = try await Self.evaluate(message, Fixture.zone(key), settings)
        #expect(result.verdict == .pass)
        #expect(result.authentication.map(\.result) == ["permerror", "pass"])
        #expect(result.authentication.first?.properties.isEmpty == true)
    }

    @Test("a signature by a key in test mode counts as none")
    func testMode() async throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        let forged = try await Self.signed(key).applying([.replaceBody(Array("Other\r\n".utf8))])
        let result = try await Self.evaluate(
            forged, Fixture.zone(key, "; t=y"),
            [("fail", Fixture.plain("reject")), ("none", Fixture.plain("quarantine"))])
        #expect(result.verdict == .quarantine(reason: "no DKIM signature"))
        #expect(result.authentication.first?.reason?.contains("test mode") == true)
    }

    @Test("so many signatures are reported, and that there are more")
    func many() async throws {
        let text = String(repeating: "DKIM-Signature: x\r\n", count: 50) + Fixture.text
        let result = try await Self.evaluate(try Fixture.message(text))
        #expect(result.authentication.count == DKIMVerifyStage.reportLimit)
        #expect(result.findings.last?.name == "DKIM_MANY")
    }

    @Test("the best outcome is the message's")
    func outcomes() {
        func outcome(_ results: DKIMSignatureResult.Result...) -> DKIMVerifyStage.Outcome {
            DKIMVerifyStage.Outcome(results.map { DKIMSignatureResult(result: $0) })
        }
        #expect(outcome() == .none)
        #expect(outcome(.fail, .pass, .temperror) == .pass)
        #expect(outcome(.fail, .temperror, .neutral) == .temperror)
        #expect(outcome(.permerror, .fail) == .fail)
        #expect(outcome(.neutral, .permerror) == .permerror)
        #expect(outcome(.neutral) == .neutral)
    }

    @Test("a wrong action, an outcome that has none, and an unknown key are reported where they stand")
    func badConfiguration() {
        let (_, diagnostics) = Fixture.configuration(
            DKIMVerifyStage.Configuration.self,
            [("fail", Fixture.plain("bounce")), ("nun", Fixture.plain("reject")), ("pass", Fixture.plain("reject"))])
        #expect(
            diagnostics.contains(
                "c.yml:1:9: fail is “bounce”, one of pass, quarantine, reject, defer would be right"))
        #expect(
            diagnostics.contains { $0.hasPrefix("c.yml:2:9: unknown key nun") && $0.hasSuffix("did you mean none?") })
        #expect(diagnostics.contains { $0.hasPrefix("c.yml:3:9: unknown key pass") })
    }
}
