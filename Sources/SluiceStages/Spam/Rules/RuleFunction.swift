// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A call of a function from a rule: `eval:name('argument', 2)`.
///
/// The functions that are known are ``Name``; the others of SpamAssassin's come later, and a rule that calls one is
/// named as a warning and left out.
package struct RuleFunction: Hashable, Sendable {
    package enum Name: String, Hashable, Sendable, CaseIterable {
        /// The Subject has words and no small letter.
        case subjectIsAllCaps = "subject_is_all_caps"
        /// There is text, and all of it is HTML.
        case mimeHTMLOnly = "check_for_mime_html_only"
        /// The HTML has the element of that name.
        case htmlTagExists = "html_tag_exists"
        /// Reading found the fact of that name (docs/rules.md).
        case fact = "check_fact"

        /// How many arguments it takes.
        var argumentCount: Int {
            switch self {
            case .subjectIsAllCaps, .mimeHTMLOnly: 0
            case .htmlTagExists, .fact: 1
            }
        }
    }

    package var name: Name
    package var arguments: [String]

    /// Reads `name(…)`; the scanner stands behind `eval:`.
    static func read(_ scanner: inout RuleScanner) -> RuleFunction? {
        let mark = scanner.mark
        let word = scanner.identifier()
        var arguments: [String] = []
        scanner.skipWhiteSpace()
        if scanner.skip("(") {
            guard let found = readArguments(&scanner) else { return nil }
            arguments = found
        }
        scanner.skipWhiteSpace()
        guard !word.isEmpty, scanner.atEnd else {
            scanner.report("eval:name('argument', …) would be right")
            return nil
        }
        guard let name = Name(rawValue: word) else {
            scanner.report(
                at: mark, "the function \(word) is not there yet, the rule is left out", severity: .warning)
            return nil
        }
        guard arguments.count == name.argumentCount else {
            scanner.report(at: mark, "\(word) has \(arguments.count) arguments, \(name.argumentCount) would be right")
            return nil
        }
        return RuleFunction(name: name, arguments: arguments)
    }

    /// Reads up to the closing parenthesis.
    private static func readArguments(_ scanner: inout RuleScanner) -> [String]? {
        var arguments: [String] = []
        scanner.skipWhiteSpace()
        if scanner.skip(")") { return [] }
        while arguments.count < 32 {
            scanner.skipWhiteSpace()
            var argument: [UInt8] = []
            if let quote = scanner.peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
                scanner.advance()
                while let octet = scanner.peek, octet != quote {
                    argument.append(octet)
                    scanner.advance()
                }
                scanner.advance()
            } else {
                while let octet = scanner.peek, !octet.isWhiteSpace, octet != UInt8(ascii: ","),
                    octet != UInt8(ascii: ")")
                {
                    argument.append(octet)
                    scanner.advance()
                }
            }
            arguments.append(String(latin1OrUTF8: argument))
            scanner.skipWhiteSpace()
            if scanner.skip(")") { return arguments }
            guard scanner.skip(",") else { break }
        }
        scanner.report("a , or ) is missing in the arguments")
        return nil
    }
}
