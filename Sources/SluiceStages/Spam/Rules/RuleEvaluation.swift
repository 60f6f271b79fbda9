// SPDX-License-Identifier: Apache-2.0
import SluiceCore
package import SluiceNative

extension RuleSet {
    /// Asks all rules about one message.
    ///
    /// - Parameter limits: for each search; a rule that runs into one is given up, the others go on.
    package func evaluate(_ text: MessageText, limits: PCRELimits = PCRELimits()) -> RuleSetResult {
        evaluate(text, limits: limits, until: nil) ?? RuleSetResult(hits: [], subtests: [], givenUp: [])
    }

    /// Asks all rules about one message, if that takes no longer than so long and one search.
    ///
    /// - Returns: `nil` where it takes longer.
    func evaluate(_ text: MessageText, within limit: Duration) -> RuleSetResult? {
        evaluate(text, limits: PCRELimits(), until: .now + limit)
    }

    private func evaluate(
        _ text: MessageText, limits: PCRELimits, until end: ContinuousClock.Instant?
    ) -> RuleSetResult? {
        let result = PCREScratch.lend(limits: limits) { scratch in
            var evaluation = RuleEvaluation(self, text: text, scratch: scratch, until: end)
            evaluation.run()
            return evaluation.isLate ? nil : evaluation.result
        }
        if let result { return result }
        let givenUp = rules.map { RuleSetResult.GivenUp(name: $0.name, why: "no memory is left") }
        return RuleSetResult(hits: [], subtests: [], givenUp: givenUp)
    }
}

/// The state while the rules look at one message.
private struct RuleEvaluation {
    private let set: RuleSet
    private let text: MessageText
    private let scratch: PCREScratch
    /// Whether a rule hits, by its place.
    private var isHit: [Bool]
    /// Whether it is worth asking a rule: a string that it needs was found, or a rule that it names hits.
    private var isCandidate: [Bool]
    /// What the rules saw that hit, by their places.
    private var evidence: [Int: String] = [:]
    /// The fields that were read, by their subject; `nil` inside where the message has no such field.
    private var fields: [[UInt8]??]
    private(set) var result = RuleSetResult(hits: [], subtests: [], givenUp: [])
    private let end: ContinuousClock.Instant?
    /// Whether the time was up before all rules were asked.
    private(set) var isLate = false

    init(_ set: RuleSet, text: MessageText, scratch: PCREScratch, until end: ContinuousClock.Instant?) {
        self.end = end
        self.set = set
        self.text = text
        self.scratch = scratch
        isHit = [Bool](repeating: false, count: set.rules.count)
        isCandidate = isHit
        fields = [[UInt8]??](repeating: nil, count: set.subjects.count)
    }

    mutating func run() {
        findCandidates()
        for place in set.rules.indices where set.isAlwaysAsked[place] || isCandidate[place] {
            let rule = set.rules[place]
            let isHit = hits(rule, at: place)
            if isLate { return }
            guard isHit else { continue }
            self.isHit[place] = true
            for dependent in set.dependents[place] { isCandidate[dependent] = true }
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

    /// Looks once through all that rules look at for the strings without which they can't match.
    private mutating func findCandidates() {
        for (index, subject) in set.subjects.enumerated() {
            guard let finder = subject.finder else { continue }
            if case .field = subject.kind {
                if let value = field(index) { finder.find(in: value, &isCandidate) }
            } else {
                for piece in pieces(index) { finder.find(in: piece, &isCandidate) }
            }
        }
    }

    private mutating func hits(_ rule: RuleSet.CompiledRule, at place: Int) -> Bool {
        switch rule.check {
        case .exists(let field): return text.hasField(field)
        case .field(let subject, let pattern, let isNegated, let ifUnset):
            // A rule about a missing field does not hit, and `!~` does, as in SpamAssassin.
            let value = field(subject)
            guard let octets = value ?? ifUnset else { return isNegated }
            if value != nil, pattern.required != nil, !isCandidate[place] { return isNegated }
            let found = search(pattern, in: octets, place, isLine: set.subjects[subject].showsLines)
            if found == nil { return false }
            return found == !isNegated
        case .pieces(let subject, let pattern):
            for piece in pieces(subject) {
                guard let found = search(pattern, in: piece, place, isLine: false) else { return false }
                if found { return true }
            }
            return false
        case .function(let function): return call(function)
        case .meta(let expression, let places):
            let value = expression.value { index in places[index].map { isHit[$0] ? 1 : 0 } ?? 0 }
            guard value != 0 else { return false }
            evidence[place] = places.lazy.compactMap { $0 }.first { isHit[$0] && evidence[$0] != nil }
                .flatMap { evidence[$0] }
            return true
        }
    }

    private mutating func field(_ subject: Int) -> [UInt8]? {
        if let known = fields[subject] { return known }
        guard case .field(let name, let part) = set.subjects[subject].kind else { return nil }
        let found = text.field(name, part)
        fields[subject] = .some(found)
        return found
    }

    private func pieces(_ subject: Int) -> [[UInt8]] {
        switch set.subjects[subject].kind {
        case .body: text.body
        case .rawBody: text.rawBody
        case .uris: text.uris
        case .field: []
        }
    }

    private func call(_ function: RuleFunction) -> Bool {
        switch function.name {
        case .subjectIsAllCaps: text.hasFact("subject-all-caps")
        case .mimeHTMLOnly: text.hasFact("html-only")
        case .htmlTagExists: text.elements.contains(function.arguments[0].asciiLowercased())
        case .fact: text.hasFact(function.arguments[0])
        }
    }

    /// - Returns: `nil` where the search was given up.
    private mutating func search(_ pattern: RulePattern, in subject: [UInt8], _ place: Int, isLine: Bool) -> Bool? {
        if let end, ContinuousClock.now > end {
            isLate = true
            return nil
        }
        switch pattern.pattern.firstMatch(in: subject, using: scratch) {
        case .match(let range):
            evidence[place] = isLine ? Self.line(subject, range) : Self.snippet(subject, range)
            return true
        case .noMatch: return false
        case .limitHit(let limit):
            result.givenUp.append(
                RuleSetResult.GivenUp(name: set.rules[place].name, why: "its search hit the \(limit.rawValue) limit"))
            return nil
        case .failed(let message):
            result.givenUp.append(RuleSetResult.GivenUp(name: set.rules[place].name, why: message))
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
