// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension FactFinder {
    /// What is odd about the words.
    func textFacts() -> [Fact] {
        var facts: [Fact] = []
        let shown = reading.texts.filter { !$0.isAttachment }
        if folding.mixedWords > 0 {
            facts.append(Fact("text-lookalike", "\(folding.mixedWords) words, \(folding.mixedSample)"))
        }
        if folding.styled >= 3 { facts.append(Fact("text-styled", "\(folding.styled) letters")) }
        if folding.invisible > 0 { facts.append(Fact("text-invisible", "\(folding.invisible) characters")) }
        if folding.pictures > 0 { facts.append(Fact("text-pictures", "\(folding.pictures)")) }
        let letters = folding.text.reduce(0) { $0 + ($1.isASCIIAlphanumeric || $1 >= 0x80 ? 1 : 0) }
        facts.append(Fact("text-size", "\(letters)"))
        if letters == 0 { facts.append(Fact("text-empty")) }
        let big = folding.text.reduce(0) { $0 + ($1.isASCIILetter && $1 < 0x60 ? 1 : 0) }
        let small = folding.text.reduce(0) { $0 + ($1.isASCIILetter && $1 >= 0x60 ? 1 : 0) }
        if big + small >= 200, big * 100 >= (big + small) * 40 {
            facts.append(Fact("text-capitals", "\(big * 100 / (big + small)) per cent"))
        }
        if let spaced = SpacedLetters.find(in: Array(folding.text.prefix(16384))) {
            facts.append(Fact("text-spaced-letters", spaced))
        }
        let start = String(latin1OrUTF8: folding.text.prefix(2000)).asciiLowercased()
        if let named = recipients.first(where: { start.contains($0) }) {
            facts.append(Fact("text-names-recipient", named))
        }
        for text in shown {
            if text.transferEncoding == .base64, !text.source.isEmpty, text.source.allSatisfy({ $0 < 0x80 }) {
                facts.append(Fact("text-base64-ascii", text.isHTML ? "text/html" : "text/plain"))
            }
            if text.charset == "us-ascii", text.source.contains(where: { $0 >= 0x80 }) {
                facts.append(Fact("text-not-its-charset", "us-ascii"))
            }
        }
        facts += alternativeFacts(shown)
        return facts
    }

    /// Whether a plain part and an HTML part tell different things: shares of the HTML's words in the plain one.
    private func alternativeFacts(_ shown: [TextReading.Text]) -> [Fact] {
        guard structure.parts.contains(where: { $0.mediaType == "multipart/alternative" }),
            let plain = shown.first(where: { !$0.isHTML }), let html = shown.first(where: \.isHTML)
        else { return [] }
        let plainWords = Self.words(plain.visible)
        let htmlWords = Self.words(html.visible)
        if plainWords.isEmpty, htmlWords.count >= 5 { return [Fact("alternative-plain-empty")] }
        guard htmlWords.count >= 10, plainWords.count >= 10 else { return [] }
        let share = htmlWords.intersection(plainWords).count * 100 / min(htmlWords.count, plainWords.count)
        return share < 30 ? [Fact("alternative-differs", "\(share) per cent in common")] : []
    }

    /// Words of four letters and more, in lower case, at most 2,000.
    private static func words(_ text: [UInt8]) -> Set<[UInt8]> {
        var words: Set<[UInt8]> = []
        for word in text.split(whereSeparator: { !($0.isASCIILetter || $0 >= 0x80) }) where word.count >= 4 {
            words.insert(word.map(\.asciiLowercased))
            if words.count >= 2000 { break }
        }
        return words
    }
}
