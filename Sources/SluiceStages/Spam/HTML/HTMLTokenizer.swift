// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Splits HTML source into tokens, as tolerantly as browsers do: every octet string is HTML, and each octet is looked
/// at a bounded number of times.
struct HTMLTokenizer {
    private let source: [UInt8]
    private var position = 0
    /// The element whose content is no markup (`script`, `style`, …) that has just begun.
    private var rawElement: String?

    /// The most attributes of a tag that are kept; the others are skipped.
    static let attributeLimit = 64
    /// The longest name of a tag or attribute, in octets; a longer one is cut.
    static let nameLimit = 40

    init(_ source: [UInt8]) { self.source = source }

    /// The next token; `nil` at the end.
    mutating func next() -> HTMLToken? {
        if let raw = rawElement {
            rawElement = nil
            let start = position
            position = closingTag(of: raw) ?? source.count
            if position > start { return .text(start..<position) }
        }
        guard position < source.count else { return nil }
        if source[position] == UInt8(ascii: "<"), let token = markup() { return token }
        let start = position
        position += 1
        while position < source.count, source[position] != UInt8(ascii: "<") { position += 1 }
        return .text(start..<position)
    }

    /// Reads what begins with `<`; `nil` (and nothing consumed) where that is text.
    private mutating func markup() -> HTMLToken? {
        guard position + 1 < source.count else { return nil }
        let second = source[position + 1]
        if second.isASCIILetter { return startTag() }
        if second == UInt8(ascii: "/") {
            guard position + 2 < source.count else { return nil }
            guard source[position + 2].isASCIILetter else { return comment(from: 2) }
            position += 2
            let name = name()
            skip(past: UInt8(ascii: ">"))
            return .end(name)
        }
        if second == UInt8(ascii: "!") {
            return source[position...].starts(with: "<!--".utf8) ? longComment() : comment(from: 2)
        }
        return second == UInt8(ascii: "?") ? comment(from: 2) : nil
    }

    /// `<!doctype …>`, `<?xml …>`, `</ …>`: up to the next `>`.
    private mutating func comment(from offset: Int) -> HTMLToken {
        let start = min(position + offset, source.count)
        position = start
        skip(past: UInt8(ascii: ">"))
        return .comment(start..<max(start, position - 1))
    }

    /// `<!-- … -->`; without an end it is all that follows.
    private mutating func longComment() -> HTMLToken {
        let start = position + 4
        var index = start
        while index < source.count {
            if source[index] == UInt8(ascii: ">"), index >= start, index == start || endsInDashes(index, from: start) {
                position = index + 1
                return .comment(start..<index)
            }
            index += 1
        }
        position = source.count
        return .comment(min(start, source.count)..<source.count)
    }

    private func endsInDashes(_ index: Int, from start: Int) -> Bool {
        index - 2 >= start && source[index - 1] == UInt8(ascii: "-") && source[index - 2] == UInt8(ascii: "-")
    }

    private mutating func startTag() -> HTMLToken {
        position += 1
        var tag = HTMLTag(name: name(), attributes: [])
        while true {
            while position < source.count, source[position].isHTMLSpace || source[position] == UInt8(ascii: "/") {
                position += 1
            }
            guard position < source.count else { break }
            if source[position] == UInt8(ascii: ">") {
                position += 1
                break
            }
            let attribute = attribute()
            if tag.attributes.count < Self.attributeLimit { tag.attributes.append(attribute) }
        }
        if HTMLElementKind.isRaw(tag.name) { rawElement = tag.name }
        return .start(tag)
    }

    /// Reads a name; consumes at least one octet.
    private mutating func name(until isEnd: (UInt8) -> Bool = { _ in false }) -> String {
        let start = position
        position += 1
        while position < source.count {
            let octet = source[position]
            if octet.isHTMLSpace || octet == UInt8(ascii: "/") || octet == UInt8(ascii: ">") || isEnd(octet) { break }
            position += 1
        }
        let kept = source[start..<min(position, start + Self.nameLimit)]
        return kept.contains { $0.asciiLowercased != $0 }
            ? String(decoding: kept.map(\.asciiLowercased), as: UTF8.self) : String(decoding: kept, as: UTF8.self)
    }

    private mutating func attribute() -> HTMLTag.Attribute {
        let name = name { $0 == UInt8(ascii: "=") }
        skipSpace()
        guard position < source.count, source[position] == UInt8(ascii: "=") else {
            return HTMLTag.Attribute(name: name, value: [])
        }
        position += 1
        skipSpace()
        guard position < source.count else { return HTMLTag.Attribute(name: name, value: []) }
        let quote = source[position]
        let start: Int
        let end: Int
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            start = position + 1
            position = start
            while position < source.count, source[position] != quote { position += 1 }
            end = position
            position = min(position + 1, source.count)
        } else {
            start = position
            while position < source.count, !source[position].isHTMLSpace, source[position] != UInt8(ascii: ">") {
                position += 1
            }
            end = position
        }
        return HTMLTag.Attribute(name: name, value: HTMLCharacterReference.decoded(source[start..<end]))
    }

    private mutating func skipSpace() {
        while position < source.count, source[position].isHTMLSpace { position += 1 }
    }

    private mutating func skip(past octet: UInt8) {
        while position < source.count, source[position] != octet { position += 1 }
        position = min(position + 1, source.count)
    }

    /// Where the end tag of a raw element begins.
    private func closingTag(of name: String) -> Int? {
        let length = name.utf8.count
        var index = position
        while index + length + 1 < source.count {
            if source[index] == UInt8(ascii: "<"), source[index + 1] == UInt8(ascii: "/"),
                source[(index + 2)..<min(source.count, index + 2 + length)].equalsIgnoringCase(name)
            {
                return index
            }
            index += 1
        }
        return nil
    }

    /// The octets of a token's range.
    func octets(_ range: Range<Int>) -> ArraySlice<UInt8> { source[range] }
}

extension UInt8 {
    /// Space, tab, line feed, form feed or carriage return.
    var isHTMLSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D && self != 0x0B) }
}
