// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative

/// Encoded words: what holds none stays as it is, and text that is encoded, cut anywhere, is read as it was. The first
/// octet says how long the words are, the second how they are encoded.
enum EncodedWordFuzz {
    static func run(_ octets: [UInt8]) {
        guard octets.count > 1 else { return }
        let value = Array(octets[2...])
        for text in [EncodedWord.decode(value), EncodedWord.decode(value, charsets: IconvCharsets())] {
            // The most that a character set makes of an octet is a character of four octets, and one of three for a
            // fault.
            precondition(text.utf8.count <= 8 * value.count + 8, "\(text.utf8.count) octets of \(value.count)")
            if !value.contains(UInt8(ascii: "=")) {
                precondition(text.utf8.elementsEqual(String(latin1OrUTF8: value).utf8), "plain text was changed")
            }
        }
        let text = String(decoding: value, as: UTF8.self)
        let encoded = encode(Array(text.utf8), length: Int(octets[0] % 45) + 1, isBase64: octets[1] & 1 == 0)
        for read in [EncodedWord.decode(encoded), EncodedWord.decode(encoded, charsets: IconvCharsets())] {
            precondition(read.utf8.elementsEqual(text.utf8), "\(text) was encoded and read as \(read)")
        }
    }

    private static func encode(_ octets: [UInt8], length: Int, isBase64: Bool) -> [UInt8] {
        var words: [String] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let piece = rest.prefix(length)
            rest = rest.dropFirst(length)
            let text =
                isBase64 ? Data(piece).base64EncodedString() : piece.map { "=\(hexadecimal($0))" }.joined()
            words.append("=?utf-8?\(isBase64 ? "B" : "q")?\(text)?=")
        }
        return Array(words.joined(separator: " ").utf8)
    }

    private static func hexadecimal(_ octet: UInt8) -> String {
        (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
    }

    static var seeds: [[UInt8]] {
        [
            "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "a =?iso-8859-1?q?b=FC_c?= =?iso-8859-1?b?ZA==?= e",
            "=?utf-8?b?4oK?= =?utf-8?b?r?=",
            "=?us-ascii*en?Q?x?=", "=?x?Q?y?=", "=?utf-16?B?AGEA?=", "=?koi8-r?B?8NLJ18XU?= =?utf-8?Q?=?=",
            "=?=?=?utf-8?Q??=",
            "Gr\u{FC}\u{DF}e \u{1F600} und mehr", "=?iso-2022-jp?B?GyRCJCIbKEI=?=", "=?utf-7?Q?+AOQ-?=",
            "=?gb18030?B?gTCBMA==?=",
        ].enumerated().map { [UInt8($0 * 7), UInt8($0)] + Array($1.utf8) }
    }
}
