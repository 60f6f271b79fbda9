// SPDX-License-Identifier: Apache-2.0

/// The encoded words of header fields: `=?utf-8?Q?Gr=C3=BC=C3=9Fe?=` (RFC 2047).
package enum EncodedWord {
    /// Decodes the encoded words in a field's value; all other octets stand as they are, as UTF-8 where they are that.
    ///
    /// White space between two encoded words is dropped (§6.2), and words of one character set are joined before they
    /// are converted, since many writers cut characters in two. Encoded words are read wherever they stand, also in
    /// quoted strings, and with spaces inside, as mail has them so.
    package static func decode(
        _ octets: [UInt8], charsets: some CharsetConverter = BasicCharsets()
    ) -> String {
        guard octets.contains(UInt8(ascii: "=")) else { return String(latin1OrUTF8: octets) }
        var text = ""
        var pending: (charset: String, octets: [UInt8])?
        var scanner = EncodedWordScanner(octets)

        func flush() {
            guard let word = pending else { return }
            text += charsets.text(of: word.octets, in: word.charset) ?? String(latin1OrUTF8: word.octets)
            pending = nil
        }
        while let piece = scanner.next() {
            switch piece {
            case .word(let charset, let decoded):
                if pending?.charset == charset {
                    pending?.octets += decoded
                } else {
                    flush()
                    pending = (charset, decoded)
                }
            case .plain(let range):
                if pending != nil, scanner.isBetweenWords, octets[range].allSatisfy(\.isWhiteSpace) { continue }
                flush()
                text += String(latin1OrUTF8: octets[range])
            }
        }
        flush()
        return text
    }
}

/// Cuts a field's value into encoded words and what stands between them, in linear time.
private struct EncodedWordScanner {
    enum Piece {
        case word(charset: String, octets: [UInt8])
        case plain(Range<Int>)
    }

    private let octets: [UInt8]
    private var position = 0
    /// A word that was found behind the plain octets handed out last.
    private var waiting: Piece?
    /// Where `?=` stands next; searched once for all words before it.
    private var terminator = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    /// Whether an encoded word follows the plain octets that were handed out last.
    var isBetweenWords: Bool { waiting != nil }

    mutating func next() -> Piece? {
        if let piece = waiting {
            waiting = nil
            return piece
        }
        let start = position
        while position < octets.count {
            let wordStart = position
            if octets[position] == UInt8(ascii: "="), let word = word() {
                if wordStart == start { return word }
                waiting = word
                return .plain(start..<wordStart)
            }
            position = wordStart + 1
        }
        return start < octets.count ? .plain(start..<octets.count) : nil
    }

    /// Reads an encoded word at the position and moves behind it; `nil` where there is none.
    private mutating func word() -> Piece? {
        guard position + 1 < octets.count, octets[position + 1] == UInt8(ascii: "?") else { return nil }
        let charsetStart = position + 2
        var index = charsetStart
        while index < octets.count, index - charsetStart <= 64, octets[index].isAtomText || octets[index] == 0x2E,
            octets[index] != UInt8(ascii: "?")
        {
            index += 1
        }
        guard index > charsetStart, index + 2 < octets.count, octets[index] == UInt8(ascii: "?"),
            octets[index + 2] == UInt8(ascii: "?")
        else { return nil }
        let encoding = octets[index + 1].asciiLowercased
        guard encoding == UInt8(ascii: "b") || encoding == UInt8(ascii: "q") else { return nil }
        let textStart = index + 3
        guard let textEnd = findTerminator(from: textStart) else { return nil }
        // RFC 2231 §5: a language may follow the character set.
        let name = octets[charsetStart..<index].prefix { $0 != UInt8(ascii: "*") }
        position = textEnd + 2
        let text = octets[textStart..<textEnd]
        return .word(
            charset: String(decoding: name, as: UTF8.self).asciiLowercased(),
            octets: encoding == UInt8(ascii: "b") ? Self.base64(text) : Self.quoted(text))
    }

    private mutating func findTerminator(from start: Int) -> Int? {
        if terminator < start { terminator = start }
        while terminator + 1 < octets.count {
            if octets[terminator] == UInt8(ascii: "?"), octets[terminator + 1] == UInt8(ascii: "=") {
                return terminator
            }
            terminator += 1
        }
        return nil
    }

    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var decoder = Base64Decoder()
        var decoded: [UInt8] = []
        for byte in text { decoder.consume(byte, into: &decoded) }
        decoder.finish(into: &decoded)
        return decoded
    }

    /// The Q encoding (RFC 2047 §4.2).
    private static func quoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "_") {
                decoded.append(0x20)
            } else if byte == UInt8(ascii: "="), index + 1 < text.endIndex, let high = text[index].hexadecimalValue,
                let low = text[index + 1].hexadecimalValue
            {
                decoded.append(high << 4 | low)
                index += 2
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }
}
