// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceNative

/// Keys, zones and messages for the tests of DKIM.
enum DKIMFixture {
    static let pool = CPUPool(threads: 2)
    static let now = Timestamp(seconds: 1_700_000_000)
    /// One key of each type: making an RSA key takes a tenth of a second.
    static let keys: [DKIMAlgorithm: DKIMKey] = {
        var keys: [DKIMAlgorithm: DKIMKey] = [:]
        for algorithm in DKIMAlgorithm.allCases {
            do { keys[algorithm] = try DKIMKey.generate(algorithm) } catch { Issue.record(error) }
        }
        return keys
    }()

    static func key(_ algorithm: DKIMAlgorithm = .rsaSHA256) throws -> DKIMKey { try #require(keys[algorithm]) }

    /// An RSA key of any length: its public and its private part. No key, empty parts.
    static func rsaKey(bits: Int) -> (publicOctets: [UInt8], pem: [UInt8]) {
        guard let key = EVPKey(generating: .rsaSHA256, bits: bits) else { return ([], []) }
        return (key.publicOctets, key.privatePEM)
    }

    static let text = """
        Received: from a by b\r
        From: Ann <ann@example.org>\r
        To: bob@example.com,\r
        \tcarol@example.com\r
        Subject:  a  subject \r
        Date: Tue, 14 Nov 2023 22:13:20 +0000\r
        Message-ID: <1@example.org>\r
        \r
        Hello,  \r
        \t world\r
        \r
        \r

        """

    static func message(_ text: String = text) throws -> Message { try Message(MemoryContent(text)) }

    static func record(_ texts: String...) -> [ZoneResolver.Entry] {
        texts.map { .record(.txt, .text([Array($0.utf8)])) }
    }

    static func zone(_ texts: String..., name: String = "s1._domainkey.example.org") -> ZoneResolver {
        ZoneResolver([name: texts.map { .record(.txt, .text([Array($0.utf8)])) }])
    }

    /// The message of ``text`` with a signature on top.
    static func signed(
        _ key: DKIMKey, _ canonicalization: DKIMCanonicalization = .standard, at now: Timestamp = now
    ) async throws -> Message {
        try await signed(text, key, canonicalization, at: now)
    }

    /// A message with a signature on top.
    static func signed(
        _ text: String, _ key: DKIMKey, _ canonicalization: DKIMCanonicalization = .standard,
        at now: Timestamp = now
    ) async throws -> Message {
        let message = try message(text)
        let signer = try DKIMSigner(
            domain: "example.org", selector: "s1", key: key, canonicalization: canonicalization, pool: pool)
        return message.applying([
            .addField(name: "DKIM-Signature", value: try await signer.sign(message, now: now), position: 0)
        ])
    }

    static func octets(_ message: Message) throws -> [UInt8] {
        Array(message.headerOctets.readableBytesView) + Array(try message.body.readAll().readableBytesView)
    }

    static func verify(
        _ message: Message, _ resolver: some Resolver, at now: Timestamp = now,
        limits: DKIMVerifier.Limits = DKIMVerifier.Limits()
    ) async throws -> [DKIMSignatureResult] {
        try await DKIMVerifier(pool: pool, limits: limits).verify(message: message, resolver: resolver, now: now)
    }

    static let canonicalizations = DKIMCanonicalization.Form.allCases.flatMap { header in
        DKIMCanonicalization.Form.allCases.map { DKIMCanonicalization(header: header, body: $0) }
    }
}
