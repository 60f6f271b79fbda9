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
        let (letters, big, small) = Self.letterCounts(folding.text)
        facts.append(Fact("text-size", "\(letters)"))
        if letters == 0 { facts.append(Fact("text-empty")) }
        if big + small >= 200, big * 100 >= (big + small) * 40 {
            facts.append(Fact("text-capitals", "\(big * 100 / (big + small)) per cent"))
        }
        if let spaced = SpacedLetters.find(
            in: folding.text.count > 16384 ? Array(folding.text[..<16384]) : folding.text)
        {
            facts.append(Fact("text-spaced-letters", spaced))
        }
        let start = recipients.isEmpty ? [] : folding.text.prefix(2000).map(\.asciiLowercased)
        if let named = recipients.first(where: { start.contains(octets: $0.utf8) }) {
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
        guard parts.contains(where: { $0.mediaType == "multipart/alternative" }),
            let plain = shown.first(where: { !$0.isHTML }), let html = shown.first(where: \.isHTML)
        else { return [] }
        let plainWords = Self.words(plain.visible)
        let htmlWords = Self.words(html.visible)
        if plainWords.count == 0, htmlWords.count >= 5 { return [Fact("alternative-plain-empty")] }
        guard htmlWords.count >= 10, plainWords.count >= 10 else { return [] }
        let share = htmlWords.countShared(with: plainWords) * 100 / min(htmlWords.count, plainWords.count)
        return share < 30 ? [Fact("alternative-differs", "\(share) per cent in common")] : []
    }

    /// Words of four letters and more, without regard to case, at most 2,000: their hashes, as nothing else is asked of
    /// them than which are the same.
    private static func words(_ text: [UInt8]) -> HashSet {
        var words = HashSet(limit: 2000, expected: text.count / 8)
        var length = 0
        var hash: UInt64 = 0
        for octet in text {
            guard octet.isASCIILetter || octet >= 0x80 else {
                if length >= 4 { words.insert(hash) }
                length = 0
                if words.isFull { return words }
                continue
            }
            // FNV-1a.
            if length == 0 { hash = 0xCBF2_9CE4_8422_2325 }
            hash = (hash ^ UInt64(octet.asciiLowercased)) &* 0x100_0000_01B3
            length += 1
        }
        if length >= 4 { words.insert(hash) }
        return words
    }

    /// How many letters, digits and characters beyond ASCII there are; how many letters A to Z; how many a to z.
    private static func letterCounts(_ text: [UInt8]) -> (all: Int, big: Int, small: Int) {
        var sums: UInt64 = 0
        let summands = Self.summands.span
        // Folded text has 64 KiB, so no sum reaches the next.
        for octet in text { sums &+= summands[Int(octet)] }
        return (Int(sums & 0xF_FFFF), Int(sums >> 20 & 0xF_FFFF), Int(sums >> 40))
    }

    /// What an octet counts for in the sums of ``letterCounts(_:)``, of 20 bits each.
    private static let summands: [UInt64] = (UInt8.min...UInt8.max).map { octet in
        if octet.isASCIILetter { return 1 | 1 << (octet < 0x60 ? 20 : 40) }
        return octet.isASCIIDigit || octet >= 0x80 ? 1 : 0
    }
}

extension Collection<UInt8> {
    /// Whether these octets stand somewhere among them.
    func contains(octets: some Collection<UInt8>) -> Bool {
        guard let first = octets.first else { return true }
        var rest = self[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: octets) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}

extension String {
    /// Whether this text stands somewhere in it, as people read it.
    func contains(text: String) -> Bool {
        // Where all is ASCII the octets tell the same, and much faster.
        utf8.allSatisfy { $0 < 0x80 } && text.utf8.allSatisfy { $0 < 0x80 }
            ? utf8.contains(octets: text.utf8) : contains(text)
    }
}
