// SPDX-License-Identifier: Apache-2.0

/// What a `header` rule asks of a field or pseudo-header.
package struct HeaderTest: Hashable, Sendable {
    /// The part of the field that is looked at.
    package enum Part: String, Hashable, Sendable {
        /// The value, encoded words decoded (RFC 2047) and unfolded.
        case value
        /// The value as it stands (`:raw`).
        case raw
        /// The first address (`:addr`).
        case address = "addr"
        /// The first display name (`:name`).
        case name
    }

    package enum Condition: Hashable, Sendable {
        case matches(RuleExpression)
        case doesNotMatch(RuleExpression)
        /// `exists:`: the field is there, whatever it says.
        case exists
    }

    package var field: String
    package var part: Part
    package var condition: Condition
    /// What a missing field is taken to say (`[if-unset: …]`).
    package var ifUnset: String?
}
