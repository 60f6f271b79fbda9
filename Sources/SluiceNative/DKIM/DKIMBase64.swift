// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The base64 of tag-lists: `base64string` of RFC 6376 §2.10, in which white space may stand anywhere.
enum DKIMBase64 {
    /// - Returns: `nil` where an octet is no part of base64, or the length or the unused bits are wrong.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text where !(byte.isWhiteSpace || byte == 0x0D || byte == 0x0A) {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: byte) else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFF_FFFF
            count += 1
            if count % 4 == 0 {
                octets.append(UInt8(truncatingIfNeeded: bits >> 16))
                octets.append(UInt8(truncatingIfNeeded: bits >> 8))
                octets.append(UInt8(truncatingIfNeeded: bits))
            }
        }
        // The grammar makes the padding optional; where it stands, it has to be right.
        switch count % 4 {
        case 0: return padding == 0 ? octets : nil
        case 2:
            guard padding == 0 || padding == 2, bits & 0xF == 0 else { return nil }
            return octets + [UInt8(truncatingIfNeeded: bits >> 4)]
        case 3:
            guard padding <= 1, bits & 0x3 == 0 else { return nil }
            return octets + [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
        default: return nil
        }
    }

    static func encode(_ octets: some Collection<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in octets {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] { text.append(alphabet[Int(bits >> UInt32(shift)) & 63]) }
                bits = 0
                count = 0
            }
        }
        if count > 0 {
            bits <<= UInt32(8 * (3 - count))
            for shift in [18, 12, 6, 0].prefix(count + 1) { text.append(alphabet[Int(bits >> UInt32(shift)) & 63]) }
            for _ in count..<3 { text.append(UInt8(ascii: "=")) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
