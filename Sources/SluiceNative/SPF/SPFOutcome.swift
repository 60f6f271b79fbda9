// SPDX-License-Identifier: Apache-2.0

/// The result of an SPF check (RFC 7208 §2.6); the raw values are the words of RFC 8601 §2.7.2.
package enum SPFResult: String, Hashable, Sendable, CaseIterable {
    /// Nothing that could be checked: no domain, or no record.
    case none
    /// The domain says nothing about the client.
    case neutral
    /// The client may send for the domain.
    case pass
    /// The client may not send for the domain.
    case fail
    /// The client probably may not send for the domain.
    case softfail
    /// The DNS did not answer; later it may.
    case temperror
    /// The domain's records can't be understood.
    case permerror
}

/// Which of the client's claims was checked (RFC 7208 §2.3, 2.4).
package enum SPFIdentity: String, Hashable, Sendable {
    case mailFrom = "mailfrom"
    case helo
}

/// What an SPF check found.
package struct SPFOutcome: Hashable, Sendable {
    package var result: SPFResult
    package var identity: SPFIdentity
    /// The domain that was checked, in lower case; what the client claimed, where that is no domain.
    package var domain: String
    /// The directive that matched, as the record writes it (`-all`); `nil` where none did.
    package var mechanism: String?
    /// What the domain's owner has to say about a `fail` (RFC 7208 §6.2): a stranger's text, in printable ASCII.
    package var explanation: String?
    /// Why, in words, where the result is `none`, `temperror` or `permerror`.
    package var reason: String?
    /// Terms evaluated that ask the DNS (RFC 7208 §4.6.4).
    package var lookups: Int
    /// Look-ups of terms that found nothing (RFC 7208 §4.6.4).
    package var voidLookups: Int

    package init(
        result: SPFResult, identity: SPFIdentity, domain: String, mechanism: String? = nil,
        explanation: String? = nil, reason: String? = nil, lookups: Int = 0, voidLookups: Int = 0
    ) {
        self.result = result
        self.identity = identity
        self.domain = domain
        self.mechanism = mechanism
        self.explanation = explanation
        self.reason = reason
        self.lookups = lookups
        self.voidLookups = voidLookups
    }
}
