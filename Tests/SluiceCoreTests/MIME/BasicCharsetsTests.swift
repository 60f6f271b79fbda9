// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@Suite("The character sets that need no table")
struct BasicCharsetsTests {
    @Test(
        arguments: [
            ("us-ascii", [0x41], "A"), ("US-ASCII", [0xFC], "ü"), ("utf-8", [0xC3, 0xBC], "ü"),
            ("UTF8", [0xC3, 0x41], "\u{FFFD}A"), ("iso-8859-1", [0xC3, 0xBC], "Ã¼"),
            ("utf-16", [0x00, 0x41], "A"), ("utf-16", [0xFE, 0xFF, 0x00, 0x41], "A"),
            ("utf-16", [0xFF, 0xFE, 0x41, 0x00], "A"), ("utf-16le", [0x3D, 0xD8, 0x00, 0xDE], "😀"),
            ("utf-16be", [0xD8, 0x3D], "\u{FFFD}"), ("utf-16be", [0x00, 0x41, 0x00], "A\u{FFFD}"),
            ("utf-16", [], ""), ("koi8-r", [0x41], nil), ("", [0x41], nil),
        ] as [(String, [UInt8], String?)])
    func table(charset: String, octets: [UInt8], text: String?) {
        #expect(BasicCharsets().text(of: octets, in: charset) == text)
    }
}
