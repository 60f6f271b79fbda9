// SPDX-License-Identifier: Apache-2.0

/// An enhanced status code, `class.subject.detail` (RFC 3463).
package struct EnhancedStatusCode: Hashable, Sendable, CustomStringConvertible {
    package let subject: Int
    package let detail: Int
    package let statusClass: Int

    package init(_ statusClass: Int, _ subject: Int, _ detail: Int) {
        self.statusClass = statusClass
        self.subject = subject
        self.detail = detail
    }

    /// Reads `5.7.1`; the class is 2, 4 or 5, subject and detail have at most three digits.
    package init?(_ text: some StringProtocol) {
        var numbers = (0, 0, 0)
        var (part, digits) = (0, 0)
        for octet in text.utf8 {
            if octet == UInt8(ascii: ".") {
                guard digits > 0, part < 2 else { return nil }
                (part, digits) = (part + 1, 0)
                continue
            }
            guard octet.isASCIIDigit, digits < 3 else { return nil }
            digits += 1
            let digit = Int(octet - UInt8(ascii: "0"))
            switch part {
            case 0: numbers.0 = numbers.0 * 10 + digit
            case 1: numbers.1 = numbers.1 * 10 + digit
            default: numbers.2 = numbers.2 * 10 + digit
            }
            if part == 0, digits > 1 { return nil }
        }
        guard part == 2, digits > 0, numbers.0 == 2 || numbers.0 == 4 || numbers.0 == 5 else { return nil }
        self.init(numbers.0, numbers.1, numbers.2)
    }

    package var description: String { "\(statusClass).\(subject).\(detail)" }
}

/// A server's answer: three digits, perhaps an enhanced status code, and one or more lines (RFC 5321 §4.2, RFC 2034).
package struct Reply: Hashable, Sendable {
    package var code: Int
    package var enhanced: EnhancedStatusCode?
    /// At least one line, each without code, line end or control characters.
    package var lines: [String]

    package init(_ code: Int, _ enhanced: EnhancedStatusCode? = nil, lines: [String]) {
        self.code = code
        self.enhanced = enhanced
        self.lines = lines.isEmpty ? [""] : lines
    }

    package init(_ code: Int, _ enhanced: EnhancedStatusCode? = nil, _ text: String) {
        self.init(code, enhanced, lines: [text])
    }

    /// The text of all lines, joined by spaces.
    package var text: String { lines.joined(separator: " ") }

    package var isPositive: Bool { code >= 200 && code < 300 }
    package var isTransientNegative: Bool { code >= 400 && code < 500 }
    package var isPermanentNegative: Bool { code >= 500 && code < 600 }
}

extension Reply: CustomStringConvertible {
    /// One line: `550 5.7.1 text`.
    package var description: String { enhanced.map { "\(code) \($0) \(text)" } ?? "\(code) \(text)" }
}

extension Reply: Codable {
    private enum CodingKeys: String, CodingKey { case code, enhanced, text }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(Int.self, forKey: .code),
            try container.decodeIfPresent(String.self, forKey: .enhanced).flatMap { EnhancedStatusCode($0) },
            lines: try container.decode(String.self, forKey: .text).split(
                separator: "\n", omittingEmptySubsequences: false
            )
            .map(String.init))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encodeIfPresent(enhanced?.description, forKey: .enhanced)
        try container.encode(lines.joined(separator: "\n"), forKey: .text)
    }
}
