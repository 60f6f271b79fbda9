// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("Canonicalization (RFC 6376 §3.4)") struct DKIMCanonicalizationTests {
    @Test(
        "the words of c=",
        arguments: [
            ("relaxed", "relaxed/simple"), ("simple", "simple/simple"), ("relaxed/relaxed", "relaxed/relaxed"),
            ("Simple/RELAXED", "simple/relaxed"),
        ])
    func words(text: String, written: String) { #expect(DKIMCanonicalization(text)?.description == written) }

    @Test("other words", arguments: ["", "/", "relaxed/", "/simple", "nowsp", "simple/simple/simple", "simple simple"])
    func otherWords(text: String) { #expect(DKIMCanonicalization(text) == nil) }

    private static func hash(_ body: String, _ form: DKIMCanonicalization.Form, pieces: Int = 1000, limit: Int? = nil)
        -> DKIMBodyCanonicalizer.Result
    {
        var canonicalizer = DKIMBodyCanonicalizer(form, limit: limit)
        var rest = Array(body.utf8)[...]
        while !rest.isEmpty {
            canonicalizer.update(ByteBuffer(bytes: rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        return canonicalizer.finish()
    }

    @Test(
        "bodies and their canonical forms",
        arguments: [
            (" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n", " C \r\nD \t E\r\n"), ("", "", "\r\n"),
            ("\r\n\r\n", "", "\r\n"),
            (" \t\r\n", "", " \t\r\n"), ("a", "a\r\n", "a\r\n"), ("a \r\n\r\nb", "a\r\n\r\nb\r\n", "a \r\n\r\nb\r\n"),
            ("a\r\n \r\n", "a\r\n", "a\r\n \r\n"), ("a\rb\nc\r\r\n", "a\rb\nc\r\r\n", "a\rb\nc\r\r\n"),
            ("\r\n\r\na\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n"), ("a\r", "a\r\r\n", "a\r\r\n"),
        ])
    func bodies(body: String, relaxed: String, simple: String) {
        for pieces in [1, 2, 3, 1000] {
            let relaxedHash = Self.hash(body, .relaxed, pieces: pieces)
            #expect(relaxedHash.hash == SHA256Digest.of(Array(relaxed.utf8)))
            #expect(relaxedHash.length == relaxed.utf8.count)
            let simpleHash = Self.hash(body, .simple, pieces: pieces)
            #expect(simpleHash.hash == SHA256Digest.of(Array(simple.utf8)))
            #expect(simpleHash.length == simple.utf8.count)
        }
    }

    @Test("l= hashes the first octets of the canonical form, and the whole length is told")
    func limit() {
        let result = Self.hash("a  b\r\nc\r\n", .relaxed, limit: 4)
        #expect(result.hash == SHA256Digest.of(Array("a b\r".utf8)))
        #expect(result.length == 8)
    }

    @Test(
        "a CR or LF that stands alone is told",
        arguments: [("a\r\nb", false), ("a\rb", true), ("\n", true), ("a\r", true)])
    func bareLineEnds(body: String, isBare: Bool) {
        for pieces in [1, 100] { #expect(Self.hash(body, .relaxed, pieces: pieces).hasBareLineEnds == isBare) }
    }

    @Test("fields and their canonical forms")
    func fields() throws {
        for (raw, relaxed, simple) in [
            ("A: X\r\n", "a:X", "A: X"), ("B : Y\t\r\n\tZ  \r\n", "b:Y Z", "B : Y\t\r\n\tZ  "),
            ("Subject:\r\n  x\r\n \r\n\ty\r\n", "subject:x y", "Subject:\r\n  x\r\n \r\n\ty"), ("C:\r\n", "c:", "C:"),
            ("D\t:  \r\n", "d:", "D\t:  "), ("E:a\u{B}b\r\n", "e:a\u{B}b", "E:a\u{B}b"),
        ] {
            let field = try #require(HeaderField(raw: ByteBuffer(string: raw)))
            #expect(DKIMHeaderCanonicalizer.canonical(field, .relaxed) == ByteBuffer(string: relaxed))
            #expect(DKIMHeaderCanonicalizer.canonical(field, .simple) == ByteBuffer(string: simple))
        }
    }

    @Test("libopendkim's canonical forms are ours", arguments: UInt64(1)...12)
    func agreement(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let pieces = [" ", "\t", "\r\n", "\r\n\r\n", "a", "b c", ".", "\u{FC}", "--x", " \r\n", "longer words here"]
        var body = ""
        for _ in 0..<Int.random(in: 0...60, using: &random) { body += pieces.randomElement(using: &random) ?? "" }
        let text = "From: a@example.org\r\nSubject:\(["", " x", "  y \r\n\tz "][Int(seed % 3)])\r\n\r\n" + body
        let algorithm = DKIMAlgorithm.allCases[Int(seed % 2)]
        let key = try DKIMFixture.key(algorithm)
        let record = try DKIMKeyRecord(Array(key.record.utf8))
        let publicKey = try DKIMPublicKey(record, for: algorithm)
        for canonicalization in DKIMFixture.canonicalizations {
            // An RSA key: signed by libopendkim, verified by us. An Ed25519 key: the other way round.
            let signed = try await DKIMFixture.signed(text, key, canonicalization)
            let field = try #require(signed.header.fields.first)
            let signature = try DKIMSignature(DKIMTagList(field.rawValue.readableBytesView))
            let outcome = try DirectVerification.verify(
                signature, at: 0, of: SignedFields(signed.header), body: signed.body, key: publicKey)
            #expect(outcome == .pass, "\(canonicalization) \(body.debugDescription)")
            let prepared = try #require(SignedFields(signed.header).forOpenDKIM(signature, at: 0))
            guard let verification = OpenDKIMVerification(key: publicKey, clockDrift: 0) else {
                Issue.record("no handle")
                continue
            }
            #expect(try verification.verify(fields: prepared, body: signed.body) == .pass)
        }
    }
}
