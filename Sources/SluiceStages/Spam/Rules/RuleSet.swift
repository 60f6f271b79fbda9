// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Rules ready to be used on messages: expressions compiled, metas behind the rules they need.
package struct RuleSet: Sendable {
    /// What a compiled rule does. A subject is named by its place in ``subjects``.
    enum Check: Sendable {
        case field(subject: Int, RulePattern, isNegated: Bool, ifUnset: [UInt8]?)
        case exists(field: String)
        /// One of the pieces of text matches.
        case pieces(subject: Int, RulePattern)
        case function(RuleFunction)
        /// For each name of the expression the place of that rule among all, `nil` where there is none.
        case meta(MetaExpression, places: [Int?])
    }

    /// A rule; one object, so that it is not copied for every message.
    final class CompiledRule: Sendable {
        let name: String
        let score: Double
        let description: String?
        let check: Check
        let isSubtest: Bool

        init(name: String, score: Double, description: String?, check: Check) {
            self.name = name
            self.score = score
            self.description = description
            self.check = check
            isSubtest = Rule.isSubtest(name)
        }
    }

    /// In the order in which they are evaluated.
    let rules: [CompiledRule]
    /// What they look at.
    let subjects: [RuleSubject]
    /// Whether a rule has to be asked about every message, by its place. The others can only hit where a string that
    /// they need stands in their subject, or a rule that they name hits.
    let isAlwaysAsked: [Bool]
    /// The metas that name each rule, by their places.
    let dependents: [[Int]]
    /// What is wrong with the rules, in the files and between them.
    package let diagnostics: [Diagnostic]

    /// The number of rules that can be findings.
    package var count: Int { rules.count { !$0.isSubtest } }
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The score of a rule that no `score` line names, as in SpamAssassin.
    static let defaultScore = 1.0

    /// Compiles the rules of these files; of two rules (or scores) with one name the later counts.
    package init(_ files: [RuleFile]) {
        var compiler = RuleCompiler(files)
        rules = compiler.compile()
        subjects = compiler.subjects(of: rules)
        isAlwaysAsked = rules.map(Self.isAlwaysAsked)
        dependents = Self.dependents(rules)
        diagnostics = files.flatMap(\.diagnostics) + compiler.diagnostics
    }

    private static func isAlwaysAsked(_ rule: CompiledRule) -> Bool {
        switch rule.check {
        case .field(_, let pattern, let isNegated, let ifUnset):
            pattern.required == nil || isNegated || ifUnset != nil
        case .pieces(_, let pattern): pattern.required == nil
        case .exists, .function: true
        case .meta(let expression, _): expression.value { _ in 0 } != 0
        }
    }

    private static func dependents(_ rules: [CompiledRule]) -> [[Int]] {
        var dependents = [[Int]](repeating: [], count: rules.count)
        for (index, rule) in rules.enumerated() {
            guard case .meta(_, let places) = rule.check else { continue }
            for place in places.lazy.compactMap({ $0 }) { dependents[place].append(index) }
        }
        return dependents
    }

    /// The names of all rules that are findings, with their descriptions, in the order of evaluation.
    package var descriptions: [(name: String, score: Double, description: String?)] {
        rules.filter { !$0.isSubtest }.map { ($0.name, $0.score, $0.description) }
    }
}
