// SPDX-License-Identifier: Apache-2.0

/// What the rules say of one message.
package struct RuleSetResult: Hashable, Sendable {
    /// A rule that hit.
    package struct Hit: Hashable, Sendable {
        package var name: String
        package var score: Double
        /// The rule's description, else its name.
        package var description: String
        /// What it saw, on one line, at most ``evidenceLimit`` octets; `nil` where there is nothing to show.
        package var evidence: String?

        /// The longest evidence of one hit, in octets.
        package static let evidenceLimit = 120
    }

    /// A rule that was given up at a limit: whether it hits is not known.
    package struct GivenUp: Hashable, Sendable {
        package var name: String
        package var why: String
    }

    /// Rules with a score that hit, in the order of evaluation.
    package var hits: [Hit]
    /// Rules without a score (`__…`) that hit.
    package var subtests: [String]
    package var givenUp: [GivenUp]

    /// The sum of the scores, to three decimals.
    package var score: Double { (hits.reduce(0) { $0 + $1.score } * 1000).rounded() / 1000 }
}
