// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Reads a ``MetaExpression`` (operator precedence with a stack of its own).
struct MetaParser {
    private enum Pending {
        case operation(MetaExpression.Operation)
        case parenthesis(SourceMark)
    }

    private var expression = MetaExpression(items: [], names: [], marks: [])
    private var indexes: [String: Int] = [:]
    private var pending: [Pending] = []

    /// - Returns: `nil` where the text is no expression; the scanner has then noted why.
    static func read(_ scanner: inout RuleScanner) -> MetaExpression? {
        var parser = MetaParser()
        return parser.parse(&scanner) ? parser.expression : nil
    }

    private mutating func parse(_ scanner: inout RuleScanner) -> Bool {
        var expectsOperand = true
        while true {
            scanner.skipWhiteSpace()
            if scanner.atEnd { break }
            guard expression.items.count + pending.count < MetaExpression.itemLimit else {
                scanner.report("the expression has more than \(MetaExpression.itemLimit) parts")
                return false
            }
            let parsed = expectsOperand ? operand(&scanner) : continuation(&scanner)
            guard let parsed else { return false }
            expectsOperand = parsed
        }
        if expectsOperand {
            scanner.report("the expression ends where the name of a rule or a number would be right")
            return false
        }
        while let top = pending.popLast() {
            switch top {
            case .operation(let operation): expression.items.append(.operation(operation))
            case .parenthesis(let mark):
                scanner.report(at: mark, "this parenthesis is not closed")
                return false
            }
        }
        return true
    }

    /// Reads what may begin an operand; says whether another operand is expected, `nil` on a mistake.
    private mutating func operand(_ scanner: inout RuleScanner) -> Bool? {
        let mark = scanner.mark
        guard let octet = scanner.peek else { return nil }
        switch octet {
        case UInt8(ascii: "("):
            scanner.advance()
            pending.append(.parenthesis(mark))
            return true
        case UInt8(ascii: "!"):
            scanner.advance()
            pending.append(.operation(.not))
            return true
        case UInt8(ascii: "-"):
            scanner.advance()
            pending.append(.operation(.negate))
            return true
        case _ where octet.isASCIIDigit || octet == UInt8(ascii: "."): return number(&scanner)
        case _ where octet.isASCIILetter || octet == UInt8(ascii: "_"):
            let name = scanner.identifier()
            if scanner.peek == UInt8(ascii: "(") {
                scanner.report(
                    at: mark, "the function \(name) is not there yet, the rule is left out", severity: .warning)
                return nil
            }
            let index = indexes[name] ?? expression.names.count
            if index == expression.names.count {
                indexes[name] = index
                expression.names.append(name)
                expression.marks.append(mark)
            }
            expression.items.append(.rule(index))
            return false
        default:
            scanner.report("the name of a rule, a number or ( would be right here")
            return nil
        }
    }

    private mutating func number(_ scanner: inout RuleScanner) -> Bool? {
        let mark = scanner.mark
        var digits = ""
        while let octet = scanner.peek, octet.isASCIIDigit || octet == UInt8(ascii: ".") {
            digits.unicodeScalars.append(UnicodeScalar(octet))
            scanner.advance()
        }
        guard let number = Double(digits), digits.utf8.count < 32 else {
            scanner.report(at: mark, "\(digits) is no number")
            return nil
        }
        expression.items.append(.number(number))
        return false
    }

    /// Reads an operator or a closing parenthesis; says whether an operand is expected, `nil` on a mistake.
    private mutating func continuation(_ scanner: inout RuleScanner) -> Bool? {
        let mark = scanner.mark
        if scanner.skip(")") {
            while let top = pending.popLast() {
                switch top {
                case .operation(let operation): expression.items.append(.operation(operation))
                case .parenthesis: return false
                }
            }
            scanner.report(at: mark, "this parenthesis closes none")
            return nil
        }
        let operations: [MetaExpression.Operation] = [
            .lessOrEqual, .greaterOrEqual, .equal, .notEqual, .and, .or, .less, .greater, .add, .subtract, .multiply,
            .divide,
        ]
        guard let operation = operations.first(where: { scanner.skip($0.rawValue) }) else {
            scanner.report("an operator (&& || + - * / < <= > >= == !=) or ) would be right here")
            return nil
        }
        while case .operation(let top)? = pending.last, top.precedence >= operation.precedence {
            pending.removeLast()
            expression.items.append(.operation(top))
        }
        pending.append(.operation(operation))
        return true
    }
}
