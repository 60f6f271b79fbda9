// SPDX-License-Identifier: Apache-2.0

/// Takes `value; name=value; name="value"` apart (RFC 2045 §5.1), with comments (RFC 5322 §3.2.2), tolerantly.
///
/// Each octet is looked at a bounded number of times.
struct MIMEParameterLexer {
    private let octets: [UInt8]
    private var position = 0
    /// Whether the grammar was broken.
    var isFaulty = false

    init(_ octets: [UInt8]) { self.octets = octets }

    private var next: UInt8? { position < octets.count ? octets[position] : nil }

    /// Takes white space and comments; a comment that does not end takes all.
    private mutating func skipComments() {
        while let byte = next {
            if byte.isWhiteSpace {
                position += 1
            } else if byte == UInt8(ascii: "(") {
                var depth = 0
                repeat {
                    guard let byte = next else {
                        isFaulty = true
                        return
                    }
                    position += byte == UInt8(ascii: "\\") && position + 1 < octets.count ? 2 : 1
                    if byte == UInt8(ascii: "(") { depth += 1 }
                    if byte == UInt8(ascii: ")") { depth -= 1 }
                } while depth > 0
            } else {
                return
            }
        }
    }

    /// What stands before the first parameter: a media type or a word, white space around its slash dropped.
    mutating func leadingValue() -> [UInt8] {
        var value: [UInt8] = []
        skipComments()
        while let byte = next, byte != UInt8(ascii: ";") {
            if byte.isWhiteSpace || byte == UInt8(ascii: "(") {
                skipComments()
                guard next == UInt8(ascii: "/") || value.last == UInt8(ascii: "/") else { break }
            } else {
                value.append(byte)
                position += 1
            }
        }
        if let byte = next, byte != UInt8(ascii: ";") { isFaulty = true }
        // A value that came in quotes (`"text/html"`) is meant without.
        if value.count > 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
            isFaulty = true
            return Array(value[1..<(value.count - 1)])
        }
        return value
    }

    /// The next parameter; `nil` at the end.
    mutating func parameter() -> (name: [UInt8], value: [UInt8])? {
        while true {
            skipComments()
            while next == UInt8(ascii: ";") {
                position += 1
                skipComments()
            }
            guard next != nil else { return nil }
            var name: [UInt8] = []
            while let byte = next, byte != UInt8(ascii: "="), byte != UInt8(ascii: ";"), !byte.isWhiteSpace {
                name.append(byte)
                position += 1
            }
            skipComments()
            guard next == UInt8(ascii: "="), !name.isEmpty else {
                // A name without a value, or a value without a name: left out.
                isFaulty = true
                if next == UInt8(ascii: "=") { position += 1 }
                continue
            }
            position += 1
            skipComments()
            return (name, next == UInt8(ascii: "\"") ? quotedValue() : plainValue())
        }
    }

    /// A quoted-string. A backslash only hides a quote or a backslash: unescaped Windows paths occur, escaped letters
    /// do not. One that does not end takes all.
    private mutating func quotedValue() -> [UInt8] {
        position += 1
        var value: [UInt8] = []
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") {
                skipComments()
                if let after = next, after != UInt8(ascii: ";") { isFaulty = true }
                return value
            }
            if byte == UInt8(ascii: "\\"), let escaped = next,
                escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\")
            {
                value.append(escaped)
                position += 1
            } else {
                value.append(byte)
            }
        }
        isFaulty = true
        return value
    }

    /// A token; one with spaces in it (`filename=my file.txt`) is read up to the semicolon.
    private mutating func plainValue() -> [UInt8] {
        let start = position
        while let byte = next, byte != UInt8(ascii: ";"), !byte.isWhiteSpace { position += 1 }
        let end = position
        skipComments()
        guard let after = next, after != UInt8(ascii: ";") else { return Array(octets[start..<end]) }
        isFaulty = true
        if beginsParameter() { return Array(octets[start..<end]) }
        while let byte = next, byte != UInt8(ascii: ";") { position += 1 }
        var last = position
        while last > start, octets[last - 1].isWhiteSpace { last -= 1 }
        return Array(octets[start..<last])
    }

    /// Whether `name=` stands here, as where a semicolon was forgotten.
    private func beginsParameter() -> Bool {
        var index = position
        while index < octets.count, index - position < 64, octets[index].isAtomText, octets[index] != UInt8(ascii: "=")
        {
            index += 1
        }
        return index > position && index < octets.count && octets[index] == UInt8(ascii: "=")
    }
}
