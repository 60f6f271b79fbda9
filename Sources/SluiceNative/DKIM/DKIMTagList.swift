// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Why a tag-list, a signature or a key record can't be used, in words.
package struct DKIMSyntaxError: Error, Hashable {
    package let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// A tag-list (RFC 6376 §3.2), read strictly: what it does not allow never reaches libopendkim.
///
/// "Being liberal in what you accept is definitely a bad strategy in this security context" (RFC 6376 §6.1.1).
package struct DKIMTagList: Hashable, Sendable {
    /// The longest list that is read, in octets; libopendkim's own buffer ends at 64 KiB.
    package static let lengthLimit = 16384

    /// The values by their tags, without white space at either end; white space inside stands as it was written.
    private let values: [String: [UInt8]]
    /// The tags in the order of the list.
    package let names: [String]
    /// The value of `b=` and the white space around it, as a range of the octets: what is left out where the signature
    /// itself is hashed (RFC 6376 §3.7).
    package let signatureValueRange: Range<Int>?
    /// Whether white space stands between `b` and its `=`, which libopendkim does not look for.
    let hasSpaceAfterB: Bool

    /// - Throws: ``DKIMSyntaxError`` where the octets are no tag-list.
    package init(_ octets: some Collection<UInt8>) throws(DKIMSyntaxError) {
        guard octets.count <= Self.lengthLimit else {
            throw DKIMSyntaxError("the tag-list has more than \(Self.lengthLimit) octets")
        }
        var reader = Reader(octets: Array(octets))
        var values: [String: [UInt8]] = [:]
        var names: [String] = []
        var hasSpaceAfterB = false
        var signatureValueRange: Range<Int>?
        repeat {
            reader.skipFoldingWhiteSpace()
            // A semicolon may end the list.
            if reader.atEnd, !names.isEmpty { break }
            let start = reader.position
            let name = try reader.name()
            if name == "b", reader.position - start > 2 { hasSpaceAfterB = true }
            let valueStart = reader.position
            let value = try reader.value(of: name)
            if name == "b" { signatureValueRange = valueStart..<reader.position }
            guard values.updateValue(value, forKey: name) == nil else {
                throw DKIMSyntaxError("tag \(name.prefix(32))= stands there twice")
            }
            names.append(name)
        } while reader.take(UInt8(ascii: ";"))
        self.values = values
        self.names = names
        self.hasSpaceAfterB = hasSpaceAfterB
        self.signatureValueRange = signatureValueRange
    }

    /// The value as it was written, folding included; `nil` where the tag is missing.
    package subscript(name: String) -> [UInt8]? { values[name] }

    /// The value as text; octets that are not ASCII are UTF-8 (RFC 8616 §3).
    func text(_ name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }

    /// A value that is a list with colons between its elements, each without white space around it.
    ///
    /// - Throws: ``DKIMSyntaxError`` where an element is empty or has white space inside.
    func list(_ name: String) throws(DKIMSyntaxError) -> [String]? {
        guard let value = values[name] else { return nil }
        var elements: [String] = []
        for part in value.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            var element = part
            while element.first.map(Self.isSpace) == true { element.removeFirst() }
            while element.last.map(Self.isSpace) == true { element.removeLast() }
            guard !element.isEmpty, !element.contains(where: Self.isSpace) else {
                throw DKIMSyntaxError("the list in \(name)= has an empty element or one with white space inside")
            }
            elements.append(String(decoding: element, as: UTF8.self))
        }
        return elements
    }

    /// A value that is a decimal number (`t=`, `x=`, `l=`) of at most so many digits.
    ///
    /// - Returns: `nil` where the tag is missing; `Int.max` where the number is larger.
    /// - Throws: ``DKIMSyntaxError`` where the value is something else.
    func number(_ name: String, digits: Int) throws(DKIMSyntaxError) -> Int? {
        guard let value = values[name] else { return nil }
        guard !value.isEmpty, value.count <= digits, value.allSatisfy(\.isASCIIDigit) else {
            throw DKIMSyntaxError("\(name)= is not a number of 1 to \(digits) digits")
        }
        return Int(String(decoding: value, as: UTF8.self)) ?? Int.max
    }

    /// A value that is base64 (RFC 6376 §2.10).
    ///
    /// - Throws: ``DKIMSyntaxError`` where the value is something else.
    func base64(_ name: String) throws(DKIMSyntaxError) -> [UInt8]? {
        guard let value = values[name] else { return nil }
        guard let octets = DKIMBase64.decode(value) else { throw DKIMSyntaxError("\(name)= is not base64") }
        return octets
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte.isWhiteSpace || byte == 0x0D || byte == 0x0A }

    /// Goes through the octets of a list.
    private struct Reader {
        let octets: [UInt8]
        var position = 0

        init(octets: [UInt8]) { self.octets = octets }

        var atEnd: Bool { position == octets.count }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < octets.count, octets[position] == byte else { return false }
            position += 1
            return true
        }

        /// The length of the folding white space at a place: WSP, or CRLF before WSP; 0 where there is none.
        func foldingWhiteSpace(at place: Int) -> Int {
            if octets[place].isWhiteSpace { return 1 }
            guard octets[place] == 0x0D, place + 2 < octets.count, octets[place + 1] == 0x0A,
                octets[place + 2].isWhiteSpace
            else { return 0 }
            return 3
        }

        mutating func skipFoldingWhiteSpace() {
            while position < octets.count {
                let length = foldingWhiteSpace(at: position)
                if length == 0 { return }
                position += length
            }
        }

        /// `tag-name = ALPHA *(ALPHA / DIGIT / "_")`, and the `=` behind it.
        mutating func name() throws(DKIMSyntaxError) -> String {
            let start = position
            while position < octets.count,
                octets[position].isASCIILetter
                    || (position > start && (octets[position].isASCIIDigit || octets[position] == UInt8(ascii: "_")))
            {
                position += 1
            }
            guard position > start else { throw DKIMSyntaxError("octet \(start + 1) of the tag-list begins no tag") }
            let name = String(decoding: octets[start..<position], as: UTF8.self)
            skipFoldingWhiteSpace()
            guard take(UInt8(ascii: "=")) else { throw DKIMSyntaxError("no = follows tag \(name.prefix(32))") }
            return name
        }

        /// `tag-value`: visible characters but for the semicolon, UTF-8 (RFC 8616 §3), and white space between them.
        mutating func value(of name: String) throws(DKIMSyntaxError) -> [UInt8] {
            skipFoldingWhiteSpace()
            let start = position
            var end = position
            var isASCII = true
            while position < octets.count, octets[position] != UInt8(ascii: ";") {
                let byte = octets[position]
                if byte > 0x20, byte != 0x7F {
                    if byte > 0x7F { isASCII = false }
                    position += 1
                    end = position
                } else {
                    let length = foldingWhiteSpace(at: position)
                    guard length > 0 else {
                        throw DKIMSyntaxError("tag \(name.prefix(32))= holds an octet that no tag may hold")
                    }
                    position += length
                }
            }
            let value = Array(octets[start..<end])
            guard isASCII || String(validating: value, as: UTF8.self) != nil else {
                throw DKIMSyntaxError("tag \(name.prefix(32))= holds octets that are not UTF-8")
            }
            return value
        }
    }
}
