// SPDX-License-Identifier: Apache-2.0

/// What several rules look at, with the strings that tell which of them are worth a search there.
struct RuleSubject: Sendable {
    enum Kind: Hashable, Sendable {
        /// A field or pseudo-header; the name is in lower case.
        case field(String, HeaderTest.Part)
        case body
        case rawBody
        case uris
    }

    let kind: Kind
    /// Finds the rules, by their places, whose ``RequiredOctets`` stand in a text; `nil` where no rule has any.
    var finder: OctetStringFinder?

    /// Whether a match is shown with the whole line in which it begins.
    var showsLines: Bool { kind == .field("sluice-facts", .value) }
}
