// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceNative
import Testing

/// Octets from hexadecimal digits; spaces are skipped.
func octets(hex text: String) -> [UInt8] {
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

@Suite("Digests") struct DigestTests {
    @Test("SHA-256 gives the digests of FIPS 180-4's examples")
    func sha256() {
        #expect(
            SHA256Digest.of(Array("abc".utf8))
                == octets(hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(
            SHA256Digest.of([UInt8]())
                == octets(hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        #expect(
            SHA256Digest.of(ByteBuffer(string: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
                == octets(hex: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"))
    }

    @Test("a digest does not depend on how the octets are cut", arguments: [1, 7, 64, 100])
    func pieces(size: Int) {
        let whole = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var digest = SHA256Digest()
        var rest = whole[...]
        while !rest.isEmpty {
            digest.update(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        #expect(digest.finish() == SHA256Digest.of(whole))
    }

    @Test("HMAC-SHA-256 gives RFC 4231's codes")
    func hmac() {
        #expect(
            HMACSHA256.of(Array("Hi There".utf8), key: [UInt8](repeating: 0x0B, count: 20))
                == octets(hex: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"))
        #expect(
            HMACSHA256.of(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
                == octets(hex: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
        #expect(
            HMACSHA256.of(
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                key: [UInt8](repeating: 0xAA, count: 131))
                == octets(hex: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"))
        #expect(
            HMACSHA256.of([], key: [])
                == octets(hex: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
    }

    @Test("PBKDF2 with HMAC-SHA-256 gives RFC 7914's keys (their first 32 octets)")
    func pbkdf2() {
        #expect(
            PBKDF2.derive(password: Array("passwd".utf8), salt: Array("salt".utf8), iterations: 1)
                == octets(hex: "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"))
        #expect(
            PBKDF2.derive(password: Array("Password".utf8), salt: Array("NaCl".utf8), iterations: 80_000)
                == octets(hex: "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"))
    }

    @Test("octets compare equal only where length and all octets agree")
    func constantTime() {
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
        #expect(ConstantTime.equal([], []))
    }

    @Test("random octets have the length asked for and do not repeat")
    func random() throws {
        #expect(try RandomOctets.make(0).isEmpty)
        let first = try RandomOctets.make(32)
        #expect(first.count == 32)
        #expect(try RandomOctets.make(32) != first)
    }
}
