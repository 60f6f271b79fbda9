// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative

/// Octets of which at least one string must stand, without regard to case, in every text that an expression matches: a
/// text that has none of them need not be searched.
struct RequiredOctets: Hashable, Sendable {
    /// In lower case, each of three octets or more, or of one octet that is rare in text.
    let alternatives: [[UInt8]]

    /// - Returns: `nil` where none can be told.
    init?(_ expression: RuleExpression) {
        guard !expression.options.contains(.extended) else { return nil }
        var reader = RequiredOctetsReader(expression.pattern)
        guard let alternatives = reader.read() else { return nil }
        self.alternatives = alternatives
    }
}

/// Reads a regular expression as far as it is needed to tell which octets it can't do without. Whatever is not known
/// here ends it: then nothing is told.
private struct RequiredOctetsReader {
    /// What is known of a part of the expression.
    private struct Part {
        /// All that it can match; `nil` where that is not known or too much.
        var exact: [[UInt8]]?
        /// Strings of which one stands in whatever it matches.
        var required: [[UInt8]]?
        /// All that its first and its last repetition can match, where it may be repeated.
        var edge: [[UInt8]]?

        static let anything = Part()
        static let nothing = Part(exact: [[]])
    }
    private struct Unknown: Error {}

    private static let countLimit = 64
    private static let lengthLimit = 24
    private static let depthLimit = 30
    private static let classLimit = 6

    private let pattern: [UInt8]
    private var index = 0
    private var depth = 0

    init(_ pattern: [UInt8]) { self.pattern = pattern }

    private var peek: UInt8? { index < pattern.count ? pattern[index] : nil }

