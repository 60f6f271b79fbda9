// SPDX-License-Identifier: Apache-2.0

/// What keeps a text from being a verifier, or a password from getting one.
package enum SCRAMVerifierError: Error, Hashable, Sendable, CustomStringConvertible {
    case form, scheme, iterations, base64, password

    package var description: String {
        switch self {
        case .form:
            "not a verifier, SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey> would be right (sluice user add makes it)"
        case .scheme: "the scheme is unknown, SCRAM-SHA-256 would be right"
        case .iterations:
            "the iterations are out of range, \(SCRAMVerifier.iterationRange.lowerBound) to \(SCRAMVerifier.iterationRange.upperBound) would be right"
        case .base64: "salt or keys are not the base64 of 8 to 64, 32 and 32 octets"
        case .password:
            "a password has 1 to \(SCRAMVerifier.passwordLimit) octets and no control characters"
        }
    }
}
