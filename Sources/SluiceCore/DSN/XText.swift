// SPDX-License-Identifier: Apache-2.0

/// The encoding of values of ESMTP parameters: printable characters but `+` and `=` stand for themselves, any octet may
/// be written as `+` and two hexadecimal digits in capitals (RFC 3461 §4).
package enum XText {
    /// - Returns: what is meant, control characters and octets past 127 as `?`, so that it can stand in a header field;
    ///   `nil` where the text is malformed.
    package static func decode(_ text: some StringProtocol) -> String? {
        var decoded: [UInt8] = []
        var octets = text.utf8.makeIterator()
        while let octet = octets.next() {
            guard 33...126 ~= octet, octet != UInt8(ascii: "=") else { return nil }
            guard octet == UInt8(ascii: "+") else {
                decoded.append(octet)
                continue
            }
            guard let high = octets.next().flatMap(digit), let low = octets.next().flatMap(digit) else { return nil }
            let value = high << 4 | low
            decoded.append(32...126 ~= value ? value : UInt8(ascii: "?"))
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
