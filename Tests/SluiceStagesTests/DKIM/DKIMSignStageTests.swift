// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceFilter
import SluiceNative
import Testing

@testable import SluiceStages

@Suite("Stage dkim-sign") struct DKIMSignStageTests {
    private typealias Fixture = DKIMStageFixture
    private typealias Key = DKIMSignStage.Configuration.Key

    private static func stage(_ keys: [Key], _ canonicalization: DKIMCanonicalization = .standard) throws
        -> DKIMSignStage
    {
        try DKIMSignStage(
            configuration: DKIMSignStage.Configuration(keys: keys, canonicalization: canonicalization),
            services: Fixture.services())
    }

    @Test("it signs, no accept skips it, and no stage that edits may follow")
    func placement() {
        #expect(DKIMSignStage.name == "dkim-sign")
        #expect(DKIMSignStage.placement.signs)
        #expect(!DKIMSignStage.placement.isSkippable)
    }

    @Test("the signature is put on top, and verifies")
    func signs() async throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        let stage = try Self.stage([Key(domain: "Example.org", selector: "s1", key: key)])
        let message = try Fixture.message()
        let result = try await stage.evaluate(message, in: try Fixture.context())
        #expect(result.verdict == .pass && result.skipped == nil)
        #expect(result.findings.map(\.why) == ["signed for example.org with selector s1"])
        guard case .addField("DKIM-Signature", _, position: 0)? = result.edits.first else {
            Issue.record("no DKIM-Signature on top: \(result.edits)")
            return
        }
        let verified = try await DKIMVerifier(pool: CPUPool(threads: 1)).verify(
            message: message.applying(result.edits), resolver: Fixture.zone(key), now: Fixture.now)
        #expect(verified.map(\.result) == [.pass])
    }

    @Test(
        "the key is that of the author domain, or of its nearest parent",
        arguments: [
            ("ann@example.org", "example.org"), ("ann@EXAMPLE.org", "example.org"),
            ("ann@a.sub.example.org", "sub.example.org"),
            ("ann@other.example.org", "example.org"), ("Ann <x@other.net>, ann@example.org", "example.org"),
            ("\"eve@other.net\" <ann@sub.example.org>", "sub.example.org"),
        ])
    func choice(from: String, domain: String) async throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        let stage = try Self.stage(
            ["net.example", "example.org", "sub.example.org"].map { Key(domain: $0, selector: "s1", key: key) })
        let result = try await stage.evaluate(
            try Fixture.message("From: \(from)\r\n\r\nx\r\n"), in: try Fixture.context())
        #expect(result.findings.map(\.why) == ["signed for \(domain) with selector s1"])
    }

    @Test(
        "without a key the stage is skipped, and says why",
        arguments: [
            ("From: ann@example.net\r\n", "skipped: no key for example.net"),
            ("From: ann@notexample.org\r\n", "skipped: no key for notexample.org"),
            ("From: nobody\r\n", "skipped: From names no author with a domain"),
            ("To: ann@example.org\r\n", "skipped: From names no author with a domain"),
        ])
    func skipped(header: String, reason: String) async throws {
        let stage = try Self.stage([
            Key(domain: "example.org", selector: "s1", key: try DKIMKey.generate(.ed25519SHA256))
        ])
        let result = try await stage.evaluate(try Fixture.message(header + "\r\nx\r\n"), in: try Fixture.context())
        #expect(result == StageResult(skipped: reason))
    }

    @Test("a domain with an RSA and an Ed25519 key signs with both (RFC 8463)")
    func twoKeys() async throws {
        let stage = try Self.stage([
            Key(domain: "example.org", selector: "rsa", key: try DKIMKey.generate(.rsaSHA256, bits: 1024)),
            Key(domain: "example.org", selector: "ed", key: try DKIMKey.generate(.ed25519SHA256)),
        ])
        let result = try await stage.evaluate(try Fixture.message(), in: try Fixture.context())
        #expect(result.edits.count == 2)
    }

    @Test("a stage with a domain that can't stand in a signature is not made")
    func badDomain() throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        #expect(throws: DKIMSigningError.self) { try Self.stage([Key(domain: "a;b", selector: "s1", key: key)]) }
    }

    private static func entry(_ file: String, _ more: [(String, ConfigurationNode.Value)] = []) -> ConfigurationNode {
        Fixture.mapping(
            [
                ("domain", Fixture.plain("example.org")), ("selector", Fixture.plain("s1")),
                ("file", Fixture.plain(file)),
            ] + more, line: 3)
    }

    @Test("keys are read with the configuration, relative to its folder")
    func configuration() throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        try Fixture.withFolder { folder in
            try Fixture.write(key, to: folder + "/s1.pem")
            let (value, diagnostics) = Fixture.configuration(
                DKIMSignStage.Configuration.self,
                [("keys", .list([Self.entry("s1.pem")])), ("canonicalization", Fixture.plain("simple"))],
                directory: folder)
            #expect(diagnostics.isEmpty)
            #expect(value.keys.map(\.domain) == ["example.org"])
            #expect(value.keys.first?.key.record == key.record)
            #expect(value.canonicalization.description == "simple/simple")
        }
    }

    @Test("a key that is missing or world-readable is a mistake at its place")
    func badKeys() throws {
        let key = try DKIMKey.generate(.ed25519SHA256)
        try Fixture.withFolder { folder in
            try Fixture.write(key, to: folder + "/open.pem", mode: 0o644)
            let (value, diagnostics) = Fixture.configuration(
                DKIMSignStage.Configuration.self,
                [
                    (
                        "keys",
                        .list([
                            Self.entry("none.pem"), Self.entry("open.pem"),
                            Self.entry("x", [("fiel", .scalar("", isPlain: false))]),
                        ])
                    )
                ],
                directory: folder)
            #expect(value.keys.isEmpty)
            #expect(diagnostics.count == 4)
            #expect(diagnostics.contains { $0.hasPrefix("c.yml:5:9: \(folder)/none.pem: no such file") })
            #expect(diagnostics.contains { $0.hasPrefix("c.yml:5:9: \(folder)/open.pem: everyone may read") })
            #expect(diagnostics.contains { $0.contains("unknown key fiel") && $0.contains("did you mean file?") })
        }
    }

    @Test("other mistakes are reported all at once")
    func mistakes() {
        let bad = Fixture.mapping(
            [("domain", Fixture.plain("a b")), ("selector", Fixture.plain("s1")), ("file", Fixture.plain("f"))], line: 3
        )
        let worse = Fixture.mapping(
            [
                ("domain", Fixture.plain("example.org")), ("selector", Fixture.plain("s 1")),
                ("file", Fixture.plain("f")),
            ], line: 6)
        let (_, diagnostics) = Fixture.configuration(
            DKIMSignStage.Configuration.self,
            [
                ("keys", .list([bad, worse, Fixture.mapping([], line: 9)])),
                ("canonicalization", Fixture.plain("strict")),
            ])
        #expect(diagnostics.contains { $0.hasPrefix("c.yml:2:9: canonicalization is “strict”") })
        #expect(diagnostics.contains { $0.hasPrefix("c.yml:3:9: domain is “a b”") })
        #expect(diagnostics.contains { $0.hasPrefix("c.yml:7:9: selector is “s 1”") })
        #expect(diagnostics.filter { $0.contains("is missing") }.count == 3)
        let (_, none) = Fixture.configuration(DKIMSignStage.Configuration.self, [])
        #expect(none.count == 1)
    }
}
