// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SluiceNative

@Suite("Key records (RFC 6376 §3.6.1)") struct DKIMKeyRecordTests {
    private static func read(_ text: String) throws -> DKIMKeyRecord { try DKIMKeyRecord(Array(text.utf8)) }

    @Test("a record needs p= alone")
    func least() throws {
        let record = try Self.read("p=AAAA")
        #expect(record.keyType == "rsa")
        #expect(record.publicKey == [0, 0, 0])
        #expect(record.hashes == nil)
        #expect(!record.testing && !record.isStrict)
    }

    @Test(
        "a record that can't be used",
        arguments: [
            "", "v=DKIM1", "v=DKIM1; k=rsa", "v=DKIM2; p=AAAA", "v=dkim1; p=AAAA", "k=rsa; v=DKIM1; p=AAAA", "p=A",
            "p=AAAA; p=AAAA", "p=**", "v=DKIM1; p=AAAA; h=", "p=AAAA; s=", "v=spf1 -all", "p=AAAA; n",
        ])
    func invalid(text: String) { #expect(throws: DKIMSyntaxError.self) { try Self.read(text) } }

    @Test("flags, hashes and services are lists; what is not known in them does no harm")
    func lists() throws {
        let record = try Self.read("v=DKIM1; t=y : s:q; h=sha1:sha256; s=x:email; g=*; n=a note; p=AA AA; zz=1")
        #expect(record.testing && record.isStrict)
        #expect(record.hashes == ["sha1", "sha256"])
        #expect(record.services == ["x", "email"])
        #expect(record.publicKey.count == 3)
    }

    @Test(
        "a key that is not for the signature",
        arguments: [
            ("p=", "the key has been revoked"),
            ("k=ed25519; p=AAAA", "the key is of type ed25519, the signature needs rsa"),
            ("k=dsa; p=AAAA", "the key is of type dsa, the signature needs rsa"),
            ("h=sha1; p=AAAA", "the key does not allow sha256"), ("s=tlsrpt; p=AAAA", "the key is not for e-mail"),
            ("t=s; p=AAAA", "the key forbids i= in a subdomain"),
        ])
    func mismatch(text: String, reason: String) throws {
        let signature = try DKIMSignatureTests.read("i", "a@sub.example.org")
        #expect(throws: DKIMSyntaxError(reason)) { try Self.read(text).check(for: signature) }
    }

    @Test("t=s allows i= in the very domain")
    func strict() throws {
        let signature = try DKIMSignatureTests.read("i", "a@example.org")
        #expect(throws: Never.self) { try Self.read("t=s; s=*; p=AAAA").check(for: signature) }
    }

    @Test(
        "RSA keys of fewer than 1,024 or more than 8,192 bits do not count",
        arguments: [(512, false), (1016, false), (1024, true)])
    func bits(count: Int, counts: Bool) throws {
        let record = try Self.read("p=" + DKIMBase64.encode(DKIMFixture.rsaKey(bits: count).publicOctets))
        if counts {
            #expect(throws: Never.self) { try DKIMPublicKey(record, for: .rsaSHA256) }
        } else {
            #expect(throws: DKIMSyntaxError.self) { try DKIMPublicKey(record, for: .rsaSHA256) }
        }
    }

    @Test("a bare RSAPublicKey is the same key as its SubjectPublicKeyInfo")
    func bareKey() throws {
        let whole = try DKIMFixture.key().publicOctets
        // SEQUENCE { SEQUENCE { OID, NULL }, BIT STRING { 0, RSAPublicKey } }: 24 octets stand before it at 2,048 bits.
        let bare = try Self.read("p=" + DKIMBase64.encode(whole.dropFirst(24)))
        let full = try Self.read("p=" + DKIMBase64.encode(whole))
        #expect(try DKIMPublicKey(bare, for: .rsaSHA256) == DKIMPublicKey(full, for: .rsaSHA256))
    }

    @Test("octets that are no key, or more than a key, do not count")
    func notAKey() throws {
        let whole = try DKIMFixture.key().publicOctets
        for octets in [whole + [0], whole.dropLast(), [1, 2, 3]] as [[UInt8]] {
            let record = try Self.read("p=" + DKIMBase64.encode(octets))
            #expect(throws: DKIMSyntaxError.self) { try DKIMPublicKey(record, for: .rsaSHA256) }
        }
        let ed25519 = try Self.read(
            "k=ed25519; p=" + DKIMBase64.encode(try DKIMFixture.key(.ed25519SHA256).publicOctets + [0]))
        #expect(throws: DKIMSyntaxError.self) { try DKIMPublicKey(ed25519, for: .ed25519SHA256) }
    }

    @Test(
        "a long exponent makes a key that is not used: to verify by it would take as long as to sign",
        arguments: [8, 9])
    func exponent(octets: Int) throws {
        // RSAPublicKey (RFC 8017 appendix A.1.1) with a modulus of 1,024 bits.
        let modulus = [0x02, 0x81, 0x81, 0x00, 0xC1] + [UInt8](repeating: 0x35, count: 127)
        let exponent = [0x02, UInt8(octets), 0x7F] + [UInt8](repeating: 0xFF, count: octets - 1)
        let length = UInt8(modulus.count + exponent.count)
        let record = try Self.read("p=" + DKIMBase64.encode([0x30, 0x81, length] + modulus + exponent))
        if octets == 8 {
            #expect(throws: Never.self) { try DKIMPublicKey(record, for: .rsaSHA256) }
        } else {
            #expect(throws: DKIMSyntaxError("the RSA key's exponent has 71 bits, more than 64 are not used here")) {
                try DKIMPublicKey(record, for: .rsaSHA256)
            }
        }
    }

    @Test("what was refused once is refused again, and a good key is the same each time")
    func cached() throws {
        let cache = DKIMPublicKeyCache(limit: 2)
        let short = try Self.read("p=" + DKIMBase64.encode(DKIMFixture.rsaKey(bits: 512).publicOctets))
        let good = try Self.read("p=" + DKIMBase64.encode(try DKIMFixture.key().publicOctets))
        for _ in 0..<6 {
            #expect(throws: DKIMSyntaxError.self) { try cache.key(short, for: .rsaSHA256) }
            #expect(try cache.key(good, for: .rsaSHA256) == DKIMPublicKey(good, for: .rsaSHA256))
        }
    }
}
