// SPDX-License-Identifier: Apache-2.0

/// The algorithms by which a signature may be made today (RFC 8301 §3.1, RFC 8463 §3).
package enum DKIMAlgorithm: String, Hashable, Sendable, CaseIterable {
    case rsaSHA256 = "rsa-sha256"
    case ed25519SHA256 = "ed25519-sha256"

    /// The key type as `k=` of a key record names it.
    package var keyType: String {
        switch self {
        case .rsaSHA256: "rsa"
        case .ed25519SHA256: "ed25519"
        }
    }
}
