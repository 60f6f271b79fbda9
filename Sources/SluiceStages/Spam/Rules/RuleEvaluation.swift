// SPDX-License-Identifier: Apache-2.0
import SluiceCore
package import SluiceNative

extension RuleSet {
    /// Asks all rules about one message.
    ///
    /// - Parameter limits: for each search; a rule that runs into one is given up, the others go on.
    package func evaluate(_ text: MessageText, limits: PCRELimits = PCRELimits()) -> RuleSetResult {
        let result = PCREScratch.lend(limits: limits) { scratch in
            var evaluation = RuleEvaluation(rules: rules, text: text, scratch: scratch)
            evaluation.run()
            return evaluation.result
        }
        if let result { return result }
        let givenUp = rules.map { RuleSetResult.GivenUp(name: $0.name, why: "no memory is left") }
        return RuleSetResult(hits: [], subtests: [], givenUp: givenUp)
    }
}

/// The state while the rules look at one message.
private struct RuleEvaluation {
    private let rules: [RuleSet.CompiledRule]
    private let text: MessageText
    private let scratch: PCREScratch
    /// 1 where a rule hits, by its place.
    private var values: [Double]
    private var evidence: [String?]
    private var fields: [String: [UInt8]?] = [:]
    /// What stands in the long texts, by their keys.
    private var trigrams: [String: TrigramSet] = [:]
    /// Shorter texts are searched at once.
    private static let shortText = 200
    private(set) var result = RuleSetResult(hits: [], subtests: [], givenUp: [])

    init(rules: [RuleSet.CompiledRule], text: MessageText, scratch: PCREScratch) {
        self.rules = rules
        self.text = text
        self.scratch = scratch
        values = [Double](repeating: 0, count: rules.count)
        evidence = [String?](repeating: nil, count: rules.count)
    }

    mutating func run() {
        for place in rules.indices {
            let rule = rules[place]
            guard hits(rule, at: place) else { continue }
            values[place] = 1
            if rule.isSubtest {
                result.subtests.append(rule.name)
            } else {
                result.hits.append(
                    RuleSetResult.Hit(
                        name: rule.name, score: rule.score, description: rule.description ?? rule.name,
                        evidence: evidence[place]))
            }
        }
    }

    private mutating func hits(_ rule: RuleSet.CompiledRule, at place: Int) -> Bool {
        switch rule.check {
        case .exists(let field): return self.field(field, .value) != nil
        case .header(let name, let part, let pattern, let isNegated, let ifUnset):
            // A rule about a missing field does not hit, and `!~` does, as in SpamAssassin.
            let value = field(name, part)
            guard let subject = value ?? ifUnset else { return isNegated }
            if let value, !isWorthASearch(pattern, [value], Self.key(name, part)) { return isNegated }
            let found = search(pattern, in: subject, place, isLine: name == "sluice-facts")
            if found == nil { return false }
            return found == !isNegated
        case .body(let pattern): return searchAny(pattern, in: text.body, "body:", place)
        case .rawBody(let pattern): return searchAny(pattern, in: text.rawBody, "rawbody:", place)
        case .uri(let pattern): return searchAny(pattern, in: text.uris, "uri:", place)
        case .function(let function): return call(function, place)
        case .meta(let expression, let places):
            let value = expression.value { index in places[index].map { values[$0] } ?? 0 }
            guard value != 0 else { return false }
            evidence[place] = places.lazy.compactMap { $0 }.first { values[$0] != 0 && evidence[$0] != nil }
                .flatMap { evidence[$0] }
            return true
        }
    }

    private static func key(_ name: String, _ part: HeaderTest.Part) -> String {
        part == .value ? name : "\(name):\(part.rawValue)"
    }

    /// Whether the pattern could match one of the texts, as far as that can be told without a search.
    private mutating func isWorthASearch(_ pattern: RulePattern, _ texts: [[UInt8]], _ key: String) -> Bool {
        guard let required = pattern.required, texts.count > 1 || texts.contains(where: { $0.count > Self.shortText })
        else { return true }
        if let known = trigrams[key] { return known.mayHold(required) }
        var found = TrigramSet()
        for text in texts { found.add(text) }
        trigrams[key] = found
        return found.mayHold(required)
    }

    private mutating func field(_ name: String, _ part: HeaderTest.Part) -> [UInt8]? {
        let key = Self.key(name, part)
        if let known = fields[key] { return known }
        let found = text.field(name, part)
        fields[key] = .some(found)
        return found
    }

    private func call(_ function: RuleFunction, _ place: Int) -> Bool {
        switch function.name {
        case .subjectIsAllCaps: text.hasFact("subject-all-caps")
        case .mimeHTMLOnly: text.hasFact("html-only")
        case .htmlTagExists: text.elements.contains(function.arguments[0].asciiLowercased())
        case .fact: text.hasFact(function.arguments[0])
        }
    }

    private mutating func searchAny(
        _ pattern: RulePattern, in subjects: [[UInt8]], _ key: String, _ place: Int
    ) -> Bool {
        guard isWorthASearch(pattern, subjects, key) else { return false }
        for subject in subjects {
            guard let found = search(pattern, in: subject, place, isLine: false) else { return false }
            if found { return true }
        }
        return false
    }

    /// - Returns: `nil` where the search was given up.
    private mutating func search(_ pattern: RulePattern, in subject: [UInt8], _ place: Int, isLine: Bool) -> Bool? {
        switch pattern.pattern.firstMatch(in: subject, using: scratch) {
        case .match(let range):
            evidence[place] = isLine ? Self.line(subject, range) : Self.snippet(subject, range)
            return true
        case .noMatch: return false
        case .limitHit(let limit):
            result.givenUp.append(
                RuleSetResult.GivenUp(name: rules[place].name, why: "its search hit the \(limit.rawValue) limit"))
            return nil
        case .failed(let message):
            result.givenUp.append(RuleSetResult.GivenUp(name: rules[place].name, why: message))
            return nil
        }
    }

    /// The match with some words around it.
    private static func snippet(_ subject: [UInt8], _ range: Range<Int>) -> String? {
        guard !range.isEmpty else { return nil }
        let room = max(0, RuleSetResult.Hit.evidenceLimit - range.count)
        var start = max(0, range.lowerBound - min(20, room / 2))
        // Not in the middle of a character.
        while start < range.lowerBound, subject[start] & 0xC0 == 0x80 { start += 1 }
        var end = min(subject.count, start + RuleSetResult.Hit.evidenceLimit, range.upperBound + 20)
        while end > start, end < subject.count, subject[end] & 0xC0 == 0x80 { end -= 1 }
        return shown(subject[start..<end])
    }

    /// The whole line in which the match begins.
    private static func line(_ subject: [UInt8], _ range: Range<Int>) -> String? {
        let start = subject[..<range.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var end = min(subject[start...].firstIndex(of: 0x0A) ?? subject.count, start + RuleSetResult.Hit.evidenceLimit)
        while end > start, end < subject.count, subject[end] & 0xC0 == 0x80 { end -= 1 }
        return shown(subject[start..<end])
    }

    private static func shown(_ octets: ArraySlice<UInt8>) -> String? {
        let text = Paragraphs.squeezed(octets.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 })
        return text.isEmpty ? nil : String(latin1OrUTF8: text)
    }
}
