// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What a `meta` rule says of other rules: numbers, names of rules (1 where one hits, else 0) and Perl's operators
/// `! - * / + < <= > >= == != && ||` with their precedence. It hits where the value is not 0.
///
/// It stands in postfix order, so that neither reading nor evaluation recurses.
package struct MetaExpression: Hashable, Sendable {
    package enum Item: Hashable, Sendable {
        case number(Double)
        /// A rule, by its place in ``names``.
        case rule(Int)
        case operation(Operation)
    }

    package enum Operation: String, Hashable, Sendable {
        case not = "!", negate = "neg"
        case multiply = "*", divide = "/", add = "+", subtract = "-"
        case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
        case equal = "==", notEqual = "!="
        case and = "&&", or = "||"

        var precedence: Int {
            switch self {
            case .not, .negate: 7
            case .multiply, .divide: 6
            case .add, .subtract: 5
            case .less, .lessOrEqual, .greater, .greaterOrEqual: 4
            case .equal, .notEqual: 3
            case .and: 2
            case .or: 1
            }
        }

        var isPrefix: Bool { self == .not || self == .negate }
    }

    /// The most items of an expression.
    package static let itemLimit = 2000

    package var items: [Item]
    /// The rules it names, each once, with the place of the first mention.
    package var names: [String]
    package var marks: [SourceMark]

    /// The value, given the value of each of ``names``.
    package func value(_ ruleValue: (Int) -> Double) -> Double {
        var stack: [Double] = []
        for item in items {
            switch item {
            case .number(let number): stack.append(number)
            case .rule(let index): stack.append(ruleValue(index))
            case .operation(let operation):
                let right = stack.popLast() ?? 0
                if operation.isPrefix {
                    stack.append(operation == .not ? (right == 0 ? 1 : 0) : -right)
                } else {
                    stack.append(Self.apply(operation, stack.popLast() ?? 0, right))
                }
            }
        }
        return stack.last ?? 0
    }

    private static func apply(_ operation: Operation, _ left: Double, _ right: Double) -> Double {
        func truth(_ value: Bool) -> Double { value ? 1 : 0 }
        switch operation {
        case .multiply: return left * right
        // A division by zero has no value; a rule that needs one does not hit.
        case .divide: return right == 0 ? 0 : left / right
        case .add: return left + right
        case .subtract: return left - right
        case .less: return truth(left < right)
        case .lessOrEqual: return truth(left <= right)
        case .greater: return truth(left > right)
        case .greaterOrEqual: return truth(left >= right)
        case .equal: return truth(left == right)
        case .notEqual: return truth(left != right)
        case .and: return truth(left != 0 && right != 0)
        case .or: return truth(left != 0 || right != 0)
        case .not, .negate: return right
        }
    }
}
