// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Characters and the ASCII letters that a reader takes them for.
enum LookAlikes {
    /// Greek and Cyrillic letters, and others outside Latin.
    static let cyrillicAndGreek: [Unicode.Scalar: UInt8] = {
        let pairs: KeyValuePairs<Character, String> = [
            "a": "аɑα", "b": "Ьь", "c": "сϲ", "d": "ԁ", "e": "еҽ", "g": "ɡց", "h": "һհ", "i": "іɩι", "j": "јϳ",
            "k": "κ",
            "l": "ӏ", "m": "м", "n": "ոη", "o": "оοօσ", "p": "рρ", "q": "ԛգ", "s": "ѕ", "t": "т", "u": "υս", "v": "νѵ",
            "w": "ѡԝω", "x": "хχ", "y": "уүγ", "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "G": "Ԍ", "H": "НΗ",
            "I": "ІΙӀ", "J": "Ј", "K": "КΚ", "M": "МΜ", "N": "Ν", "O": "ОΟՕ", "P": "РΡ", "Q": "Ԛ", "S": "ЅՏ", "T": "ТΤ",
            "U": "Ս", "V": "Ѵ", "W": "Ԝ", "X": "ХΧ", "Y": "УΥҮ", "Z": "Ζ",
        ]
        var table: [Unicode.Scalar: UInt8] = [:]
        for (letter, alikes) in pairs {
            guard let octet = letter.asciiValue else { continue }
            for scalar in alikes.unicodeScalars where scalar.value > 0x7F { table[scalar] = octet }
        }
        return table
    }()

    /// Full-width, mathematical, circled and squared letters and digits.
    static func styled(_ scalar: Unicode.Scalar) -> UInt8? {
        let value = scalar.value
        func letter(_ offset: UInt32, _ first: String) -> UInt8? {
            first.utf8.first.map { $0 + UInt8(truncatingIfNeeded: offset) }
        }
        switch value {
        case 0xFF01...0xFF5E: return UInt8(truncatingIfNeeded: value - 0xFF00 + 0x20)
        case 0x1D400...0x1D6A3:
            let offset = (value - 0x1D400) % 52
            return offset < 26 ? letter(offset, "A") : letter(offset - 26, "a")
        case 0x1D7CE...0x1D7FF: return letter((value - 0x1D7CE) % 10, "0")
        case 0x24B6...0x24CF: return letter(value - 0x24B6, "A")
        case 0x24D0...0x24E9: return letter(value - 0x24D0, "a")
        case 0x1F130...0x1F149: return letter(value - 0x1F130, "A")
        case 0x1F150...0x1F169: return letter(value - 0x1F150, "A")
        case 0x1F170...0x1F189: return letter(value - 0x1F170, "A")
        default: return letterLike[scalar]
        }
    }

    /// Letters that stand where the mathematical alphabets have holes, small capitals, and signs.
    private static let letterLike: [Unicode.Scalar: UInt8] = {
        let pairs: KeyValuePairs<Character, String> = [
            "A": "ᴀ", "B": "ʙℬ", "C": "ᴄℂℭ", "D": "ᴅ", "E": "ᴇℰ", "F": "ꜰℱ", "G": "ɢ", "H": "ʜℋℌℍ", "I": "ɪℐℑ",
            "J": "ᴊ",
            "K": "ᴋK", "L": "ʟℒ", "M": "ᴍℳ", "N": "ɴℕ", "O": "ᴏ", "P": "ᴘℙ", "Q": "ℚ", "R": "ʀℛℜℝ", "S": "ꜱ", "T": "ᴛ",
            "U": "ᴜ", "V": "ᴠ", "W": "ᴡ", "Y": "ʏ", "Z": "ᴢℤℨ", "e": "ℯ", "g": "ℊ", "o": "ℴ", "h": "ℎ",
        ]
        var table: [Unicode.Scalar: UInt8] = [:]
        for (letter, alikes) in pairs {
            guard let octet = letter.asciiValue else { continue }
            for scalar in alikes.unicodeScalars where scalar.value > 0x7F { table[scalar] = octet }
        }
        return table
    }()

    /// A Latin letter without its accents; `nil` for what is none. Combining accents become nothing.
    static func base(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x300...0x36F: ""
        case 0xC0...0x24F: latin[scalar]
        case 0x1E00...0x1EFF: latin[scalar]
        case 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: " "
        case 0x2018, 0x2019, 0x201A, 0x201B, 0x2B9, 0x2BC: "'"
        case 0x201C...0x201F: "\""
        case 0x2010...0x2015: "-"
        default: nil
        }
    }

    private static let latin: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = [
            "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l",
            "Ł": "L", "ı": "i", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ŋ": "n", "ħ": "h", "ŧ": "t",
        ]
        let ranges: [ClosedRange<UInt32>] = [0xC0...0x24F, 0x1E00...0x1EFF]
        for value in ranges.joined() {
            guard let scalar = Unicode.Scalar(value), table[scalar] == nil,
                let base = LatinDecomposition.base(of: scalar)
            else { continue }
            table[scalar] = base
        }
        return table
    }()
}
