// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("What a text must hold to be worth a search")
struct RequiredOctetsTests {
    private static func expression(_ pattern: String, _ options: PCREOptions = [.caseless]) -> RuleExpression {
        RuleExpression(
            pattern: Array(pattern.utf8), options: options, mark: SourceMark(file: "a.cf", line: 1, column: 1))
    }

    private static func required(_ pattern: String, _ options: PCREOptions = [.caseless]) -> [String]? {
        RequiredOctets(expression(pattern, options))?.alternatives.map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    @Test(
        "expressions and the strings of which one must stand",
        arguments: [
            ("Viagra", ["viagra"]), ("\\bviagra\\b", ["viagra"]), ("viagra|cialis", ["cialis", "viagra"]),
            ("un-?usual", ["un-usual", "unusual"]), ("pay[13l]oad", ["pay1oad", "pay3oad", "payload"]),
            ("ab.*cdef", ["cdef"]), ("(?:one|two) \\d+ three", [" three"]), ("x+longer", ["xlonger"]),
            ("hi[,:]{1,3}", ["hi,", "hi:"]), ("(?:us)?\\$\\d+", ["$", "us$"]),
            ("\\[x\\]", ["[x]"]), ("^https?://[\\w.-]+/bad[.]example", ["/bad.example"]),
            ("(word){2,3}", ["word"]), ("\\bdear (?:sir|madam)", ["dear madam", "dear sir"]),
            ("click\\.here", ["click.here"]), ("a{b}c", ["a{b}c"]), ("^spam$", ["spam"]),
        ])
    func examples(pattern: String, strings: [String]) { #expect(Self.required(pattern) == strings) }

    @Test(
        "expressions of which nothing can be told",
        arguments: [
            "", "ab", "a|viagra", "(?:viagra)?", "(?:viagra)*", "\\d{20}", "[a-z]+", "[^x]yz", "(?i)viagra",
            "(?=viagra)",
            "(?<!no)viagra", "(viagra)\\1", "\\Qviagra\\E", "\\x76iagra", "viagra{,3}", "via)gra", "(viagra", "[viagra",
            "[[:alpha:]]viagra", "viagra\\K", "(*ACCEPT)viagra", String(repeating: "(", count: 100) + "viagra",
        ])
    func nothing(pattern: String) { #expect(Self.required(pattern) == nil) }

    @Test("white space in an extended expression means nothing, so nothing is told of it")
    func extended() { #expect(Self.required("via gra", [.extended]) == nil) }

    /// An expression of the kinds that rules have, and a text that it matches.
    private static func generate(_ depth: Int, _ random: inout SeededGenerator) -> (pattern: String, text: String) {
        let words = ["click", "Here", "pay", "x", "free gift", "ab", "100", "unSub", " ", "urgent-"]
        let word = words.randomElement(using: &random) ?? "word"
        guard depth > 0 else { return (word, Bool.random(using: &random) ? word : word.uppercased()) }
        switch Int.random(in: 0...9, using: &random) {
        case 0, 1, 2:
            let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in generate(depth - 1, &random) }
            return (parts.map(\.pattern).joined(), parts.map(\.text).joined())
        case 3, 4:
            let parts = (0..<Int.random(in: 1...9, using: &random)).map { _ in generate(depth - 1, &random) }
            let chosen = parts.randomElement(using: &random)?.text ?? ""
            return ("(?:" + parts.map(\.pattern).joined(separator: "|") + ")", chosen)
        case 5:
            let part = generate(depth - 1, &random)
            let quantifier = ["?", "*", "{0,2}", "??"].randomElement(using: &random) ?? "?"
            return ("(?:\(part.pattern))\(quantifier)", Bool.random(using: &random) ? part.text : "")
        case 6:
            let part = generate(depth - 1, &random)
            let (quantifier, count) =
                [("+", 3), ("{2}", 2), ("{1,3}", 1), ("{2,}", 4), ("+?", 1)]
                .randomElement(using: &random) ?? ("+", 1)
            return ("(\(part.pattern))\(quantifier)", String(repeating: part.text, count: count))
        case 7:
            return [("\\d", "7"), (".", "%"), ("\\w+", "ab"), ("\\s", " ")].randomElement(using: &random) ?? ("", "")
        case 8:
            return [("[abc]", "B"), ("[a-f]", "e"), ("[^x]", "y"), ("[.\\]-]", "]")].randomElement(using: &random) ?? (
                "", ""
            )
        default: return [("\\.", "."), ("\\$", "$"), ("\\/", "/")].randomElement(using: &random) ?? ("", "")
        }
    }

    @Test("what an expression matches is never taken for a text without a match", arguments: UInt64(1)...60)
    func neverWrong(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scratch = try #require(PCREScratch())
        for _ in 0..<40 {
            let (pattern, inner) = Self.generate(4, &random)
            let text = Array(("Some words before " + inner + " and some behind").utf8)
            let compiled = try RulePattern(Self.expression(pattern))
            guard case .match = compiled.pattern.firstMatch(in: text, using: scratch), let required = compiled.required
            else { continue }
            let finder = try #require(OctetStringFinder(required.alternatives.map { ($0, 0) }))
            var found = [false]
            finder.find(in: text, &found)
            #expect(found[0], "\(pattern) in \(inner)")
        }
    }

    @Test("long texts are found in as short ones are")
    func longTexts() throws {
        let rules = RuleSet([
            RuleFile(
                reading: Array(
                    """
                    body A /special (?:offer|price)/i
                    header B Sluice-Text =~ /unsubscribe/i
                    header C Sluice-Text !~ /unsubscribe/i
                    header D Subject !~ /newsletter/
                    """.utf8), file: "a.cf")
        ])
        let filling = String(repeating: "Nothing to see in this line of the text.\r\n", count: 200)
        for (words, expected) in [
            ("", ["C", "D"]), ("A SPECIAL Offer", ["A", "C", "D"]), ("Unsubscribe: special price", ["A", "B", "D"]),
        ] {
            let mail = SampleMail(text: filling + words + "\r\n" + filling)
            #expect(rules.evaluate(try mail.texts()).hits.map(\.name).sorted() == expected)
        }
    }
}
