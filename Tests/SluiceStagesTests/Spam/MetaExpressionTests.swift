// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceStages

@Suite("Meta expressions")
struct MetaExpressionTests {
    /// The value where T is 1 and F is 0.
    private func value(_ text: String) throws -> Double {
        let file = RuleFile(reading: Array("meta X \(text)".utf8), file: "a.cf")
        #expect(file.diagnostics == [])
        guard case .meta(let expression)? = file.rules.first?.test else { throw Missing() }
        return expression.value { expression.names[$0].hasPrefix("T") ? 1 : 0 }
    }
    private struct Missing: Error {}

    @Test(
        "operators have Perl's precedence",
        arguments: [
            ("T", 1.0), ("F", 0), ("!F", 1), ("!!T", 1), ("T && F || T", 1), ("T || F && F", 1), ("(T || T) && F", 0),
            ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("8 - 2 - 1", 5), ("8 / 2 / 2", 2), ("1 / 0", 0), ("-2 + 3", 1),
            ("T + T + F >= 2", 1), ("T + F >= 2", 0), ("2 < 1 + 2", 1), ("1 == 1 && 2 != 3", 1), ("!T == F", 1),
            ("T1 + T2 + T3 > 2.5", 1), ("1 <= 1", 1), ("!(T && F)", 1), ("0.5 * 4", 2),
        ])
    func precedence(_ text: String, _ expected: Double) throws {
        #expect(try value(text) == expected)
    }

    @Test(
        "a mistake is named with its place",
        arguments: [
            ("(A", "a.cf:1:8: this parenthesis is not closed"), ("A)", "a.cf:1:9: this parenthesis closes none"),
            ("A &&", "a.cf:1:12: the expression ends where"), ("A B", "a.cf:1:10: an operator"),
            ("&& A", "a.cf:1:8: the name of a rule"), ("", "a.cf:1:7: the expression ends where"),
            ("A & B", "a.cf:1:10: an operator"), ("1.2.3", "a.cf:1:8: 1.2.3 is no number"),
            ("()", "a.cf:1:9: the name of a rule"),
        ])
    func mistakes(_ text: String, _ start: String) {
        let file = RuleFile(reading: Array("meta X \(text)".utf8), file: "a.cf")
        #expect(file.diagnostics.first?.description.hasPrefix(start) == true, "\(file.diagnostics.map(\.description))")
    }

    @Test("nesting costs no stack, and the length is limited")
    func depth() throws {
        let deep = String(repeating: "(", count: 900) + "T" + String(repeating: ")", count: 900)
        #expect(try value(deep) == 1)
        #expect(try value(String(repeating: "!", count: 1000) + "T") == 1)
        let long = RuleFile(
            reading: Array("meta X \(String(repeating: "A + ", count: 3000))A".utf8), file: "a.cf")
        #expect(long.diagnostics.first?.message.contains("more than") == true)
    }

    @Test("metas may stand before what they need; a ring of them is an error")
    func order() throws {
        let text = "meta A B && C\nmeta B C\nbody C /minutes/\nmeta D E\nmeta E D\nmeta G NONE || C\nscore C 2"
        let rules = RuleSet([RuleFile(reading: Array(text.utf8), file: "a.cf")])
        #expect(
            rules.diagnostics.map(\.description).sorted() == [
                "a.cf:5:8: E needs D, which needs E", "a.cf:6:8: warning: there is no rule NONE, it counts as 0",
            ])
        let result = rules.evaluate(try SampleMail().texts())
        #expect(Set(result.hits.map(\.name)) == ["A", "B", "C", "G"])
        #expect(result.score == 5)
    }

    @Test("a very long chain of metas is ordered without recursion")
    func chain() throws {
        var text = "body A0 /minutes/\n"
        for number in (1...5000).reversed() { text += "meta A\(number) A\(number - 1)\n" }
        let rules = RuleSet([RuleFile(reading: Array(text.utf8), file: "a.cf")])
        #expect(rules.diagnostics == [])
        #expect(rules.evaluate(try SampleMail().texts()).hits.count == 5001)
    }
}
