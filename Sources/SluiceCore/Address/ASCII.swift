// SPDX-License-Identifier: Apache-2.0

// Inlinable, since other targets ask these of every octet of a message.

extension UInt8 {
    /// `atext` of RFC 5322 §3.2.3.
    @inlinable package var isAtomText: Bool {
        if isASCIIAlphanumeric { return true }
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    @inlinable package var isASCIIAlphanumeric: Bool { isASCIILetter || isASCIIDigit }
    @inlinable package var isASCIILetter: Bool {
        (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z")
    }
    @inlinable package var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    /// Space or horizontal tab (`WSP` of RFC 5234).
    @inlinable package var isWhiteSpace: Bool { self == 0x20 || self == 0x09 }
    @inlinable package var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension StringProtocol {
    /// The text with `A` to `Z` in lower case and all else untouched, as mail and DNS names compare.
    @inlinable package func asciiLowercased() -> String {
        var needed = false
        for byte in utf8 where byte >= 0x41 && byte <= 0x5A {
            needed = true
            break
        }
        return needed ? String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self) : String(self)
    }
}

extension Sequence where Element == UInt8 {
    /// Whether these octets equal the ASCII text, without regard to case.
    @inlinable package func equalsIgnoringCase(_ text: String) -> Bool {
        elementsEqual(text.utf8) { $0.asciiLowercased == $1.asciiLowercased }
    }
}
