// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Octets that nobody can guess, from OpenSSL's generator.
package enum RandomOctets {
    /// - Throws: ``RandomOctetsError`` where the system gives no randomness; there is no weaker source to fall back to.
    package static func make(_ count: Int) throws(RandomOctetsError) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: max(0, count))
        guard octets.isEmpty || RAND_bytes(&octets, Int32(clamping: octets.count)) == 1 else {
            throw RandomOctetsError()
        }
        return octets
    }
}

package struct RandomOctetsError: Error, CustomStringConvertible {
    package var description: String { "OpenSSL's generator of random octets has no randomness to give" }
}
