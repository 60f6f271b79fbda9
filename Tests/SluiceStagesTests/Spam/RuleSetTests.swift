// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative
import Testing

@testable import SluiceStages

@Suite("Rules on messages")
struct RuleSetTests {
    private func rules(_ text: String) -> RuleSet { RuleSet([RuleFile(reading: Array(text.utf8), file: "a.cf")]) }
    private func hits(_ text: String, _ mail: SampleMail = SampleMail()) throws -> [String] {
        let rules = rules(text)
        #expect(rules.diagnostics == [])
        return rules.evaluate(try mail.texts()).hits.map(\.name)
    }

    @Test(
        "header rules see fields, their parts and pseudo-headers",
        arguments: [
            ("Subject =~ /^Minutes of the meeting$/", true), ("Subject !~ /minutes/i", false), ("exists:Subject", true),
            ("exists:Cc", false), ("Cc =~ /x/", false), ("Cc !~ /x/", true), ("Cc =~ /^none$/ [if-unset: none]", true),
            ("From:addr =~ /^ann@example\\.org$/", true), ("From:name =~ /^Ann Example$/", true),
            ("From:raw =~ /Ann/", true), ("ToCc =~ /bob@/", true), ("MESSAGEID =~ /^<2026/", true),
            ("ALL =~ /^Subject: Minutes/m", true), ("EnvelopeFrom =~ /x/", false), ("subject =~ /Minutes/", true),
            ("Sluice-Text =~ /meeting\\nHere are/", true), ("Sluice-Facts =~ /^text-size: \\d+$/m", true),
        ])
    func header(_ test: String, _ expected: Bool) throws {
        #expect(try hits("header A \(test)") == (expected ? ["A"] : []))
    }

    @Test("encoded words are decoded, :raw is not")
    func encodedWords() throws {
        let mail = SampleMail(subject: "=?utf-8?B?Z3LDvG4=?=")
        #expect(try hits("header A Subject =~ /gr\\xc3\\xbcn/", mail) == ["A"])
        #expect(try hits("header A Subject:raw =~ /=\\?utf-8/", mail) == ["A"])
    }

    @Test("body rules see paragraphs, the Subject first; rawbody rules see the source; uri rules see targets")
    func texts() throws {
        let mail = SampleMail(
            text: nil,
            html: "<p>One\r\n<b>two</b>&nbsp; three</p><p>four <a href=\"http://a.example/%70ath\">five</a></p>")
        #expect(try hits("body A /^One two three$/", mail) == ["A"])
        #expect(try hits("body A /three.*four/s", mail) == [])
        #expect(try hits("body A /^Minutes of the meeting$/", mail) == ["A"])
        #expect(try hits("rawbody A /<b>two<\\/b>/", mail) == ["A"])
        #expect(try hits("uri A /^http:\\/\\/a\\.example\\/path$/", mail) == ["A"])
        #expect(
            try hits("body A eval:html_tag_exists('b')\nheader B eval:check_for_mime_html_only()", mail) == ["A", "B"])
    }

    @Test("a rule that hits shows what it saw, on one line and bounded")
    func evidence() throws {
        let mail = SampleMail(
            text: String(repeating: "word ", count: 100) + "needle" + String(repeating: " word", count: 100))
        let result = rules("body A /needle/\nbody B /w.*/\nmeta C A\ndescribe A It is there").evaluate(try mail.texts())
        #expect(result.hits[0].description == "It is there")
        #expect(result.hits[0].evidence?.contains("needle") == true)
        #expect(result.hits.allSatisfy { ($0.evidence?.utf8.count ?? 0) <= RuleSetResult.Hit.evidenceLimit })
        #expect(result.hits[2].evidence == result.hits[0].evidence)
    }

    @Test("a rule without a score counts 1, one with 0 is off, one with __ has none")
    func scores() throws {
        let result = rules("body A /are/\nbody B /are/\nscore B 0\nbody __C /are/\nmeta D B\nmeta E __C\nscore E 2.5")
            .evaluate(try SampleMail().texts())
        #expect(result.hits.map(\.name) == ["A", "E"])
        #expect(result.subtests == ["__C"])
        #expect(result.score == 3.5)
    }

    @Test("a wrong expression is an error at its place in the file")
    func wrongExpression() {
        let rules = rules("body GOOD /a/\nbody BAD /a(b/")
        #expect(rules.diagnostics.map(\.severity) == [.error])
        #expect(rules.diagnostics.first?.description.hasPrefix("a.cf:2:14: the regular expression is wrong") == true)
        #expect(rules.count == 1)
    }

    @Test("of two rules with one name the later counts, with a warning in one file")
    func twice() throws {
        let rules = rules("body A /nothing/\nbody A /are/")
        #expect(
            rules.diagnostics.map(\.description) == ["a.cf:2:6: warning: A stands at line 1 already, this one counts"])
        #expect(rules.evaluate(try SampleMail().texts()).hits.map(\.name) == ["A"])
        let two = RuleSet([
            RuleFile(reading: Array("body A /nothing/".utf8), file: "a.cf"),
            RuleFile(reading: Array("body A /are/\nscore A (1)".utf8), file: "b.cf"),
        ])
        #expect(two.diagnostics == [])
        #expect(two.evaluate(try SampleMail().texts()).score == 2)
    }

    @Test("a rule that would search for ever is given up, the others go on")
    func givenUp() throws {
        let started = ContinuousClock.now
        let mail = SampleMail(text: String(repeating: "a", count: 2000) + "!")
        let result = rules("body SLOW /^(?:a+)+$/\nbody FAST /a!/\nheader SLOW_TOO Sluice-Text =~ /(?:a|aa)+$/")
            .evaluate(try mail.texts())
        #expect(result.hits.map(\.name) == ["FAST"])
        #expect(result.givenUp.map(\.name) == ["SLOW", "SLOW_TOO"])
        #expect(result.givenUp.first?.why == "its search hit the match limit")
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    @Test("where time is short all rules are asked, or none counts")
    func shortTime() throws {
        let rules = rules("body A /meeting/\nbody B /nothing like that/")
        let texts = try SampleMail().texts()
        #expect(rules.evaluate(texts, within: .seconds(60))?.hits == rules.evaluate(texts).hits)
        #expect(rules.evaluate(texts, within: .zero) == nil)
    }
}
