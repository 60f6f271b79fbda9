// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import SluiceStages

/// A file of rules, and a message behind the first NUL. Whatever is in the file, the rest of it works, and the way
/// round the regular expressions (``RuleSet`` searches only where a string that a rule needs stands) changes no result.
enum RuleFileFuzz {
    private static let limits = PCRELimits(match: 20_000, depth: 2_000, heap: 1024)
    private static let message =
        "Subject: Cheap pills\r\nFrom: a@b.test\r\n\r\nBuy now at http://pills.test/x?y=1 or win $1000000!!\r\n"

    static func run(_ octets: [UInt8]) {
        let parts = octets.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let file = RuleFile(reading: parts[0], file: "fuzz.cf")
        check(file, lines: parts[0].split(separator: 0x0A, omittingEmptySubsequences: false).map(\.count))
        let set = RuleSet([file])
        precondition(set.hasErrors == set.diagnostics.contains { $0.severity == .error }, "an error is not told")
        let content = parts.count > 1 ? ByteBuffer(bytes: parts[1]) : ByteBuffer(string: message)
        do {
            let text = try MessageText(
                Message(MemoryContent(content)),
                circumstances: MessageCircumstances(now: Timestamp(seconds: 1_790_000_000)))
            let result = set.evaluate(text, limits: limits)
            precondition(result == set.evaluate(text, limits: limits), "the same message has two results")
            check(result, set, file, text)
        } catch {
            preconditionFailure("memory can't be read: \(error)")
        }
    }

    private static func check(_ file: RuleFile, lines: [Int]) {
        precondition(file.diagnostics.count <= RuleFile.diagnosticLimit + 1, "\(file.diagnostics.count) diagnostics")
        for diagnostic in file.diagnostics {
            let mark = diagnostic.mark
            precondition(
                mark.file == "fuzz.cf" && lines.indices.contains(mark.line - 1)
                    && (1...lines[mark.line - 1] + 1).contains(mark.column),
                "\(diagnostic) is of no place")
        }
        for rule in file.rules {
            precondition(
                rule.name.utf8.count <= Rule.nameLimit
                    && rule.name.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") }, "\(rule.name)")
        }
        for score in file.scores { precondition(abs(score.score) <= 10_000, "\(score)") }
    }

    private static func check(_ result: RuleSetResult, _ set: RuleSet, _ file: RuleFile, _ text: MessageText) {
        precondition(result.score.isFinite, "the score is \(result.score)")
        let known = Set(set.descriptions.map(\.name))
        for hit in result.hits {
            precondition(known.contains(hit.name), "\(hit.name) is no rule with a score")
            if let evidence = hit.evidence {
                precondition(evidence.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "evidence with \(evidence)")
            }
        }
        let hits = Set(result.hits.map(\.name))
        let givenUp = Set(result.givenUp.map(\.name))
        // Of two rules with one name the later counts.
        let rules = Dictionary(file.rules.map { ($0.name, $0) }) { $1 }
        for rule in rules.values where known.contains(rule.name) && !givenUp.contains(rule.name) {
            guard let (expression, pieces) = search(rule.test, text),
                let isHit = isHit(expression, pieces)
            else { continue }
            precondition(hits.contains(rule.name) == isHit, "\(rule.name) hits: \(!isHit); searched for: \(isHit)")
        }
    }

    private static func search(_ test: RuleTest, _ text: MessageText) -> (RuleExpression, [[UInt8]])? {
        switch test {
        case .body(let expression): (expression, text.body)
        case .rawBody(let expression): (expression, text.rawBody)
        case .uri(let expression): (expression, text.uris)
        case .header, .meta, .function: nil
        }
    }

    /// - Returns: `nil` where a search was given up.
    private static func isHit(_ expression: RuleExpression, _ pieces: [[UInt8]]) -> Bool? {
        guard let pattern = try? PCREPattern(expression.pattern, options: expression.options) else {
            preconditionFailure("a rule counts whose expression is wrong")
        }
        return PCREScratch.lend(limits: limits) { scratch -> Bool? in
            for piece in pieces {
                switch pattern.firstMatch(in: piece, using: scratch) {
                case .match: return true
                case .noMatch: continue
                case .limitHit, .failed: return nil
                }
            }
            return false
        }.flatMap { $0 }
    }

    static var seeds: [[UInt8]] {
        let spam =
            "\0Subject: =?utf-8?Q?Vi=C3=A1gra?=\r\nContent-Type: text/html\r\n\r\n"
            + "<p>Click <a href=\"http://a.test/%41\">here</a></p>"
        return [
            "body PILLS /cheap (?:pills|meds)/i\nscore PILLS 2.5\ndescribe PILLS Pills are sold\n",
            "header  SUBJ Subject =~ /pills/ [if-unset: none]\nheader NOT Subject !~ /x/\n"
                + "header HAS exists:From\nmeta BOTH (SUBJ && !NOT) + 1 > 1\n",
            "uri LINK m{^https?://[^/]+/x\\?y=\\d}i\nrawbody RAW /win \\$\\d{4,}/\nscore LINK (0.5)\n"
                + "score RAW 1 2 3 4\n",
            "body __A /now/\nbody __B /(?:buy|sell) now/i\nmeta C __A && __B\n# comment\nbody D /a\\#b/ # x\n",
            "ifplugin X\nbody A /x/\nendif\nelse\nfull F /x/\nbodi E /x/\n", "meta A B\nmeta B A\nmeta C 1 / 0 && (D\n",
            "body R /(a+)+$/\nbody S /(?i)PILLS|win/s\nbody T /^[^a]{3,5}(?=http)/m\n"
                + "body U /\\bp.lls\\b|\\x{63}heap/x\n",
            "header F eval:sluice_fact('subject-all-caps')\nbody G eval:html_tag_exists('a')\n"
                + "header H eval:subject_is_all_caps()\n",
            "body V /v[i1]agra/i\nuri W /a\\.test/\nrawbody X /<a href/\n" + spam,
            "body Y /caf\u{E9}|(?:ab|cd){2}ef?/i\nbody Z m!a/b!\nbody Q /\\Qa.b\\E/\n",
            "score A 1e5\nscore B x\ndescribe C\nbody 1A /x/\nbody A x\nbody A /x/q\n",
        ].map { Array($0.utf8) }
    }
}
