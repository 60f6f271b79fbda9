// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Folds look-alike characters to the ASCII letters that a reader takes them for, and leaves invisible ones out.
///
/// `Раураl`, `ＰａｙＰａｌ`, `𝐏𝐚𝐲𝐏𝐚𝐥` and `Pay\u{200B}Pal` all become `PayPal`; accents go too, so that rules are written
/// without them. What was folded is counted.
struct TextFolding {
    /// The folded text in UTF-8.
    private(set) var text: [UInt8] = []
    /// Characters that show nothing: zero-width spaces and joiners, soft hyphens, direction marks, tags.
    private(set) var invisible = 0
    /// Letters of mathematical, enclosed or full-width alphabets.
    private(set) var styled = 0
    /// Words that mix Latin letters with Greek or Cyrillic ones that look alike.
    private(set) var mixedWords = 0
    /// The first such word.
    private(set) var mixedSample = ""
    /// Pictures (emoji and dingbats).
    private(set) var pictures = 0

    private static let wordLimit = 40
    /// The start of the word under way.
    private var word: [Unicode.Scalar] = []
    private var hasLatin = false
    private var hasForeign = false

    /// - Parameter limit: the most octets of folded text.
    init(_ source: [UInt8], limit: Int = 65536) {
        if source.isASCII {
            // Nothing to fold, and no word that mixes alphabets.
            text = source.count <= limit ? source : Array(source.prefix(limit))
            return
        }
        text.reserveCapacity(min(source.count, limit))
        word.reserveCapacity(Self.wordLimit)
        var index = 0
        while index < source.count, text.count < limit {
            let start = index
            if source[index] < 0x80 {
                while index < source.count, source[index] < 0x80 { index += 1 }
                consumeASCII(source[start..<index].prefix(limit - text.count))
            } else {
                while index < source.count, source[index] >= 0x80 { index += 1 }
                consumeForeign(source[start..<index], limit: limit)
            }
        }
        endWord()
    }

    /// Octets of ASCII. Only their first and their last word can be part of one with other letters.
    private mutating func consumeASCII(_ octets: ArraySlice<UInt8>) {
        guard let first = octets.firstIndex(where: { !$0.isASCIIAlphanumeric }),
            let last = octets.lastIndex(where: { !$0.isASCIIAlphanumeric })
        else {
            for octet in octets { consume(octet) }
            return
        }
        for octet in octets[..<first] { consume(octet) }
        endWord()
        text += octets[first...last]
        for octet in octets[(last + 1)...] { consume(octet) }
    }

    /// Octets beyond ASCII. What is wrong among them can't concern what stands around them: no octet of ASCII is part of
    /// a longer character.
    private mutating func consumeForeign(_ octets: ArraySlice<UInt8>, limit: Int) {
        var decoder = UTF8()
        var iterator = octets.makeIterator()
        while text.count < limit {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): consume(scalar)
            case .error: text.append(UInt8(ascii: "?"))
            case .emptyInput: return
            }
        }
    }

    private mutating func consume(_ octet: UInt8) {
        if octet.isASCIILetter {
            hasLatin = true
            keepInWord(Unicode.Scalar(octet))
        } else if !octet.isASCIIDigit {
            endWord()
        }
        text.append(octet)
    }

    private mutating func consume(_ scalar: Unicode.Scalar) {
        if Self.isInvisible(scalar) {
            invisible += 1
            return
        }
        if let letter = LookAlikes.cyrillicAndGreek[scalar] {
            hasForeign = true
            keepInWord(scalar)
            text.append(letter)
            return
        }
        if let styledLetter = LookAlikes.styled(scalar) {
            styled += 1
            text.append(styledLetter)
            return
        }
        if let base = LookAlikes.base(scalar) {
            if base.utf8.first?.isASCIILetter == true {
                hasLatin = true
                keepInWord(scalar)
            } else if !base.isEmpty {
                endWord()
            }
            text += base.utf8
            return
        }
        if Self.isForeignLetter(scalar) {
            // A Greek or Cyrillic letter without a look-alike: the word is really of that script.
            hasForeign = false
            hasLatin = false
            endWord()
        }
        if Self.isPicture(scalar) { pictures += 1 }
        text += String(scalar).utf8
    }

    private mutating func keepInWord(_ scalar: Unicode.Scalar) {
        if word.count < Self.wordLimit { word.append(scalar) }
    }

    private mutating func endWord() {
        if hasLatin && hasForeign {
            mixedWords += 1
            if mixedSample.isEmpty {
                var sample = String.UnicodeScalarView()
                sample.append(contentsOf: word)
                mixedSample = String(sample)
            }
        }
        word.removeAll(keepingCapacity: true)
        hasLatin = false
        hasForeign = false
    }

    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180E, 0x200B...0x200F, 0x202A...0x202E,
            0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF, 0xE0000...0xE01EF:
            true
        default: false
        }
    }

    private static func isForeignLetter(_ scalar: Unicode.Scalar) -> Bool {
        (0x370...0x52F).contains(scalar.value)
    }

    static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2600...0x27BF, 0x2B00...0x2BFF, 0x231A...0x23FF, 0x1F000...0x1FAFF: true
        default: false
        }
    }
}

extension [UInt8] {
    /// Whether all octets are below 128.
    var isASCII: Bool {
        var all: UInt8 = 0
        for octet in self { all |= octet }
        return all < 0x80
    }
}
