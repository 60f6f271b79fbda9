// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Reads one line of a rule file from left to right and knows the column.
struct RuleScanner {
    private let octets: [UInt8]
    private(set) var position = 0
    private let file: String
    private let line: Int
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameter octets: the line without its end and without a comment.
    init(_ octets: [UInt8], file: String, line: Int) {
        self.octets = octets
        self.file = file
        self.line = line
    }

    var peek: UInt8? { position < octets.count ? octets[position] : nil }
    func peek(_ ahead: Int) -> UInt8? { position + ahead < octets.count ? octets[position + ahead] : nil }
    var atEnd: Bool { position >= octets.count }
    var mark: SourceMark { SourceMark(file: file, line: line, column: position + 1) }

    mutating func advance(_ count: Int = 1) { position = min(octets.count, position + count) }

    mutating func skipWhiteSpace() {
        while let octet = peek, octet.isWhiteSpace { advance() }
    }

    /// What stands up to the next white space; empty at the end.
    mutating func word() -> String {
        let start = position
        while let octet = peek, !octet.isWhiteSpace { advance() }
        return String(latin1OrUTF8: octets[start..<position])
    }

    /// Consumes this text if it stands here.
    mutating func skip(_ text: String) -> Bool {
        guard octets[position...].starts(with: text.utf8) else { return false }
        advance(text.utf8.count)
        return true
    }

    /// Letters, digits and underscores.
    mutating func identifier() -> String {
        let start = position
        while let octet = peek, octet.isASCIIAlphanumeric || octet == UInt8(ascii: "_") { advance() }
        return String(decoding: octets[start..<position], as: UTF8.self)
    }

    /// The rest of the line without white space at its ends.
    mutating func rest() -> String {
        skipWhiteSpace()
        var end = octets.count
        while end > position, octets[end - 1].isWhiteSpace { end -= 1 }
        defer { position = octets.count }
        return String(latin1OrUTF8: octets[position..<max(position, end)])
    }

    mutating func report(at mark: SourceMark? = nil, _ message: String, severity: Diagnostic.Severity = .error) {
        diagnostics.append(Diagnostic(mark ?? self.mark, message, severity: severity))
    }
}
