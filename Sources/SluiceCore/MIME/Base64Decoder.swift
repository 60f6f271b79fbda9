// SPDX-License-Identifier: Apache-2.0

/// Decodes base64 octet by octet (RFC 2045 §6.8).
///
/// Octets outside the alphabet are ignored, as §6.8 asks. Data behind padding is decoded too: some readers stop there
/// and some do not, and a filter has to see what any of them may show.
package struct Base64Decoder: Sendable {
    private var bits: UInt32 = 0
    /// How many characters of the present group were read.
    private var count = 0
    private var isPadded = false
    package private(set) var hasForeignOctets = false
    package private(set) var isTruncated = false
    package private(set) var goesOnAfterPadding = false

    package init() {}

    /// The value of each octet: 0 to 63, or one of the marks below.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: foreign, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
        for byte: UInt8 in [0x20, 0x09, 0x0D, 0x0A] { values[Int(byte)] = space }
        values[Int(UInt8(ascii: "="))] = padding
        return values
    }()
    private static let padding: UInt8 = 64
    private static let space: UInt8 = 65
    private static let foreign: UInt8 = 66

    package mutating func consume(_ byte: UInt8, into output: inout [UInt8]) {
        let value = Self.values[Int(byte)]
        if value < 64 {
            if isPadded {
                goesOnAfterPadding = true
                isPadded = false
            }
            bits = bits << 6 | UInt32(value)
            count += 1
            if count == 4 {
                output.append(UInt8(truncatingIfNeeded: bits >> 16))
                output.append(UInt8(truncatingIfNeeded: bits >> 8))
                output.append(UInt8(truncatingIfNeeded: bits))
                count = 0
                bits = 0
            }
        } else if value == Self.padding {
            flush(into: &output)
            isPadded = true
        } else if value == Self.foreign {
            hasForeignOctets = true
        }
    }

    /// Ends the data; what stands of a last group is decoded.
    package mutating func finish(into output: inout [UInt8]) {
        if count > 0 { isTruncated = true }
        flush(into: &output)
    }

    private mutating func flush(into output: inout [UInt8]) {
        switch count {
        case 1: isTruncated = true
        case 2: output.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            output.append(UInt8(truncatingIfNeeded: bits >> 10))
            output.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: break
        }
        count = 0
        bits = 0
    }
}
