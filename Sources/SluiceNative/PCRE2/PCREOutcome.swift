// SPDX-License-Identifier: Apache-2.0

/// What a search found. Running into a limit is neither a match nor an error of the caller's.
package enum PCREOutcome: Hashable, Sendable {
    /// The range of octets that matched.
    case match(Range<Int>)
    case noMatch
    /// The search was given up: whether the subject matches is not known.
    case limitHit(Limit)
    /// PCRE2 could not search; its message.
    case failed(String)

    package enum Limit: String, Hashable, Sendable {
        /// Steps of the search.
        case match
        /// Nested backtracking points.
        case depth
        /// Memory for backtracking points.
        case heap
        /// The stack of the translated pattern.
        case stack
    }
}

/// Why a pattern can't be compiled.
package struct PCREError: Error, Hashable, CustomStringConvertible {
    /// PCRE2's own words.
    package var message: String
    /// The octet of the pattern at which it was noticed.
    package var offset: Int

    package var description: String { "\(message), at octet \(offset + 1) of the expression" }
}
