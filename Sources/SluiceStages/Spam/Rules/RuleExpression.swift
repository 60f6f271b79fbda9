// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceNative

/// A regular expression as a rule writes it: `/…/flags`, `m{…}flags`.
package struct RuleExpression: Hashable, Sendable {
    /// The octets between the delimiters, escapes as they stand.
    package var pattern: [UInt8]
    package var options: PCREOptions
    /// Where the pattern begins.
    package var mark: SourceMark
}

extension RuleExpression {
    /// Reads an expression from the place where the scanner stands.
    ///
    /// - Returns: `nil` where there is none; the scanner has then noted why.
    static func read(_ scanner: inout RuleScanner) -> RuleExpression? {
        let start = scanner.mark
        guard let closing = openingDelimiter(&scanner) else {
            scanner.report(at: start, "a regular expression is missing here, such as /words/i or m{words}i")
            return nil
        }
        let mark = scanner.mark
        guard let pattern = pattern(&scanner, closing: closing) else {
            let delimiter = String(UnicodeScalar(closing))
            scanner.report(
                at: start,
                "the regular expression does not end: the closing \(delimiter) is missing "
                    + "(# begins a comment, inside an expression it is written \\#)")
            return nil
        }
        var options: PCREOptions = []
        while let flag = scanner.peek, flag.isASCIILetter {
            switch flag {
            case UInt8(ascii: "i"): options.insert(.caseless)
            case UInt8(ascii: "m"): options.insert(.multiline)
            case UInt8(ascii: "s"): options.insert(.dotAll)
            case UInt8(ascii: "x"): options.insert(.extended)
            // Perl's "compile once", "global" and "ASCII" change nothing here: octets are matched, and once.
            case UInt8(ascii: "o"), UInt8(ascii: "g"), UInt8(ascii: "a"): break
            default:
                scanner.report(
                    "the flag \(String(UnicodeScalar(flag))) is unknown, i, m, s and x would be right "
                        + "(a / inside the expression is written \\/)")
                return nil
            }
            scanner.advance()
        }
        if let next = scanner.peek, !next.isWhiteSpace {
            scanner.report("this stands behind the expression (a / inside it is written \\/)")
            return nil
        }
        return RuleExpression(pattern: pattern, options: options, mark: mark)
    }

    /// Consumes `/`, `m/`, `m{` and the like; answers with the delimiter that closes.
    private static func openingDelimiter(_ scanner: inout RuleScanner) -> UInt8? {
        guard let first = scanner.peek else { return nil }
        if first == UInt8(ascii: "/") {
            scanner.advance()
            return first
        }
        guard first == UInt8(ascii: "m"), let second = scanner.peek(1), second > 32, second < 127,
            !second.isASCIIAlphanumeric, second != UInt8(ascii: "\\"), second != UInt8(ascii: "_")
        else { return nil }
        scanner.advance(2)
        switch second {
        case UInt8(ascii: "{"): return UInt8(ascii: "}")
        case UInt8(ascii: "("): return UInt8(ascii: ")")
        case UInt8(ascii: "["): return UInt8(ascii: "]")
        case UInt8(ascii: "<"): return UInt8(ascii: ">")
        default: return second
        }
    }

    /// Consumes up to and with the closing delimiter; brackets nest, a backslash takes the next octet along.
    private static func pattern(_ scanner: inout RuleScanner, closing: UInt8) -> [UInt8]? {
        let pairs: [UInt8: UInt8] = [0x7D: 0x7B, 0x29: 0x28, 0x5D: 0x5B, 0x3E: 0x3C]
        let opening = pairs[closing]
        var depth = 0
        var pattern: [UInt8] = []
        while let octet = scanner.peek {
            scanner.advance()
            if octet == UInt8(ascii: "\\"), let next = scanner.peek {
                scanner.advance()
                // `\/` is how a delimiter is written; the backslash goes, unless the delimiter means something.
                if !(next == closing && opening == nil && !Self.isMeaningful(next)) { pattern.append(octet) }
                pattern.append(next)
                continue
            }
            if octet == closing {
                if depth == 0 { return pattern }
                depth -= 1
            } else if octet == opening {
                depth += 1
            }
            pattern.append(octet)
        }
        return nil
    }

    private static func isMeaningful(_ octet: UInt8) -> Bool { "^$.|?*+()[]{}".utf8.contains(octet) }
}
