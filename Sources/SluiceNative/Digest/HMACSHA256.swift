// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// HMAC with SHA-256 (RFC 2104, RFC 4231).
package enum HMACSHA256 {
    /// The authentication code of a message: 32 octets.
    package static func of(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        // An empty key is one of zero octets, but OpenSSL takes a null pointer for "the key of before".
        let present = key.isEmpty ? [0] : key
        return [UInt8](unsafeUninitializedCapacity: SHA256Digest.length) { octets, count in
            var length: UInt32 = 0
            guard
                HMAC(
                    EVP_sha256(), present, Int32(clamping: key.count), message, message.count, octets.baseAddress,
                    &length) != nil,
                length == UInt32(SHA256Digest.length)
            else { preconditionFailure("OpenSSL can't compute an HMAC with SHA-256") }
            count = SHA256Digest.length
        }
    }
}
