// SPDX-License-Identifier: Apache-2.0
import CPCRE2

/// How a pattern is read: Perl's `i`, `m`, `s`, `x`.
package struct PCREOptions: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// `A` to `Z` match without case (`i`).
    package static let caseless = PCREOptions(rawValue: 1)
    /// `^` and `$` match at lines (`m`).
    package static let multiline = PCREOptions(rawValue: 2)
    /// `.` matches a line feed too (`s`).
    package static let dotAll = PCREOptions(rawValue: 4)
    /// White space and comments in the pattern do not count (`x`).
    package static let extended = PCREOptions(rawValue: 8)

    /// The options for PCRE2. `\C`, which could tear characters apart, is not allowed.
    var flags: UInt32 {
        var flags = UInt32(PCRE2_NEVER_BACKSLASH_C)
        if contains(.caseless) { flags |= UInt32(PCRE2_CASELESS) }
        if contains(.multiline) { flags |= UInt32(PCRE2_MULTILINE) }
        if contains(.dotAll) { flags |= UInt32(PCRE2_DOTALL) }
        if contains(.extended) { flags |= UInt32(PCRE2_EXTENDED) }
        return flags
    }
}

/// How much one search may cost.
package struct PCRELimits: Hashable, Sendable {
    /// Steps (calls of PCRE2's internal `match`); some 10 ns each.
    package var match: UInt32
    /// Nested backtracking points; interpreted patterns only.
    package var depth: UInt32
    /// Memory for backtracking points, in KiB; interpreted patterns only.
    package var heap: UInt32

    package init(match: UInt32 = 200_000, depth: UInt32 = 20_000, heap: UInt32 = 8192) {
        self.match = match
        self.depth = depth
        self.heap = heap
    }
}
