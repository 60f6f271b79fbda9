// SPDX-License-Identifier: Apache-2.0

/// What came of one DKIM-Signature field.
package struct DKIMSignatureResult: Hashable, Sendable {
    /// The results of RFC 8601 §2.7.1; `none` is that of a message, not of a signature.
    package enum Result: String, Hashable, Sendable, CaseIterable {
        case pass
        /// The signature or the hash of the body does not fit.
        case fail
        /// It could not be processed, or was not.
        case neutral
        /// It is not acceptable here.
        case policy
        /// The key could not be fetched now.
        case temperror
        /// It can't ever be verified: no key, bad syntax, an algorithm of the past (RFC 6376 §3.9, RFC 8301 §3.1).
        case permerror
    }

    /// `d=`, the SDID, in lower case; `nil` where it can't be read.
    package var domain: String?
    /// `s=`; `nil` where it can't be read.
    package var selector: String?
    /// `a=` as written.
    package var algorithm: String?
    /// `i=`, the AUID, or its default `@d`.
    package var identity: String?
    /// The first 8 characters of `b=`, by which Authentication-Results tells signatures apart (RFC 6008 §4).
    package var signaturePrefix: String?
    package var result: Result
    /// Why, in words; `nil` where it passed and there is nothing to note.
    package var reason: String?
    /// Whether the key is in test mode (`t=y`): the message counts as unsigned then (RFC 6376 §3.6.1).
    package var testing: Bool
    /// `l=`: how many octets of the body are signed; what follows them may be anyone's (RFC 6376 §8.2).
    package var bodyLengthUsed: Int?

    package init(
        domain: String? = nil, selector: String? = nil, algorithm: String? = nil, identity: String? = nil,
        signaturePrefix: String? = nil, result: Result, reason: String? = nil, testing: Bool = false,
        bodyLengthUsed: Int? = nil
    ) {
        self.domain = domain
        self.selector = selector
        self.algorithm = algorithm
        self.identity = identity
        self.signaturePrefix = signaturePrefix
        self.result = result
        self.reason = reason
        self.testing = testing
        self.bodyLengthUsed = bodyLengthUsed
    }
}
