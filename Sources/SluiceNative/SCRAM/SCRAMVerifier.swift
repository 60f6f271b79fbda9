// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What is kept of a password: a SCRAM-SHA-256 verifier, from which the password can't be had back (RFC 5803, RFC 7677).
///
/// It serves PLAIN and LOGIN now and SCRAM-SHA-256 later, without new passwords. Its written form is
/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, the last three in base64.
package struct SCRAMVerifier: Hashable, Sendable {
    /// What may be asked of PBKDF2: RFC 7677 §4 wants 4,096 at least; the upper bound keeps a users file from stopping us.
    package static let iterationRange = 4096...1_000_000
    /// The iterations of a new verifier.
    package static let defaultIterations = 65_536
    /// The longest password, in octets of UTF-8, that is looked at.
    package static let passwordLimit = 1024
    private static let saltRange = 8...64

    package let iterations: Int
    package let salt: [UInt8]
    package let storedKey: [UInt8]
    package let serverKey: [UInt8]

    /// Makes the verifier of a password, with a random salt of 16 octets.
    ///
    /// - Parameter iterations: within ``iterationRange``, else the nearest in it.
    /// - Throws: ``SCRAMVerifierError/password`` where the password is empty, too long or holds a control character;
    ///   ``RandomOctetsError``.
    package init(password: String, iterations: Int = defaultIterations) throws {
        guard let octets = Self.prepare(Array(password.utf8)) else { throw SCRAMVerifierError.password }
        let count = min(max(iterations, Self.iterationRange.lowerBound), Self.iterationRange.upperBound)
        self.init(prepared: octets, salt: try RandomOctets.make(16), iterations: count)
    }

    private init(prepared password: [UInt8], salt: [UInt8], iterations: Int) {
        // RFC 5802 §3.
        let salted = PBKDF2.derive(password: password, salt: salt, iterations: iterations)
        let clientKey = HMACSHA256.of(Array("Client Key".utf8), key: salted)
        self.iterations = iterations
        self.salt = salt
        storedKey = SHA256Digest.of(clientKey)
        serverKey = HMACSHA256.of(Array("Server Key".utf8), key: salted)
    }

    /// Reads the written form.
    ///
    /// - Throws: ``SCRAMVerifierError``, which says what is wrong.
    package init(parsing text: String) throws(SCRAMVerifierError) {
        guard text.utf8.count <= 512 else { throw .form }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .form }
        guard parts[0] == "SCRAM-SHA-256" else { throw .scheme }
        let first = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        let second = parts[2].split(separator: ":", omittingEmptySubsequences: false)
        guard first.count == 2, second.count == 2 else { throw .form }
        guard first[0].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let iterations = Int(first[0]),
            Self.iterationRange.contains(iterations)
        else { throw .iterations }
        guard let salt = Data(base64Encoded: String(first[1])), Self.saltRange.contains(salt.count),
            let stored = Data(base64Encoded: String(second[0])), stored.count == SHA256Digest.length,
            let server = Data(base64Encoded: String(second[1])), server.count == SHA256Digest.length
        else { throw .base64 }
        self.iterations = iterations
        self.salt = Array(salt)
        storedKey = Array(stored)
        serverKey = Array(server)
    }

    /// The form in which the users file holds it.
    package var written: String {
        func base64(_ octets: [UInt8]) -> String { Data(octets).base64EncodedString() }
        return "SCRAM-SHA-256$\(iterations):\(base64(salt))$\(base64(storedKey)):\(base64(serverKey))"
    }

    /// Whether this is the password, as PLAIN and LOGIN send it. Takes as long as the iterations say, whatever the answer:
    /// run it on the ``CPUPool``.
    package func accepts(password: [UInt8]) -> Bool {
        let prepared = Self.prepare(password)
        let made = SCRAMVerifier(prepared: prepared ?? [0], salt: salt, iterations: iterations)
        let matches = ConstantTime.equal(made.storedKey, storedKey)
        return matches && prepared != nil
    }

    /// The verifier of nobody: checking against it takes as long as against a new user's, so that the time does not tell
    /// whether a login exists. No password fits it, as its keys are no digests of anything known.
    package static let nobody = SCRAMVerifier(
        iterations: defaultIterations, salt: [UInt8](repeating: 0x5A, count: 16),
        storedKey: [UInt8](repeating: 0, count: SHA256Digest.length),
        serverKey: [UInt8](repeating: 0, count: SHA256Digest.length))

    private init(iterations: Int, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8]) {
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// The octets of a password that are hashed: UTF-8 in normalization form KC, the part of SASLprep (RFC 4013) that
    /// changes what people type; control characters are refused. `nil` where it can't be a password.
    private static func prepare(_ octets: [UInt8]) -> [UInt8]? {
        guard !octets.isEmpty, octets.count <= passwordLimit else { return nil }
        guard octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        if octets.allSatisfy({ $0 < 0x80 }) { return octets }
        guard let text = String(validating: octets, as: UTF8.self) else { return nil }
        // A non-ASCII space counts as a space (RFC 4013 §2.1).
        let spaced = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .spaceSeparator ? " " : $0 }))
        let prepared = Array(spaced.precomposedStringWithCompatibilityMapping.utf8)
        return prepared.count <= passwordLimit ? prepared : nil
    }
}
