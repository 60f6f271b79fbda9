// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceStages

@Suite("The rules that come with Sluice")
struct EmbeddedRulesTests {
    static let cases: [RuleCase] =
        RuleCase.sender + RuleCase.header + RuleCase.link + RuleCase.html + RuleCase.text + RuleCase.account
        + RuleCase.fraud + RuleCase.goods + RuleCase.bulk

    @Test("they have no mistakes")
    func noMistakes() {
        #expect(EmbeddedRules.ruleSet.diagnostics.map(\.description) == [])
        #expect(EmbeddedRules.ruleSet.count >= 80)
    }

    @Test("each hits the message it is about, and not the one that comes near", arguments: cases)
    func hits(_ rule: RuleCase) throws {
        let hit = EmbeddedRules.ruleSet.evaluate(try rule.hit.texts())
        #expect(hit.hits.map(\.name).contains(rule.name))
        #expect(hit.givenUp.isEmpty)
        let miss = EmbeddedRules.ruleSet.evaluate(try rule.miss.texts())
        #expect(!miss.hits.map(\.name).contains(rule.name))
    }

    @Test("each has a case here, and a sentence that a person understands")
    func whole() {
        let covered = Set(Self.cases.map(\.name))
        for rule in EmbeddedRules.ruleSet.descriptions where rule.name != "SPF_FAILED" {
            #expect(covered.contains(rule.name), "no case for \(rule.name)")
            #expect((rule.description?.split(separator: " ").count ?? 0) >= 3, "\(rule.name) has no sentence")
        }
    }

    @Test("an SPF failure counts, a pass does not")
    func authentication() throws {
        func hits(_ result: String) throws -> [String] {
            let circumstances = MessageCircumstances(
                now: SampleMail.now,
                authentication: [AuthenticationResult(method: "spf", result: result)])
            return EmbeddedRules.ruleSet.evaluate(try SampleMail().texts(circumstances)).hits.map(\.name)
        }
        #expect(try hits("fail") == ["SPF_FAILED"])
        #expect(try hits("pass") == [])
    }

    @Test("an ordinary message has the score 0")
    func ordinary() throws {
        let result = EmbeddedRules.ruleSet.evaluate(try SampleMail().texts())
        #expect(result.hits.map(\.name) == [])
        #expect(result.score == 0)
    }

    @Test("no single rule holds a message, but for the test string")
    func noneAlone() {
        for rule in EmbeddedRules.ruleSet.descriptions where rule.name != "GTUBE" {
            #expect(rule.score > 0 && rule.score < 5, "\(rule.name)")
        }
    }

    @Test("signs add up: a phishing message is held, the same words from the real sender are not")
    func addingUp() throws {
        let words = "Dear customer, your account has been suspended. Please verify your account within 24 hours."
        let phish = SampleMail(
            from: "PayPal Security <x@q7f2k9xw.com>", text: nil,
            html: "<p>\(words) <a href=\"http://192.0.2.1/\">here</a></p>")
        let honest = SampleMail(
            from: "PayPal <service@paypal.com>", text: nil,
            html: "<p>\(words) <a href=\"https://www.paypal.com/\">here</a></p>")
        #expect(EmbeddedRules.ruleSet.evaluate(try phish.texts()).score >= 15)
        #expect(EmbeddedRules.ruleSet.evaluate(try honest.texts()).score < 8)
    }
}
