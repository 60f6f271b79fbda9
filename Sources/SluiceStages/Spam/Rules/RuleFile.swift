// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What a file in SpamAssassin's rule language says: rules, scores and descriptions in order, and what is wrong.
///
/// Of the language it knows `header`, `body`, `rawbody`, `uri`, `meta`, `score` and `describe`. A line of the rest is a
/// warning, a broken line an error; either is named with its place and left out, never dropped in silence.
package struct RuleFile: Sendable {
    package private(set) var rules: [Rule] = []
    package private(set) var scores: [RuleScore] = []
    package private(set) var descriptions: [RuleDescription] = []
    package private(set) var diagnostics: [Diagnostic] = []

    /// The longest file, in octets.
    package static let lengthLimit = 16 << 20
    /// The longest line, in octets.
    package static let lineLimit = 65536
    /// The most diagnostics that are kept of one file.
    package static let diagnosticLimit = 1000

    /// - Parameters:
    ///   - octets: the file's content.
    ///   - file: its name, for the diagnostics.
    package init(reading octets: some Collection<UInt8>, file: String) {
        guard octets.count <= Self.lengthLimit else {
            let mark = SourceMark(file: file, line: 1, column: 1)
            diagnostics.append(Diagnostic(mark, "the file is longer than \(Self.lengthLimit) octets"))
            return
        }
        var skipped = SkippedBlock()
        var number = 0
        for line in octets.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            var scanner = RuleScanner(Self.withoutComment(line), file: file, line: number)
            scanner.skipWhiteSpace()
            if scanner.atEnd { continue }
            if line.count > Self.lineLimit {
                scanner.report("the line is longer than \(Self.lineLimit) octets")
            } else {
                read(&scanner, &skipped)
            }
            for diagnostic in scanner.diagnostics where diagnostics.count < Self.diagnosticLimit {
                diagnostics.append(diagnostic)
            }
        }
        if let open = skipped.open {
            diagnostics.append(Diagnostic(open, "the endif to this is missing"))
        }
    }

    /// The line up to a `#` that no backslash precedes, without white space (and CR) at its end.
    private static func withoutComment(_ line: some Sequence<UInt8>) -> [UInt8] {
        var kept: [UInt8] = []
        for octet in line {
            if octet == UInt8(ascii: "#"), kept.last != UInt8(ascii: "\\") { break }
            kept.append(octet)
        }
        while let last = kept.last, last.isWhiteSpace || last == 0x0D { kept.removeLast() }
        return kept
    }

    /// Conditions are not evaluated yet: what stands between `if` and `endif` is left out.
    private struct SkippedBlock {
        var depth = 0
        var open: SourceMark?
    }

    private mutating func read(_ scanner: inout RuleScanner, _ skipped: inout SkippedBlock) {
        let mark = scanner.mark
        let word = scanner.word()
        scanner.skipWhiteSpace()
        if word == "if" || word == "ifplugin" {
            if skipped.depth == 0 {
                scanner.report(
                    at: mark, "\(word) is not there yet, what stands up to its endif is left out", severity: .warning)
                skipped.open = mark
            }
            skipped.depth += 1
            return
        }
        if skipped.depth > 0 {
            if word == "endif" {
                skipped.depth -= 1
                if skipped.depth == 0 { skipped.open = nil }
            }
            return
        }
        guard let keyword = RuleKeyword(rawValue: word) else {
            if word == "else" || word == "endif" {
                scanner.report(at: mark, "\(word) stands here without an if")
            } else if RuleKeyword.later.contains(word) {
                scanner.report(at: mark, "\(word) is not there yet, the line is left out", severity: .warning)
            } else {
                let known = RuleKeyword.allCases.map(\.rawValue)
                let near = known.map { ($0, EditDistance.between($0, word)) }.filter { $0.1 <= 2 }
                    .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
                let hint = near.map { "did you mean \($0)?" } ?? "known here: \(known.joined(separator: ", "))"
                scanner.report(at: mark, "unknown keyword \(word), \(hint)")
            }
            return
        }
        let nameMark = scanner.mark
        guard let name = Self.ruleName(&scanner) else { return }
        scanner.skipWhiteSpace()
        switch keyword {
        case .score: readScore(&scanner, name, nameMark)
        case .describe: readDescription(&scanner, name, nameMark)
        case .header, .body, .rawbody, .uri, .meta:
            if let test = Self.test(keyword, &scanner) {
                rules.append(Rule(name: name, test: test, mark: nameMark))
            }
        }
    }

    private static func ruleName(_ scanner: inout RuleScanner) -> String? {
        let mark = scanner.mark
        let name = scanner.identifier()
        guard !name.isEmpty, name.utf8.count <= Rule.nameLimit, name.utf8.first?.isASCIIDigit == false,
            scanner.peek?.isWhiteSpace ?? true
        else {
            scanner.report(
                at: mark,
                "the name of a rule would be right here: up to \(Rule.nameLimit) letters, digits and underscores")
            return nil
        }
        return name
    }

    private static func test(_ keyword: RuleKeyword, _ scanner: inout RuleScanner) -> RuleTest? {
        if keyword != .meta, keyword != .uri, scanner.skip("eval:") {
            return RuleFunction.read(&scanner).map { .function($0) }
        }
        switch keyword {
        case .header: return HeaderTest.read(&scanner).map { .header($0) }
        case .meta: return MetaParser.read(&scanner).map { .meta($0) }
        case .body: return wholeExpression(&scanner).map { .body($0) }
        case .rawbody: return wholeExpression(&scanner).map { .rawBody($0) }
        case .uri: return wholeExpression(&scanner).map { .uri($0) }
        case .score, .describe: return nil
        }
    }

    /// An expression with nothing behind it.
    private static func wholeExpression(_ scanner: inout RuleScanner) -> RuleExpression? {
        guard let expression = RuleExpression.read(&scanner) else { return nil }
        scanner.skipWhiteSpace()
        guard scanner.atEnd else {
            scanner.report("this stands behind the expression")
            return nil
        }
        return expression
    }

    /// One number, or four for SpamAssassin's score sets, of which the first (no network, no classifier) counts.
    private mutating func readScore(_ scanner: inout RuleScanner, _ name: String, _ mark: SourceMark) {
        var numbers: [(value: Double, isRelative: Bool)] = []
        while !scanner.atEnd {
            let place = scanner.mark
            var text = scanner.word()
            let isRelative = text.hasPrefix("(") && text.hasSuffix(")")
            if isRelative { text = String(text.dropFirst().dropLast()) }
            guard let value = Double(text), value.isFinite, abs(value) <= 10_000 else {
                scanner.report(at: place, "“\(text)” is no score, a number such as 1.5 or -0.1 would be right")
                return
            }
            numbers.append((value, isRelative))
            scanner.skipWhiteSpace()
        }
        guard let first = numbers.first, numbers.count == 1 || numbers.count == 4 else {
            scanner.report("\(numbers.count) scores stand here, one or four would be right")
            return
        }
        scores.append(RuleScore(name: name, score: first.value, isRelative: first.isRelative, mark: mark))
    }

    private mutating func readDescription(_ scanner: inout RuleScanner, _ name: String, _ mark: SourceMark) {
        let text = scanner.rest()
        guard !text.isEmpty else {
            scanner.report("the description is empty")
            return
        }
        let unescaped = text.split(separator: "\\#", omittingEmptySubsequences: false).joined(separator: "#")
        descriptions.append(RuleDescription(name: name, text: unescaped, mark: mark))
    }
}
