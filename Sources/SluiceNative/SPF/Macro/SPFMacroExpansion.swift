// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension SPFMacro {
    /// The macro's value, split, reversed, cut, joined with dots and escaped, in this order (RFC 7208 §7.3).
    func expanded(in context: SPFMacroContext) -> [UInt8] {
        let value = Array(context.value(letter).utf8)
        var pieces = value.split(omittingEmptySubsequences: false) { delimiters.contains($0) }
        if isReversed { pieces.reverse() }
        if let parts { pieces = pieces.suffix(parts) }
        let joined = Array(pieces.joined(separator: [UInt8(ascii: ".")]))
        return isEscaped ? Self.escaped(joined) : joined
    }

    /// All but the unreserved characters of RFC 3986 §2.3 as `%` and two hexadecimal digits.
    private static func escaped(_ octets: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return octets.flatMap { byte -> [UInt8] in
            if byte.isASCIIAlphanumeric || "-._~".utf8.contains(byte) { return [byte] }
            return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}

extension SPFMacroString {
    /// The most octets of an expanded explanation: what a reply can carry in a few lines.
    static let explanationLimit = 1_000

    /// The target-name of a domain-spec: without a final dot, and cut from the left, label by label, to 253 octets
    /// (RFC 7208 §4.8, 7.3).
    func targetName(in context: SPFMacroContext) -> SPFDomainName {
        // Only the last 254 octets can count, and a final dot, however often a stranger repeats a macro before them.
        var pieces: [[UInt8]] = []
        var count = 0
        for element in elements.reversed() where count <= SPFDomainName.octetLimit + 1 {
            pieces.append(Self.expanded(element, in: context))
            count += pieces[pieces.count - 1].count
        }
        var name = Array(pieces.reversed().joined())
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        guard name.count > SPFDomainName.octetLimit else { return SPFDomainName(name) }
        let earliest = name.count - SPFDomainName.octetLimit - 1
        guard let dot = name[earliest...].firstIndex(of: UInt8(ascii: ".")) else { return SPFDomainName([]) }
        return SPFDomainName(Array(name[(dot + 1)...]))
    }

    /// The text of an explanation, in printable ASCII and of bounded length.
    func explanation(in context: SPFMacroContext) -> String {
        var text: [UInt8] = []
        for element in elements where text.count < Self.explanationLimit {
            text += Self.expanded(element, in: context)
        }
        return SPFText.printable(text.prefix(Self.explanationLimit))
    }

    private static func expanded(_ element: Element, in context: SPFMacroContext) -> [UInt8] {
        switch element {
        case .literal(let octets): octets
        case .macro(let macro): macro.expanded(in: context)
        }
    }
}
