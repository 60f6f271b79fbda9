// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Reads the data of a resource record from its wire form (RFC 1035 §3.3, RFC 3596 §2.2).
///
/// Strict: what is too short, too long or compressed is no record. Each read is bounded by the octets at hand.
enum WireRecord {
    /// - Parameter octets: the RDATA without its length, names in it uncompressed.
    /// - Returns: `nil` where the octets are not the data of a record of that type.
    static func read(_ type: DNSRecordType, _ octets: [UInt8]) -> DNSRecordData? {
        switch type {
        case .a: octets.count == 4 ? IPAddress(octets: octets).map { .address($0) } : nil
        case .aaaa: octets.count == 16 ? IPAddress(octets: octets).map { .address($0) } : nil
        case .mx: readExchange(octets)
        case .txt, .spf: readStrings(octets).map { .text($0) }
        case .ptr, .cname: readName(octets[...]).map { .name($0) }
        }
    }

    private static func readExchange(_ octets: [UInt8]) -> DNSRecordData? {
        guard octets.count >= 3, let exchange = readName(octets[2...]) else { return nil }
        return .mailExchange(preference: Int(octets[0]) << 8 | Int(octets[1]), exchange: exchange)
    }

    /// One or more character-strings that fill the octets.
    private static func readStrings(_ octets: [UInt8]) -> [[UInt8]]? {
        guard !octets.isEmpty else { return nil }
        var strings: [[UInt8]] = []
        var offset = 0
        while offset < octets.count {
            let end = offset + 1 + Int(octets[offset])
            guard end <= octets.count else { return nil }
            strings.append(Array(octets[(offset + 1)..<end]))
            offset = end
        }
        return strings
    }

    /// A name that fills the octets: without a final dot, in lower case, `""` for the root.
    ///
    /// What is not a letter, a digit, `-`, `_` or `/` is written `\DDD` (RFC 1035 §5.1), a dot within a label too, so
    /// that every `.` of the text divides two labels.
    static func readName(_ octets: ArraySlice<UInt8>) -> String? {
        guard octets.count <= 255 else { return nil }
        var text: [UInt8] = []
        var rest = octets
        while let length = rest.popFirst() {
            if length == 0 { return rest.isEmpty ? String(decoding: text, as: UTF8.self) : nil }
            guard length <= 63, rest.count > Int(length) else { return nil }
            if !text.isEmpty { text.append(UInt8(ascii: ".")) }
            for octet in rest.prefix(Int(length)) {
                if octet.isASCIIAlphanumeric || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
                    || octet == UInt8(ascii: "/")
                {
                    text.append(octet.asciiLowercased)
                } else {
                    let zero = UInt8(ascii: "0")
                    text += [UInt8(ascii: "\\"), zero + octet / 100, zero + octet / 10 % 10, zero + octet % 10]
                }
            }
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }

    /// Whether a text can be asked for as a name: labels of 1 to 63 octets, at most 255 in wire form, visible ASCII.
    static func isName(_ text: String) -> Bool {
        if text.isEmpty { return true }
        var total = 1
        var label = 0
        var rest = Substring(text).utf8
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "."):
                guard label > 0 else { return false }
                total += label + 1
                label = 0
            case UInt8(ascii: "\\"):
                guard rest.count >= 3, let value = Int(String(Substring(rest.prefix(3)))), (0...255).contains(value),
                    rest.prefix(3).allSatisfy(\.isASCIIDigit)
                else { return false }
                rest = rest.dropFirst(3)
                label += 1
            case 0x21...0x7E: label += 1
            default: return false
            }
            guard label <= 63 else { return false }
        }
        return label > 0 && total + label + 1 <= 255
    }
}
