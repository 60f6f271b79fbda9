// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("Rule files")
struct RuleFileTests {
    private func read(_ text: String) -> RuleFile { RuleFile(reading: Array(text.utf8), file: "a.cf") }
    private func diagnostics(_ text: String) -> [String] { read(text).diagnostics.map(\.description) }

    @Test("header, body, rawbody, uri, meta, score and describe are read")
    func statements() throws {
        let file = read(
            """
            # A comment.
            header   A Subject =~ /one/i   # another
            header   B From:addr !~ m{two/three} [if-unset: none]
            header   C exists:X-Thing
            body     D /four/
            rawbody  E m,five\\,six,
            uri      F /seven\\/eight/s
            meta     G (A && !B) + C >= 1
            score    A 1.5
            score    B 1 2 3 4
            score    C (0.5)
            describe A The first \\# of all
            """)
        #expect(file.diagnostics == [])
        #expect(file.rules.map(\.name) == ["A", "B", "C", "D", "E", "F", "G"])
        #expect(file.scores.map(\.score) == [1.5, 1, 0.5])
        #expect(file.scores.map(\.isRelative) == [false, false, true])
        #expect(file.descriptions.map(\.text) == ["The first # of all"])
        guard case .header(let header) = file.rules[1].test, case .doesNotMatch(let expression) = header.condition
        else {
            Issue.record("B is no header test")
            return
        }
        #expect(header.field == "From" && header.part == .address && header.ifUnset == "none")
        #expect(expression.pattern == Array("two/three".utf8))
        #expect(expression.mark == SourceMark(file: "a.cf", line: 3, column: 27))
        guard case .rawBody(let raw) = file.rules[4].test, case .uri(let uri) = file.rules[5].test else {
            Issue.record("E or F is of another kind")
            return
        }
        #expect(raw.pattern == Array("five,six".utf8))
        #expect(uri.pattern == Array("seven/eight".utf8) && uri.options == .dotAll)
    }

    @Test(
        "a broken line is an error with its place",
        arguments: [
            ("body", "a.cf:1:5: the name of a rule"),
            ("body 1A /x/", "a.cf:1:6: the name of a rule"),
            ("body A", "a.cf:1:7: a regular expression is missing"),
            ("body A /x", "a.cf:1:8: the regular expression does not end"),
            ("body A /x/q", "a.cf:1:11: the flag q is unknown"),
            ("body A /a/b/", "a.cf:1:11: the flag b is unknown"),
            ("  body A /x/ more", "a.cf:1:14: this stands behind the expression"),
            ("header A", "a.cf:1:9: the name of a header field"),
            ("header A Subject /x/", "a.cf:1:18: =~ or !~ would be right"),
            ("header A Subject:foo =~ /x/", "a.cf:1:18: the part :foo is unknown"),
            ("header A Subject =~ /x/ [if-unset: y", "a.cf:1:37: the ] that ends if-unset is missing"),
            ("score A much", "a.cf:1:9: “much” is no score"),
            ("score A 1 2", "a.cf:1:12: 2 scores stand here"),
            ("describe A", "a.cf:1:11: the description is empty"),
            ("boddy A /x/", "a.cf:1:1: unknown keyword boddy, did you mean body?"),
            ("colour red", "a.cf:1:1: unknown keyword colour, known here: header, body"),
            ("endif", "a.cf:1:1: endif stands here without an if"),
            ("header A eval:html_tag_exists()", "a.cf:1:15: html_tag_exists has 0 arguments, 1 would be right"),
            ("header A eval:html_tag_exists('a'", "a.cf:1:34: a , or ) is missing"),
        ])
    func errors(_ line: String, _ start: String) {
        let file = read(line)
        #expect(file.diagnostics.first?.severity == .error)
        #expect(file.diagnostics.first?.description.hasPrefix(start) == true, "\(file.diagnostics.map(\.description))")
        #expect(file.rules.isEmpty)
    }

    @Test(
        "what is SpamAssassin's and not there yet is a warning with its place",
        arguments: [
            ("full A /x/", "a.cf:1:1: warning: full is not there yet"),
            ("mimeheader A Content-Type =~ /x/", "a.cf:1:1: warning: mimeheader is not there yet"),
            ("tflags A nice", "a.cf:1:1: warning: tflags is not there yet"),
            ("header A eval:check_rbl('x', 'y')", "a.cf:1:15: warning: the function check_rbl is not there yet"),
            ("header A From:domain =~ /x/", "a.cf:1:15: warning: the part :domain is not there yet"),
            ("meta A rules_matching(B*)", "a.cf:1:8: warning: the function rules_matching is not there yet"),
        ])
    func warnings(_ line: String, _ start: String) {
        let file = read(line)
        #expect(file.diagnostics.map(\.severity) == [.warning])
        #expect(file.diagnostics.first?.description.hasPrefix(start) == true, "\(file.diagnostics.map(\.description))")
        #expect(file.rules.isEmpty)
    }

    @Test("what stands under a condition is left out, with one warning")
    func conditions() {
        let text = "body A /a/\nif (version >= 4)\nifplugin X\nbody B /b/\nendif\nelse\nnonsense\nendif\nbody C /c/"
        #expect(
            diagnostics(text) == ["a.cf:2:1: warning: if is not there yet, what stands up to its endif is left out"])
        #expect(read(text).rules.map(\.name) == ["A", "C"])
        #expect(diagnostics("ifplugin X\n").last == "a.cf:1:1: the endif to this is missing")
    }

    @Test("line ends are LF or CR LF, octets need not be UTF-8")
    func octets() {
        let file = RuleFile(
            reading: Array("body A /".utf8) + [0xFC, 0xDF] + Array("/\r\nbody B /b/\r\n".utf8), file: "a.cf")
        #expect(file.diagnostics == [])
        guard case .body(let expression)? = file.rules.first?.test else {
            Issue.record("A is no body test")
            return
        }
        #expect(expression.pattern == [0xFC, 0xDF])
    }

    @Test("lines, files and diagnostics are limited")
    func limits() {
        let long = "body A /" + String(repeating: "x", count: RuleFile.lineLimit) + "/"
        #expect(diagnostics(long).first?.contains("longer than") == true)
        let many = RuleFile(reading: Array(String(repeating: "x\n", count: 5000).utf8), file: "a.cf")
        #expect(many.diagnostics.count == RuleFile.diagnosticLimit)
        let huge = RuleFile(reading: repeatElement(UInt8(0x0A), count: RuleFile.lengthLimit + 1), file: "a.cf")
        #expect(huge.diagnostics.first?.message.contains("longer than") == true)
    }

    @Test("octets of any kind are read without a crash", arguments: 0..<20)
    func anything(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let words = [
            "body", "header", "meta", "uri", "score", "A", "/", "m{", "}", "(", ")", "&&", "!", "=~", "#", "\\", "\n",
            " ", "eval:", "'", ",",
        ]
        var text: [UInt8] = []
        for _ in 0..<400 {
            if UInt8.random(in: 0...9, using: &generator) == 0 {
                text.append(UInt8.random(in: 0...255, using: &generator))
            } else {
                text += (words.randomElement(using: &generator) ?? "").utf8
            }
        }
        let file = RuleFile(reading: text, file: "a.cf")
        _ = RuleSet([file])
        for diagnostic in file.diagnostics { #expect(diagnostic.mark.line >= 1 && diagnostic.mark.column >= 1) }
    }
}
