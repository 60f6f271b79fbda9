// SPDX-License-Identifier: Apache-2.0

/// What the verification of a signature by a usable key found.
enum DKIMVerificationOutcome: Hashable, Sendable {
    case pass
    /// The signature, or the hash of the body, does not fit.
    case fail(String)
    /// It can never fit, and why.
    case permanentError(String)

    static let signatureDoesNotFit = Self.fail("the signature does not fit")
    static let bodyHashDoesNotFit = Self.fail("the hash of the body does not fit")
    static let bodyIsTooShort = Self.permanentError("l= is larger than the body")
}
