// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@Suite("Character sets of the C library")
struct IconvCharsetsTests {
    private let charsets = IconvCharsets()

    @Test(
        "the names that mail uses are known",
        arguments: [
            ("iso-8859-2", [0xB1], "ą"), ("ISO-8859-5", [0xB0], "А"), ("iso-8859-7", [0xE1], "α"),
            ("iso-8859-8-i", [0xE0], "א"), ("iso-8859-15", [0xA4], "€"), ("Latin1", [0xFC], "ü"),
            ("windows-1250", [0xB9], "ą"), ("windows-1251", [0xC0], "А"), ("Windows-1252", [0x80], "€"),
            ("windows-1258", [0x41], "A"), ("cp1252", [0x99], "™"), ("cp437", [0x81], "ü"), ("ibm850", [0x81], "ü"),
            ("koi8-r", [0xC1], "а"), ("KOI8-U", [0xA4], "є"), ("macintosh", [0x9F], "ü"),
            ("gb2312", [0xC4, 0xE3], "你"), ("GBK", [0xC4, 0xE3], "你"), ("gb18030", [0xC4, 0xE3], "你"),
            ("big5", [0xA7, 0x41], "你"), ("euc-kr", [0xB0, 0xA1], "가"), ("ks_c_5601-1987", [0xB0, 0xA1], "가"),
            ("shift_jis", [0x82, 0xA0], "あ"), ("euc-jp", [0xA4, 0xA2], "あ"),
            ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x24, 0x22, 0x1B, 0x28, 0x42], "あ"),
            ("utf-7", Array("+AOQ-".utf8), "ä"), ("utf-16le", [0x41, 0x00], "A"), ("utf-8", [0xC3, 0xBC], "ü"),
        ] as [(String, [UInt8], String)])
    func known(charset: String, octets: [UInt8], text: String) {
        #expect(charsets.text(of: octets, in: charset) == text)
    }

    @Test(
        "no other name reaches iconv",
        arguments: [
            "", "x-unknown", "utf-8//translit", "../../x", "iso-8859-12", "iso-8859-99", "windows-9999", "cp",
            "iso-8859-", "iso-2022-cn-ext", "ebcdic-us", "wchar_t", "koi8-r\u{0}x",
        ])
    func unknown(charset: String) {
        #expect(charsets.text(of: [0x41], in: charset) == nil)
    }

    @Test("what is not valid stands as U+FFFD, and what follows is read")
    func invalid() {
        #expect(charsets.text(of: [0x82, 0xA0, 0xFF, 0x41], in: "shift_jis") == "あ\u{FFFD}A")
        #expect(charsets.text(of: [0x41, 0x82], in: "shift_jis") == "A\u{FFFD}", "a character that is cut off")
        #expect(charsets.text(of: [], in: "shift_jis") == "")
    }

    @Test("text longer than the buffer is whole")
    func long() throws {
        let octets = [UInt8](repeating: 0xC1, count: 100_000)
        #expect(try #require(charsets.text(of: octets, in: "koi8-r")) == String(repeating: "а", count: 100_000))
    }

    @Test("random octets in any character set never trap and end in time")
    func randomOctets() {
        var random = SeededGenerator(seed: 21)
        let names = [
            "windows-1252", "koi8-r", "gb2312", "big5", "euc-kr", "shift_jis", "euc-jp", "iso-2022-jp", "iso-2022-kr",
            "utf-7", "utf-32", "windows-1258", "viscii", "euc-tw",
        ]
        for name in names {
            for _ in 0..<50 {
                let octets =
                    random.octets(Int.random(in: 0...200, using: &random), from: [0x1B, 0x24, 0x42, 0x28, 0x7E])
                    + random.octets(Int.random(in: 0...100, using: &random))
                let text = charsets.text(of: octets, in: name)
                #expect(text != nil, "\(name)")
                #expect((text?.unicodeScalars.count ?? 0) <= octets.count + 1)
            }
        }
    }
}
