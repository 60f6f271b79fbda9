// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2).
package enum PBKDF2 {
    /// Derives 32 octets from a password: what SCRAM calls `Hi` (RFC 5802 §2.2).
    ///
    /// It takes as long as the iterations say (some 1 µs each): run it on the ``CPUPool``.
    /// - Parameter iterations: at least 1.
    package static func derive(password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        precondition(iterations > 0, "PBKDF2 needs at least one iteration")
        return [UInt8](unsafeUninitializedCapacity: SHA256Digest.length) { octets, count in
            let done = password.withUnsafeBytes { password in
                PKCS5_PBKDF2_HMAC(
                    password.assumingMemoryBound(to: CChar.self).baseAddress, Int32(clamping: password.count), salt,
                    Int32(clamping: salt.count), Int32(clamping: iterations), EVP_sha256(),
                    Int32(SHA256Digest.length), octets.baseAddress)
            }
            guard done == 1 else { preconditionFailure("OpenSSL can't derive a key with PBKDF2") }
            count = SHA256Digest.length
        }
    }
}
