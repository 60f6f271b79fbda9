// SPDX-License-Identifier: Apache-2.0
import COpenSSL
package import NIOCore

/// SHA-256 (FIPS 180-4), fed piece by piece; OpenSSL computes it.
package struct SHA256Digest: ~Copyable {
    /// The octets of a digest.
    package static let length = 32
    private let context: OpaquePointer

    package init() {
        // OpenSSL fails here only where no memory is to be had.
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL can't begin a SHA-256 digest")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds the readable octets of a buffer.
    package mutating func update(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { update($0) }
    }

    /// Adds octets.
    package mutating func update(_ octets: [UInt8]) {
        octets.withUnsafeBytes { update($0) }
    }

    mutating func update(_ octets: UnsafeRawBufferPointer) {
        guard let start = octets.baseAddress, !octets.isEmpty else { return }
        guard EVP_DigestUpdate(context, start, octets.count) == 1 else {
            preconditionFailure("OpenSSL can't go on with a SHA-256 digest")
        }
    }

    /// Ends the digest: 32 octets.
    package consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.length) { octets, count in
            guard EVP_DigestFinal_ex(context, octets.baseAddress, nil) == 1 else {
                preconditionFailure("OpenSSL can't end a SHA-256 digest")
            }
            count = Self.length
        }
    }

    /// The digest of these octets.
    package static func of(_ octets: [UInt8]) -> [UInt8] {
        var digest = SHA256Digest()
        digest.update(octets)
        return digest.finish()
    }

    /// The digest of the readable octets of a buffer.
    package static func of(_ buffer: ByteBuffer) -> [UInt8] {
        var digest = SHA256Digest()
        digest.update(buffer)
        return digest.finish()
    }
}
