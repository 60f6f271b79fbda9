// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// A rule as a file states it: a name and what it looks at. Score and description are statements of their own.
package struct Rule: Hashable, Sendable {
    package var name: String
    package var test: RuleTest
    package var mark: SourceMark

    package init(name: String, test: RuleTest, mark: SourceMark) {
        self.name = name
        self.test = test
        self.mark = mark
    }

    /// Whether the rule only serves others (`meta`): its name begins with two underscores, it has no score, and it is
    /// not among the findings.
    package var isSubtest: Bool { Self.isSubtest(name) }
    package static func isSubtest(_ name: String) -> Bool { name.hasPrefix("__") }

    /// The longest name of a rule, in octets.
    package static let nameLimit = 100
}

/// What a rule looks at.
package enum RuleTest: Hashable, Sendable {
    case header(HeaderTest)
    /// Each paragraph of the decoded text, the Subject first.
    case body(RuleExpression)
    /// The decoded text parts, HTML as it stands.
    case rawBody(RuleExpression)
    /// Each URI of the text and of links in HTML.
    case uri(RuleExpression)
    /// Other rules.
    case meta(MetaExpression)
    /// A function of ours with SpamAssassin's name (`eval:`).
    case function(RuleFunction)
}

/// A score as a file states it.
package struct RuleScore: Hashable, Sendable {
    package var name: String
    package var score: Double
    /// Whether it stood in parentheses and is added to the score there is.
    package var isRelative: Bool
    package var mark: SourceMark
}

/// A description as a file states it.
package struct RuleDescription: Hashable, Sendable {
    package var name: String
    package var text: String
    package var mark: SourceMark
}