    private mutating func take(_ octet: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: octet) else { return false }
        index += 1
        return true
    }

    mutating func read() -> [[UInt8]]? {
        do {
            let whole = try alternation()
            return index == pattern.count ? Self.required(whole) : nil
        } catch {
            return nil  // It holds what is not known here: nothing can be told.
        }
    }

    private static func required(_ part: Part) -> [[UInt8]]? { part.exact.flatMap(usable) ?? part.required }

    /// What a text can be asked for: strings of three octets, of shorter ones a rare octet.
    private static func usable(_ strings: [[UInt8]]) -> [[UInt8]]? {
        var usable: [[UInt8]] = []
        for string in strings {
            if string.count >= 3 {
                usable.append(string)
            } else if let rare = string.first(where: isRare) {
                usable.append([rare])
            } else {
                return nil
            }
        }
        return usable
    }

    private static func isRare(_ octet: UInt8) -> Bool { "$%#{}[]@<>*+=^~|\\".utf8.contains(octet) }

    /// Longer strings are rarer; of those that are long enough, few are better than many. What begins nearly every link
    /// says little.
    private static func better(_ first: [[UInt8]]?, _ second: [[UInt8]]?) -> [[UInt8]]? {
        guard let first else { return second }
        guard let second else { return first }
        func weight(_ string: [UInt8]) -> Int {
            string.starts(with: "http".utf8) && string.count <= 8 ? 1 : min(string.count + 1, 7)
        }
        func least(_ strings: [[UInt8]]) -> Int { strings.reduce(7) { min($0, weight($1)) } }
        let (one, other) = (least(first), least(second))
        return one == other ? (first.count <= second.count ? first : second) : one > other ? first : second
    }

    private mutating func alternation() throws -> Part {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw Unknown() }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        guard branches.count > 1 else { return branches[0] }
        let exact = branches.compactMap(\.exact)
        if exact.count == branches.count, exact.reduce(0, { $0 + $1.count }) <= Self.countLimit {
            return Part(exact: exact.flatMap { $0 }, required: nil)
        }
        let required = branches.compactMap { Self.required($0) }
        return Part(exact: nil, required: required.count == branches.count ? required.flatMap { $0 } : nil)
    }

    private mutating func sequence() throws -> Part {
        var best: [[UInt8]]?
        // What has been matched since something unknown.
        var run: [[UInt8]] = [[]]
        var isWhole = true
        while let octet = peek, octet != UInt8(ascii: "|"), octet != UInt8(ascii: ")") {
            let part = try quantified()
            if let exact = part.exact {
                if run.count * exact.count <= Self.countLimit,
                    run.allSatisfy({ $0.count <= Self.lengthLimit }), exact.allSatisfy({ $0.count <= Self.lengthLimit })
                {
                    run = run.flatMap { start in exact.map { start + $0 } }
                    continue
                }
                best = Self.better(best, Self.usable(run))
                run = exact
            } else {
                best = Self.better(Self.better(best, Self.usable(run)), part.required)
                if let edge = part.edge, run.count * edge.count <= Self.countLimit {
                    // The first repetition stands behind what went before, the last before what follows.
                    best = Self.better(best, Self.usable(run.flatMap { start in edge.map { start + $0 } }))
                }
                run = part.edge ?? [[]]
            }
            isWhole = false
        }
        if isWhole { return Part(exact: run, required: nil) }
        return Part(exact: nil, required: Self.better(best, Self.usable(run)))
    }

    private mutating func quantified() throws -> Part {
        let part = try atom()
        guard let (minimum, maximum) = try quantifier() else { return part }
        // Lazy or possessive changes nothing here; a quantifier on a quantifier is none.
        if !take("?") { _ = take("+") }
        guard minimum > 0 else {
            return maximum == 1 ? Part(exact: part.exact.map { $0 + [[]] }, required: nil) : .anything
        }
        return maximum == 1 ? part : Part(exact: nil, required: Self.required(part), edge: part.exact)
    }

    /// The least and the most; the most is `nil` where there is none.
    private mutating func quantifier() throws -> (Int, Int?)? {
        if take("?") { return (0, 1) }
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        let start = index
        guard take("{") else { return nil }
        let minimum = number()
        var maximum = minimum
        if take(",") { maximum = number() }
        guard let minimum, take("}") else {
            // A brace that begins no quantifier is a brace; but not every PCRE2 has the same quantifiers.
            index = start
            let next = start + 1 < pattern.count ? pattern[start + 1] : 0
            guard !next.isASCIIDigit, next != UInt8(ascii: ","), next != 0x20 else { throw Unknown() }
            return nil
        }
        return (minimum, maximum)
    }

    private mutating func number() -> Int? {
        let start = index
        while index < pattern.count, pattern[index].isASCIIDigit, index - start < 6 { index += 1 }
        return Int(String(decoding: pattern[start..<index], as: UTF8.self))
    }

    private mutating func atom() throws -> Part {
        guard let octet = peek else { throw Unknown() }
        index += 1
        switch octet {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return try characterClass()
        case UInt8(ascii: "."): return .anything
        case UInt8(ascii: "^"), UInt8(ascii: "$"): return .nothing
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): throw Unknown()
        default: return Part(exact: [[octet.asciiLowercased]], required: nil)
        }
    }

    /// `(…)` and `(?:…)`; what else a parenthesis can begin is not known here.
    private mutating func group() throws -> Part {
        if take("?"), !take(":") { throw Unknown() }
        if peek == UInt8(ascii: "*") { throw Unknown() }
        let part = try alternation()
        guard take(")") else { throw Unknown() }
        return part
    }

    private mutating func escape() throws -> Part {
        guard let octet = peek else { throw Unknown() }
        index += 1
        switch octet {
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "Z"):
            return .nothing
        case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"), UInt8(ascii: "s"),
            UInt8(ascii: "S"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return .anything
        default:
            guard !octet.isASCIIAlphanumeric, octet < 0x80 else { throw Unknown() }
            return Part(exact: [[octet]], required: nil)
        }
    }

    /// `[…]`: what it can match, where that is little.
    private mutating func characterClass() throws -> Part {
        var isKnown = !take("^")
        var members: Set<UInt8> = []
        var isFirst = true
        while let octet = peek, octet != UInt8(ascii: "]") || isFirst {
            isFirst = false
            index += 1
            switch octet {
            case UInt8(ascii: "\\"):
                guard let next = peek, next != UInt8(ascii: "Q"), next != UInt8(ascii: "E") else { throw Unknown() }
                index += 1
                if next.isASCIIAlphanumeric { isKnown = false } else { members.insert(next) }
            case UInt8(ascii: "["):
                // Perhaps [:alpha:].
                if peek == UInt8(ascii: ":") || peek == UInt8(ascii: ".") || peek == UInt8(ascii: "=") {
                    throw Unknown()
                }
                members.insert(octet)
            case UInt8(ascii: "-"):
                // Perhaps a range.
                isKnown = false
            default: members.insert(octet.asciiLowercased)
            }
        }
        guard take("]") else { throw Unknown() }
        guard isKnown, members.count <= Self.classLimit else { return .anything }
        return Part(exact: members.sorted().map { [$0] }, required: nil)
    }
}
