// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceStages

/// Rules that need no look say what they would have said.
@Suite("Which rules are asked")
struct RuleCandidatesTests {
    private static func rules(_ text: String) -> RuleSet {
        RuleSet([RuleFile(reading: Array(text.utf8), file: "a.cf")])
    }

    private static let expressions = [
        "free gift", "(?:free|cheap) (?:gift|offer)s?", "won\\b", "^Dear", "\\$ ?\\d+", "[a-c]lick here",
        "un-?subscribe",
        "(?:us)?\\$", "offer.{0,20}gift", "hi[ ,]{1,3}(?:ann|bob)", "\\d{3}", "https?://(?:www\\.)?bad\\.example",
        "a+b",
    ]

    /// The rules of the expressions for each place; each is written so that nothing can be told of it, or as it is.
    private static func ruleFile(tellsNothing: Bool) -> String {
        var lines: [String] = []
        for (index, expression) in expressions.enumerated() {
            let pattern = "m~\(tellsNothing ? "(?=)" : "")\(expression)~i"
            lines.append("header T\(index) Sluice-Text =~ \(pattern)")
            lines.append("header S\(index) Subject =~ \(pattern)")
            lines.append("header N\(index) Subject !~ \(pattern)")
            lines.append("header C\(index) Cc =~ \(pattern)")
            lines.append("header D\(index) Cc !~ \(pattern)")
            lines.append("header U\(index) Cc =~ \(pattern) [if-unset: free gift won]")
            lines.append("body B\(index) \(pattern)")
            lines.append("rawbody R\(index) \(pattern)")
            lines.append("uri L\(index) \(pattern)")
            lines.append("meta M\(index) (B\(index) && !S\(index))")
            lines.append("meta O\(index) (!B\(index) || T\(index) > 1)")
            lines.append("meta P\(index) ((M\(index) + O\(index) + L\(index)) >= 1)")
        }
        return lines.joined(separator: "\n")
    }

    @Test("rules hit alike whether or not their strings are looked for first", arguments: UInt64(1)...12)
    func alike(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (quick, slow) = (
            Self.rules(Self.ruleFile(tellsNothing: false)), Self.rules(Self.ruleFile(tellsNothing: true))
        )
        #expect(quick.diagnostics == [] && slow.diagnostics == [])
        let pieces = [
            "Free GIFT", "cheap offer", "won", "wonder", "Dear", "$ 10", "us$", "click here", "unsubscribe", "hi, Bob",
            "hi,bob", "123", "http://www.bad.example/x", "aab", "words", "\r\n", "\r\n\r\n", "<b>free</b> gift",
        ]
        func text() -> String {
            (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                .joined(separator: " ")
        }
        for _ in 0..<8 {
            var mail = SampleMail(subject: text().replacing("\r\n", with: " "), text: text())
            if Bool.random(using: &random) { mail.html = text() }
            if Bool.random(using: &random) { mail.add = ["Cc: " + text().replacing("\r\n", with: " ")] }
            let texts = try mail.texts()
            #expect(quick.evaluate(texts) == slow.evaluate(texts))
        }
    }

    @Test("only rules that can't be told from their strings, or hit without any, are always asked")
    func alwaysAsked() {
        let set = Self.rules(
            """
            body A /needle/
            body B /\\d/
            header C Subject !~ /needle/
            header D Cc =~ /needle/ [if-unset: needle]
            header E exists:Cc
            meta F (A && B)
            meta G (!A)
            header H eval:check_fact('text-size')
            """)
        let asked = zip(set.rules, set.isAlwaysAsked).filter(\.1).map(\.0.name).sorted()
        #expect(asked == ["B", "C", "D", "E", "G", "H"])
        let subjects = set.subjects.map(\.kind)
        #expect(subjects == [.body, .field("subject", .value), .field("cc", .value)])
        #expect(set.subjects.allSatisfy { $0.finder != nil && !$0.showsLines })
        let places = set.rules.map(\.name)
        #expect(set.dependents[places.firstIndex(of: "A") ?? 0].map { places[$0] } == ["F", "G"])
    }

    @Test("a field is there whatever it says, a pseudo-header too")
    func fields() throws {
        let texts = try SampleMail(add: ["X-Empty:"]).texts()
        for name in ["subject", "x-empty", "all", "tocc", "messageid", "sluice-text"] { #expect(texts.hasField(name)) }
        for name in ["cc", "envelopefrom", "x-none"] { #expect(!texts.hasField(name)) }
    }

    @Test("URIs are taken once, without white space, and decoded beside")
    func uris() throws {
        let mail = SampleMail(
            text: "http://a.example/x and http://a.example/x",
            html: "<a href='http://a.ex\r\n ample/x'>y</a><img src='#x'><a href='http://a.example/%41'>z</a>")
        let uris = try mail.texts().uris.map { String(decoding: $0, as: UTF8.self) }
        #expect(uris == ["http://a.example/x", "http://a.example/%41", "http://a.example/A"])
    }

    @Test(
        "hosts that could be, and could not",
        arguments: [
            ("a.example", true), ("a-b_c.example", true), ("é.example", true), ("example", false),
            ("a..example", false),
            (".example", false), ("a.example.", false), ("a.e", false), ("a.1", false), ("a b.example", false),
            ("a.ex-ample", false), ("", false), (String(repeating: "a.", count: 126) + "ex", false),
        ])
    func plausible(host: String, expected: Bool) { #expect(HostName.isPlausible(host) == expected) }

    @Test(
        "dates as mail writes them",
        arguments: [
            ("Tue, 24 Nov 2026 07:00:00 +0000", 1_795_503_600), ("24 nov 2026 08:00 +0100", 1_795_503_600),
            ("24\tNOV\t26 07:00:00 GMT", 1_795_503_600), ("Nov 24 2026", nil), ("24 2026 Nov", nil), ("", nil),
            ("32 Nov 2026", nil), ("1 Jan 1970", 0),
        ] as [(String, Int64?)])
    func dates(text: String, seconds: Int64?) { #expect(MailDate.seconds(Array(text.utf8)) == seconds) }

    @Test("text in text, in ASCII and beyond")
    func textInText() {
        #expect("to ann@example.org".contains(text: "ann@example.org"))
        #expect(!"to ann@example.or".contains(text: "ann@example.org"))
        #expect("mü@example.org".contains(text: "mu\u{308}@example.org"))
        #expect("a".contains(text: ""))
    }

    @Test("references among text, at its ends and beside each other")
    func references() {
        for (text, expected) in [
            ("&amp;", "&"), ("a&lt;&gt;b", "a<>b"), ("&", "&"), ("a & b", "a & b"), ("&&amp;&", "&&&"), ("", ""),
            ("x&#65;", "xA"), ("&none;y", "&none;y"),
        ] {
            #expect(HTMLCharacterReference.decoded(Array(text.utf8)[...]) == Array(expected.utf8))
            var appended: [UInt8] = [0x2E]
            HTMLCharacterReference.append(Array((".." + text).utf8)[2...], to: &appended)
            #expect(appended == Array(("." + expected).utf8))
        }
    }
}
