// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Rules ready to be used on messages: expressions compiled, metas behind the rules they need.
package struct RuleSet: Sendable {
    /// What a compiled rule does.
    enum Check: Sendable {
        case header(field: String, part: HeaderTest.Part, RulePattern, isNegated: Bool, ifUnset: [UInt8]?)
        case exists(field: String)
        case body(RulePattern)
        case rawBody(RulePattern)
        case uri(RulePattern)
        case function(RuleFunction)
        /// For each name of the expression the place of that rule among all, `nil` where there is none.
        case meta(MetaExpression, places: [Int?])
    }

    struct CompiledRule: Sendable {
        var name: String
        var score: Double
        var description: String?
        var check: Check
        var mark: SourceMark
        var isSubtest: Bool { Rule.isSubtest(name) }
    }

    /// In the order in which they are evaluated.
    let rules: [CompiledRule]
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
        diagnostics = files.flatMap(\.diagnostics) + compiler.diagnostics
    }

    /// The names of all rules that are findings, with their descriptions, in the order of evaluation.
    package var descriptions: [(name: String, score: Double, description: String?)] {
        rules.filter { !$0.isSubtest }.map { ($0.name, $0.score, $0.description) }
    }
}
