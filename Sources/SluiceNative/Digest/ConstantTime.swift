// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Comparisons whose time tells nothing of what is compared.
package enum ConstantTime {
    /// Whether both hold the same octets. Only the lengths show in the time that it takes.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
