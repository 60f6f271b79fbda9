// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Reads the reply in the MTA's name that a filter asks for: `550 5.7.1 text`, several lines as `550-5.7.1 text` CRLF.
enum MilterReplyText {
    /// As many lines as libmilter takes (`smfi_setmlreply`).
    static let lineLimit = 32
    /// Octets of a line; with code and line end it stays within 512 (RFC 5321 §4.5.3.1.5).
    static let lengthLimit = 480

    /// - Throws: ``MilterStageError/notAReply(_:)`` where it is neither 4yz nor 5yz.
    static func reply(_ buffer: ByteBuffer) throws(MilterStageError) -> Reply {
        var code: Int?
        var enhanced: EnhancedStatusCode?
        var lines: [String] = []
        for octets in buffer.readableBytesView.split(separator: 0x0A).prefix(lineLimit) {
            let text = line(octets)
            guard let number = Self.code(text), number == code ?? number else { throw .notAReply(text) }
            var rest = text.dropFirst(3)
            if rest.first == " " || rest.first == "-" { rest = rest.dropFirst() }
            if let first = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).first,
                let status = EnhancedStatusCode(first), status.statusClass == number / 100
            {
                if code == nil { enhanced = status }
                rest = rest.dropFirst(first.count)
                if rest.first == " " { rest = rest.dropFirst() }
            }
            code = number
            lines.append(String(rest))
        }
        guard let code else { throw .notAReply("") }
        if lines.allSatisfy(\.isEmpty) { lines = ["refused by a content filter"] }
        return Reply(code, enhanced, lines: lines)
    }

    /// One line as text, without control characters; octets that are not UTF-8 stand as the character of their value.
    static func line(_ octets: some Sequence<UInt8>) -> String {
        var octets = Array(octets.prefix(lengthLimit))
        while let last = octets.last, last <= 0x20 { octets.removeLast() }
        let text = String(latin1OrUTF8: octets)
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
    }

    private static func code(_ line: String) -> Int? {
        let digits = line.utf8.prefix(3)
        guard digits.count == 3, digits.allSatisfy(\.isASCIIDigit), let code = Int(line.prefix(3)),
            400..<600 ~= code
        else { return nil }
        let next = line.utf8.dropFirst(3).first
        return next == nil || next == 0x20 || next == 0x2D ? code : nil
    }
}
