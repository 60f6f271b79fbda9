// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Decodes `&amp;`, `&#38;` and `&#x26;` to UTF-8; what is no reference stays as it is.
enum HTMLCharacterReference {
    /// The longest reference that is looked for, in octets.
    private static let lengthLimit = 12

    static func decoded(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        guard octets.contains(UInt8(ascii: "&")) else { return Array(octets) }
        var text: [UInt8] = []
        text.reserveCapacity(octets.count)
        append(octets, to: &text)
        return text
    }

    static func append(_ octets: ArraySlice<UInt8>, to text: inout [UInt8]) {
        var index = octets.startIndex
        while let mark = octets[index...].firstIndex(of: UInt8(ascii: "&")) {
            text += octets[index..<mark]
            if let (scalar, end) = reference(octets, at: mark + 1) {
                text.append(contentsOf: String(scalar).utf8)
                index = end
            } else {
                text.append(octets[mark])
                index = mark + 1
            }
        }
        text += octets[index...]
    }

    /// Reads what follows `&`.
    private static func reference(
        _ octets: ArraySlice<UInt8>, at start: Int
    ) -> (scalar: Unicode.Scalar, end: Int)? {
        var end = start
        let limit = min(octets.endIndex, start + lengthLimit)
        while end < limit, octets[end].isASCIIAlphanumeric || octets[end] == UInt8(ascii: "#") { end += 1 }
        guard end > start else { return nil }
        let name = octets[start..<end]
        let next = end < octets.endIndex && octets[end] == UInt8(ascii: ";") ? end + 1 : end
        if name.first == UInt8(ascii: "#") {
            let digits = String(decoding: name.dropFirst(), as: UTF8.self)
            let number =
                digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            guard let number else { return nil }
            // HTML reads the numbers 128 to 159 as Windows-1252; a number that is no scalar is U+FFFD.
            return (windows1252[number] ?? (number == 0 ? "\u{FFFD}" : Unicode.Scalar(number) ?? "\u{FFFD}"), next)
        }
        guard next > end || name.count > 1,
            let number = HTMLEntityNames.scalars[String(decoding: name, as: UTF8.self)],
            let scalar = Unicode.Scalar(number)
        else { return nil }
        return (scalar, next)
    }

    private static let windows1252: [UInt32: Unicode.Scalar] = [
        0x80: "€", 0x82: "‚", 0x83: "ƒ", 0x84: "„", 0x85: "…", 0x86: "†", 0x87: "‡", 0x88: "ˆ", 0x89: "‰", 0x8A: "Š",
        0x8B: "‹", 0x8C: "Œ", 0x8E: "Ž", 0x91: "‘", 0x92: "’", 0x93: "“", 0x94: "”", 0x95: "•", 0x96: "–", 0x97: "—",
        0x98: "˜", 0x99: "™", 0x9A: "š", 0x9B: "›", 0x9C: "œ", 0x9E: "ž", 0x9F: "Ÿ",
    ]
}
