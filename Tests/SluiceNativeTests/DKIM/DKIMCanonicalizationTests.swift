// SPDX-License-Identifier: Apache-2.0
import Foundation
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
            for (form, canonical) in [(DKIMCanonicalization.Form.relaxed, relaxed), (.simple, simple)] {
                var octets: [UInt8] = []
                DKIMHeaderCanonicalizer.write(field, form, to: &octets)
                #expect(octets == Array(canonical.utf8))
            }
        }
    }

    /// RFC 6376 §3.4.3 and §3.4.4 as they are written, over the whole body at once.
    private static func canonical(_ body: String, _ form: DKIMCanonicalization.Form) -> [UInt8] {
        var lines = body.components(separatedBy: "\r\n")
        if form == .relaxed {
            lines = lines.map { line in
                let words = line.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "\t" }
                let kept = words.enumerated().filter { $0.offset == 0 || !$0.element.isEmpty }.map(\.element)
                return kept.joined(separator: " ")
            }
        }
        while lines.last == "" { lines.removeLast() }
        if lines.isEmpty { return form == .simple ? [13, 10] : [] }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    @Test("bodies of any length, in pieces of any length, have the form that the RFC says", arguments: UInt64(1)...16)
    func reference(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            " ", "\t", "\r\n", "\r\n\r\n", "a", "b c", "\u{FC}", " \r\n", String(repeating: "word  ", count: 40),
            String(repeating: "x", count: 20_000), String(repeating: "\r\n", count: 300),
        ]
        var body = ""
        for _ in 0..<Int.random(in: 0...80, using: &random) { body += pieces.randomElement(using: &random) ?? "" }
        for form in DKIMCanonicalization.Form.allCases {
            let expected = Self.canonical(body, form)
            let limit = Bool.random(using: &random) ? Int.random(in: 0...expected.count, using: &random) : nil
            var canonicalizer = DKIMBodyCanonicalizer(form, limit: limit)
            var rest = Array(body.utf8)[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...[2, 300, 30_000][Int(seed % 3)], using: &random))
                canonicalizer.update(ByteBuffer(bytes: piece))
                rest = rest.dropFirst(piece.count)
            }
            let result = canonicalizer.finish()
            #expect(result.length == expected.count)
            #expect(result.hash == SHA256Digest.of(Array(expected.prefix(limit ?? expected.count))))
            #expect(!result.hasBareLineEnds)
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

    @Test("of a message that was changed libopendkim says what we say", arguments: UInt64(1)...40)
    func agreementOnChanges(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let key = try DKIMFixture.key(DKIMAlgorithm.allCases[Int(seed % 2)])
        let publicKey = try DKIMPublicKey(DKIMKeyRecord(Array(key.record.utf8)), for: key.algorithm)
        var compared = 0
        var passed = 0
        for round in 0..<24 {
            let canonicalization = DKIMFixture.canonicalizations[round % DKIMFixture.canonicalizations.count]
            var octets = try DKIMFixture.octets(try await DKIMFixture.signed(key, canonicalization))
            // Behind the signature, which stands on top: what becomes of changed tags is the parser's to say.
            let start = try #require(octets.firstRange(of: Array("\r\nReceived:".utf8))).upperBound
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: start..<octets.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: octets[place] = UInt8.random(in: 0x21...0x7E, using: &random)
                case 1: octets[place] = 0x20
                case 2: octets.insert(0x20, at: place)
                default: octets.remove(at: place)
                }
            }
            let changed = try Message(MemoryContent(ByteBuffer(bytes: octets)))
            let field = try #require(changed.header.fields.first)
            let signature = try DKIMSignature(DKIMTagList(field.rawValue.readableBytesView))
            let fields = SignedFields(changed.header)
            guard let prepared = fields.forOpenDKIM(signature, at: 0),
                let theirs = try OpenDKIMVerification(key: publicKey, clockDrift: 0)?
                    .verify(fields: prepared, body: changed.body)
            else { continue }
            let ours = try DirectVerification.verify(
                signature, at: 0, of: fields, body: changed.body, key: publicKey)
            #expect(ours == theirs, "\(canonicalization) \(String(decoding: octets, as: UTF8.self))")
            compared += 1
            if ours == .pass { passed += 1 }
        }
        #expect(compared >= 8 && passed >= 1 && passed < compared)
    }

    @Test("libopendkim's RSA signatures are ours, octet by octet", arguments: UInt64(1)...24)
    func sameSignature(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = [" ", "\t", "\r\n ", "\r\n\t", "a", "b c", "=", ";", "\u{FC}", "longer words here"]
        func text(_ count: Int, _ pieces: [String]) -> String {
            var text = ""
            for _ in 0..<Int.random(in: 0...count, using: &random) {
                text += pieces.randomElement(using: &random) ?? ""
            }
            return text
        }
        var header = "From:\(text(6, pieces)) a@example.org\r\n"
        for name in ["To", "Subject", "SUBJECT", "list-id", "Message-ID"] where Bool.random(using: &random) {
            header += "\(name):\(text(8, pieces))x\r\n"
        }
        let body = text(60, pieces + ["\r\n", " \r\n", "\r\n\r\n"]).replacing("\r\n\r\n ", with: "\r\n ")
        let message = try DKIMFixture.message(header + "\r\n" + body)
        let key = try DKIMFixture.key()
        let ours = try #require(DKIMSigningKey(key))
        for canonicalization in DKIMFixture.canonicalizations {
            let form = canonicalization.header
            guard let signing = OpenDKIMSigning(key, canonicalization, now: DKIMFixture.now) else {
                Issue.record("no handle")
                continue
            }
            let value = try signing.sign(
                fields: message.header.fields.map { SignedFields.prepared($0, form) }, body: message.body)
            let field = HeaderField(name: "DKIM-Signature", value: value)
            let signature = try DKIMSignature(DKIMTagList(field.rawValue.readableBytesView))
            #expect(try DKIMBodyCanonicalizer.hash(of: message.body, canonicalization.body).hash == signature.bodyHash)
            let position = value.range(of: "b=", options: .backwards)?.upperBound
            let empty = try #require(position)
            let octets = DirectSigning.signedOctets(
                fields: message.header.fields, names: signature.signedFieldNames,
                field: HeaderField(name: "DKIM-Signature", value: String(value[..<empty])), form)
            #expect(ours.sign(octets) == signature.signature, "\(canonicalization) \(header.debugDescription)")
        }
    }
}
