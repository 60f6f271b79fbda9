// SPDX-License-Identifier: Apache-2.0

/// Turns octets of a named character set into text.
///
/// A value that is passed in, since the tables are in a C library: `SluiceNative` has one for all common names, and
/// ``BasicCharsets`` knows the few that need no table.
package protocol CharsetConverter: Sendable {
    /// Converts octets; what is not valid in the character set stands as U+FFFD.
    ///
    /// - Parameter charset: the name as written in the message (RFC 2978), in any case.
    /// - Returns: `nil` where the name is not known.
    func text(of octets: [UInt8], in charset: String) -> String?
}

/// The character sets that need no table: US-ASCII, UTF-8, ISO-8859-1, UTF-16.
package struct BasicCharsets: CharsetConverter {
    package init() {}

    package func text(of octets: [UInt8], in charset: String) -> String? {
        switch charset.asciiLowercased() {
        // What is declared ASCII and holds more is UTF-8 or Latin-1 in practice.
        case "us-ascii", "ascii", "ansi_x3.4-1968": return String(latin1OrUTF8: octets)
        case "utf-8", "utf8", "unicode-1-1-utf-8": return String(decoding: octets, as: UTF8.self)
        case "iso-8859-1", "iso8859-1", "latin1", "l1", "iso_8859-1":
            var text = String.UnicodeScalarView()
            text.append(contentsOf: octets.lazy.map { Unicode.Scalar($0) })
            return String(text)
        case "utf-16be": return utf16(octets[...], bigEndian: true)
        case "utf-16le": return utf16(octets[...], bigEndian: false)
        case "utf-16", "utf16":
            // RFC 2781 §4.3: by the byte order mark, else big-endian.
            if octets.starts(with: [0xFF, 0xFE]) { return utf16(octets[2...], bigEndian: false) }
            return utf16(octets.starts(with: [0xFE, 0xFF]) ? octets[2...] : octets[...], bigEndian: true)
        default: return nil
        }
    }

    private func utf16(_ octets: ArraySlice<UInt8>, bigEndian: Bool) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(octets.count / 2)
        var index = octets.startIndex
        while index + 1 < octets.endIndex {
            let (first, second) = (UInt16(octets[index]), UInt16(octets[index + 1]))
            units.append(bigEndian ? first << 8 | second : second << 8 | first)
            index += 2
        }
        let text = String(decoding: units, as: UTF16.self)
        return index < octets.endIndex ? text + "\u{FFFD}" : text
    }
}
