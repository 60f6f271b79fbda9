// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import Testing

@testable import SluiceNative

@Suite("Signing (RFC 6376 §5)") struct DKIMSignerTests {
    @Test("the signature has the tags that were asked for")
    func tags() async throws {
        let signed = try await DKIMFixture.signed(
            try DKIMFixture.key(), DKIMCanonicalization(header: .simple, body: .relaxed))
        let field = try #require(signed.header.fields.first)
        #expect(field.name == "DKIM-Signature")
        let signature = try DKIMSignature(DKIMTagList(field.rawValue.readableBytesView))
        #expect(signature.domain == "example.org")
        #expect(signature.selector == "s1")
        #expect(signature.timestamp == 1_700_000_000)
        #expect(signature.canonicalization.description == "simple/relaxed")
        #expect(signature.bodyLength == nil)
    }

    @Test("From is signed once more than it is there; trace fields are not signed")
    func signedFields() async throws {
        let signed = try await DKIMFixture.signed(try DKIMFixture.key())
        let field = try #require(signed.header.fields.first)
        let signature = try DKIMSignature(DKIMTagList(field.rawValue.readableBytesView))
        #expect(signature.signedFieldNames.sorted() == ["date", "from", "from", "message-id", "subject", "to"])
    }

    @Test("no line of the field is longer than 78 characters")
    func folding() async throws {
        for algorithm in DKIMAlgorithm.allCases {
            let signed = try await DKIMFixture.signed(try DKIMFixture.key(algorithm))
            let field = try #require(signed.header.fields.first)
            let lines = String(decoding: field.raw.readableBytesView, as: UTF8.self).components(separatedBy: "\r\n")
            #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        }
    }

    @Test(
        "a message that can't be signed",
        arguments: [
            "To: b@example.org\r\n\r\nbody\r\n", "From: a@example.org\u{0}\r\n\r\nbody\r\n",
            "From: a@example.org\r\n\r\nbare \r return\r\n",
            "From: a@example.org\r\n" + String(repeating: "References: <x@y>\r\n", count: 500) + "\r\n",
        ])
    func unsignable(text: String) async throws {
        let key = try DKIMFixture.key(.ed25519SHA256)
        await #expect(throws: DKIMSigningError.self) { try await DKIMFixture.signed(text, key) }
    }

    @Test("a field that verifiers read differently stays unsigned")
    func oddField() async throws {
        let key = try DKIMFixture.key(.ed25519SHA256)
        let signed = try await DKIMFixture.signed("From: a@example.org\r\nSubject: a\u{B}b\r\n\r\nbody\r\n", key)
        let field = try #require(signed.header.fields.first)
        #expect(try DKIMSignature(DKIMTagList(field.rawValue.readableBytesView)).signedFieldNames == ["from", "from"])
    }

    @Test(
        "domains and selectors that can't stand in a signature",
        arguments: [
            ("", "s1"), ("a b", "s1"), ("a;b", "s1"), ("example.org", ""), ("example.org", "a b"),
            ("example.org", "a;b"), ("b\u{FC}cher.example", "s1"),
        ])
    func names(domain: String, selector: String) throws {
        let key = try DKIMFixture.key()
        #expect(throws: DKIMSigningError.self) {
            try DKIMSigner(domain: domain, selector: selector, key: key, pool: DKIMFixture.pool)
        }
    }
}

@Suite("Private keys") struct DKIMKeyTests {
    /// Writes a file in a folder of its own and gives its path.
    private static func withFile<Value>(
        _ octets: [UInt8], mode: Int = 0o600, _ body: (String) throws -> Value
    ) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-dkim-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // The folder is the system's to clear else.
        let path = folder.appendingPathComponent("key.pem").path
        try Data(octets).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return try body(path)
    }

    @Test("a key is read from its file", arguments: DKIMAlgorithm.allCases)
    func file(algorithm: DKIMAlgorithm) throws {
        let key = try DKIMFixture.key(algorithm)
        let read = try Self.withFile(key.pem) { try DKIMKey(file: $0) }
        #expect(read.algorithm == algorithm)
        #expect(read.record == key.record)
    }

    @Test(
        "a file that everyone may read or change is refused, and what is right is said",
        arguments: [0o644, 0o604, 0o602])
    func worldReadable(mode: Int) throws {
        let key = try DKIMFixture.key()
        let error = try Self.withFile(key.pem, mode: mode) { path in
            #expect(throws: DKIMKeyError.self) { try DKIMKey(file: path) }
        }
        #expect(error?.description.contains("chmod 600") == true)
    }

    @Test("a group may read it")
    func groupReadable() throws {
        let key = try DKIMFixture.key()
        #expect(try Self.withFile(key.pem, mode: 0o640) { try DKIMKey(file: $0) }.bits == 2048)
    }

    @Test("a file that is missing, and what makes one")
    func missing() {
        let error = #expect(throws: DKIMKeyError.self) { try DKIMKey(file: "/nonexistent/key.pem") }
        #expect(
            error?.description
                == "/nonexistent/key.pem: no such file; `sluice dkim keygen --out /nonexistent/key.pem` makes a key")
    }

    @Test("a folder is no key")
    func folder() { #expect(throws: DKIMKeyError.self) { try DKIMKey(file: "/tmp") } }

    @Test(
        "what is no private key",
        arguments: [
            "", "rubbish", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        ])
    func rubbish(text: String) {
        #expect(throws: DKIMKeyError.self) { try DKIMKey(pem: Array(text.utf8)) }
        #expect(throws: DKIMKeyError.self) { try Self.withFile(Array(text.utf8)) { try DKIMKey(file: $0) } }
    }

    @Test("a public key is no private key")
    func publicKey() throws {
        let pem =
            "-----BEGIN PUBLIC KEY-----\n\(DKIMBase64.encode(try DKIMFixture.key().publicOctets))\n-----END PUBLIC KEY-----\n"
        #expect(throws: DKIMKeyError.self) { try DKIMKey(pem: Array(pem.utf8)) }
    }

    @Test("keys of a length that not every verifier knows are not made", arguments: [0, 512, 1023, 4097, 1 << 20])
    func bits(count: Int) {
        #expect(throws: DKIMKeyError.self) { try DKIMKey.generate(.rsaSHA256, bits: count) }
    }

    @Test("a short key is not signed with")
    func shortKey() throws {
        let pem = DKIMFixture.rsaKey(bits: 512).pem
        #expect(throws: DKIMKeyError.self) { try DKIMKey(pem: pem) }
    }

    @Test("the record is cut into character-strings of at most 255 octets")
    func recordStrings() throws {
        let key = try DKIMKey.generate(.rsaSHA256, bits: 3072)
        #expect(key.recordStrings.joined() == key.record)
        #expect(key.recordStrings.allSatisfy { $0.utf8.count <= 255 })
        let line = key.zoneLine(selector: "s1", domain: "example.org")
        #expect(line.hasPrefix("s1._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p="))
        let short = try DKIMFixture.key(.ed25519SHA256).zoneLine(selector: "s1", domain: "example.org")
        #expect(short.hasPrefix("s1._domainkey.example.org. IN TXT \"v=DKIM1; k=ed25519; p="))
    }

    @Test("printing a key shows no part of it")
    func description() throws {
        #expect("\(try DKIMFixture.key())" == "a private key for rsa-sha256, 2048 bits")
    }
}
