// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceNative
import Testing

@Suite("SCRAM-SHA-256 verifiers") struct SCRAMVerifierTests {
    /// The server's proof of RFC 7677 §3 (user "user", password "pencil").
    @Test("RFC 7677's example: the keys sign its dialogue as the RFC's do")
    func example() throws {
        let salt = "W22ZaJ0SNY7soEsUEjb6gQ=="
        let salted = PBKDF2.derive(
            password: Array("pencil".utf8), salt: Array(Data(base64Encoded: salt) ?? Data()), iterations: 4096)
        let stored = SHA256Digest.of(HMACSHA256.of(Array("Client Key".utf8), key: salted))
        let server = HMACSHA256.of(Array("Server Key".utf8), key: salted)
        let text =
            "SCRAM-SHA-256$4096:\(salt)$\(Data(stored).base64EncodedString()):\(Data(server).base64EncodedString())"
        let verifier = try SCRAMVerifier(parsing: text)
        #expect(verifier.written == text)
        #expect(verifier.accepts(password: Array("pencil".utf8)))
        #expect(!verifier.accepts(password: Array("pencils".utf8)))
        let dialogue =
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=\(salt),i=4096,"
            + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        let signature = HMACSHA256.of(Array(dialogue.utf8), key: verifier.serverKey)
        #expect(Data(signature).base64EncodedString() == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    }

    @Test("a verifier accepts its own password and no other")
    func roundTrip() throws {
        let verifier = try SCRAMVerifier(password: "correct horse", iterations: 4096)
        let again = try SCRAMVerifier(parsing: verifier.written)
        #expect(again == verifier)
        #expect(again.accepts(password: Array("correct horse".utf8)))
        for wrong in ["", "correct hors", "Correct horse", "correct horse ", "correct\u{0}horse"] {
            #expect(!again.accepts(password: Array(wrong.utf8)), "\(wrong)")
        }
    }

    @Test("two verifiers of one password differ by their salt")
    func salts() throws {
        let first = try SCRAMVerifier(password: "x", iterations: 4096)
        let second = try SCRAMVerifier(password: "x", iterations: 4096)
        #expect(first.salt != second.salt && first.storedKey != second.storedKey)
    }

    @Test("iterations stay within bounds, whatever is asked for")
    func iterations() throws {
        #expect(try SCRAMVerifier(password: "x", iterations: 1).iterations == 4096)
    }

    @Test("composed and decomposed characters are the same password")
    func normalization() throws {
        let verifier = try SCRAMVerifier(password: "Gr\u{FC}n", iterations: 4096)
        #expect(verifier.accepts(password: Array("Gru\u{308}n".utf8)))
        #expect(!verifier.accepts(password: [0x47, 0x72, 0xFC, 0x6E]), "octets that are not UTF-8")
    }

    @Test("an empty, over-long or control character password gets no verifier")
    func badPasswords() {
        for password in ["", String(repeating: "a", count: 1025), "a\nb", "a\u{7F}"] {
            #expect(throws: SCRAMVerifierError.password) { try SCRAMVerifier(password: password) }
        }
    }

    @Test("nobody's verifier accepts nothing")
    func nobody() {
        #expect(!SCRAMVerifier.nobody.accepts(password: Array("x".utf8)))
        #expect(!SCRAMVerifier.nobody.accepts(password: []))
    }

    @Test("what is not a verifier is refused with what is wrong")
    func malformed() {
        let key = Data(repeating: 1, count: 32).base64EncodedString()
        let salt = Data(repeating: 2, count: 16).base64EncodedString()
        let cases: [(String, SCRAMVerifierError)] = [
            ("", .form), ("pencil", .form), ("SCRAM-SHA-256$4096:\(salt)$\(key)", .form),
            ("SCRAM-SHA-1$4096:\(salt)$\(key):\(key)", .scheme),
            ("SCRAM-SHA-256$4095:\(salt)$\(key):\(key)", .iterations),
            ("SCRAM-SHA-256$1000001:\(salt)$\(key):\(key)", .iterations),
            ("SCRAM-SHA-256$+4096:\(salt)$\(key):\(key)", .iterations),
            ("SCRAM-SHA-256$99999999999999999999:\(salt)$\(key):\(key)", .iterations),
            ("SCRAM-SHA-256$4096:\(salt)$\(key):AAAA", .base64),
            ("SCRAM-SHA-256$4096:!!!!$\(key):\(key)", .base64),
            ("SCRAM-SHA-256$4096:$\(key):\(key)", .base64),
            (String(repeating: "$", count: 5000), .form),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text.prefix(60))") { try SCRAMVerifier(parsing: text) }
        }
    }
}
