// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Finds words whose letters are set apart to hide them from filters: `V i a g r a`, `L-o-a-n`, `C.A.S.H`.
enum SpacedLetters {
    /// How many single letters in a row make a spaced word.
    private static let minimum = 5

    /// The first such run; `nil` where there is none.
    static func find(in text: [UInt8]) -> String? {
        var start = 0
        var count = 0
        var index = 0
        while index < text.count {
            let isAlone =
                text[index].isASCIILetter && (index == 0 || !isWordOctet(text[index - 1]))
                && (index + 1 == text.count || !isWordOctet(text[index + 1]))
            guard isAlone else {
                count = 0
                // In a word of several octets none is alone.
                let isWord = isWordOctet(text[index])
                index += 1
                while isWord, index < text.count, isWordOctet(text[index]) { index += 1 }
                continue
            }
            if count == 0 { start = index }
            count += 1
            if count >= minimum { return String(latin1OrUTF8: text[start...min(index, start + 60)]) }
            // One separator, or two, and always marks or spaces.
            index += 1
            var gap = 0
            while index < text.count, gap < 2, !isWordOctet(text[index]), text[index] != 0x0A {
                index += 1
                gap += 1
            }
            if index < text.count, !text[index].isASCIILetter { count = 0 }
        }
        return nil
    }

    private static func isWordOctet(_ octet: UInt8) -> Bool { octet.isASCIIAlphanumeric || octet >= 0x80 }
}
