// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension HeaderTest {
    /// Reads `exists:Field`, or `Field[:part] =~ /…/ [if-unset: …]`.
    static func read(_ scanner: inout RuleScanner) -> HeaderTest? {
        if scanner.skip("exists:") {
            let field = fieldName(&scanner)
            scanner.skipWhiteSpace()
            guard !field.isEmpty, scanner.atEnd else {
                scanner.report("the name of one header field would be right behind exists:")
                return nil
            }
            return HeaderTest(field: field, part: .value, condition: .exists, ifUnset: nil)
        }
        let field = fieldName(&scanner)
        guard !field.isEmpty else {
            scanner.report("the name of a header field would be right here")
            return nil
        }
        var part = Part.value
        while scanner.skip(":") {
            let mark = scanner.mark
            let word = scanner.identifier()
            guard let named = Part(rawValue: word), named != .value else {
                let isLater = ["first", "last", "host", "domain", "ip", "revip"].contains(word)
                scanner.report(
                    at: mark,
                    "the part :\(word) is \(isLater ? "not there yet" : "unknown"), :raw, :addr and :name are",
                    severity: isLater ? .warning : .error)
                return nil
            }
            part = named
        }
        scanner.skipWhiteSpace()
        let isMatch = scanner.skip("=~")
        guard isMatch || scanner.skip("!~") else {
            scanner.report("=~ or !~ would be right here")
            return nil
        }
        scanner.skipWhiteSpace()
        guard let expression = RuleExpression.read(&scanner) else { return nil }
        scanner.skipWhiteSpace()
        var ifUnset: String?
        if scanner.skip("[if-unset:") {
            let rest = scanner.rest()
            guard rest.hasSuffix("]") else {
                scanner.report("the ] that ends if-unset is missing")
                return nil
            }
            ifUnset = String(rest.dropLast())
        }
        guard scanner.atEnd else {
            scanner.report("this stands behind the expression, [if-unset: …] would be right")
            return nil
        }
        return HeaderTest(
            field: field, part: part, condition: isMatch ? .matches(expression) : .doesNotMatch(expression),
            ifUnset: ifUnset)
    }

    /// The octets of a field's name (RFC 5322 §3.6.8), up to a colon, white space or an operator.
    private static func fieldName(_ scanner: inout RuleScanner) -> String {
        var name = ""
        while let octet = scanner.peek, octet > 32, octet < 127, octet != UInt8(ascii: ":"), octet != UInt8(ascii: "="),
            octet != UInt8(ascii: "!")
        {
            name.unicodeScalars.append(UnicodeScalar(octet))
            scanner.advance()
        }
        return name
    }
}
