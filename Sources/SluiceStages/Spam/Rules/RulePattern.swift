// SPDX-License-Identifier: Apache-2.0
import SluiceNative

/// A compiled expression, and what a text must hold to be worth a search.
struct RulePattern: Sendable {
    let pattern: PCREPattern
    /// `nil` where every text is searched.
    let required: RequiredOctets?

    /// - Throws: ``PCREError`` where the expression is wrong.
    init(_ expression: RuleExpression) throws(PCREError) {
        pattern = try PCREPattern(expression.pattern, options: expression.options)
        required = RequiredOctets(expression)
    }
}
