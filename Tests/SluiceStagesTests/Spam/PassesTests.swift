// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceStages

/// The passes over a text against plain models of them.
@Suite("Passes over text")
struct PassesTests {
    private static func text(_ random: inout SeededGenerator, _ pieces: [String], _ count: Int = 60) -> [UInt8] {
        (0..<Int.random(in: 0...count, using: &random)).flatMap { _ in
            Array((pieces.randomElement(using: &random) ?? "").utf8)
        }
    }

    @Test("squeezed text has the words with one space between", arguments: UInt64(1)...20)
    func squeezed(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let texts = (0..<3).map { _ in Self.text(&random, ["ab", " ", "\r\n", "\t", "é", "\u{B}"]) }
        let words = texts.flatMap { $0.split(whereSeparator: \.isHTMLSpace) }
        #expect(Paragraphs.squeezed(texts) == Array(words.joined(separator: [0x20])))
        #expect(Paragraphs.squeezed(texts[0]) == Paragraphs.squeezed([texts[0]]))
    }

    @Test("paragraphs are the text between empty lines, each with a line feed", arguments: UInt64(1)...20)
    func normalized(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let text = Self.text(&random, ["ab", " ", "\n", "\n\n", "\u{A0}", "c"])
        var found: [[UInt8]] = []
        Paragraphs.normalized(text, into: &found, limit: 1000)
        let plain = String(decoding: text, as: UTF8.self).replacing("\u{A0}", with: " ")
        var model: [[UInt8]] = []
        var words: [Substring] = []
        var rest = plain[...]
        while !rest.isEmpty {
            let space = rest.prefix { $0 == " " || $0 == "\n" }
            if space.count(where: { $0 == "\n" }) >= 2, !words.isEmpty {
                model.append(Array((words.joined(separator: " ") + "\n").utf8))
                words = []
            }
            rest = rest.dropFirst(space.count)
            let word = rest.prefix { $0 != " " && $0 != "\n" }
            if !word.isEmpty { words.append(word) }
            rest = rest.dropFirst(word.count)
        }
        if !words.isEmpty { model.append(Array((words.joined(separator: " ") + "\n").utf8)) }
        #expect(found == model)
    }

    @Test("pieces of paragraphs and raw text are cut at the limits and lose nothing")
    func cuts() {
        let line = [UInt8](repeating: 0x61, count: 30_000)
        var paragraphs: [[UInt8]] = []
        Paragraphs.normalized(line, into: &paragraphs, limit: 100)
        #expect(paragraphs.flatMap { $0.dropLast() } == line)
        #expect(paragraphs.allSatisfy { $0.count <= 2 * Paragraphs.lengthLimit + 1 })
        var chunks: [[UInt8]] = []
        let lines = Array(String(repeating: "some words\r\n", count: 2000).utf8)
        Paragraphs.chunks(lines, into: &chunks, limit: 100)
        #expect(Array(chunks.joined()) == lines.filter { $0 != 0x0D })
        #expect(chunks.dropLast().allSatisfy { $0.count >= Paragraphs.chunkLimit && $0.last == 0x0A })
    }

    @Test("text folds in one piece as it does letter by letter", arguments: UInt64(1)...20)
    func folding(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let text = Self.text(&random, ["pay", "P4", " ", "-", "\u{430}", "é", "\u{200B}", "x"])
        let folded = TextFolding(text)
        var pieces: [UInt8] = []
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            pieces += TextFolding(Array(String(scalar).utf8)).text
        }
        #expect(folded.text == pieces)
        let words = String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "-" }
        #expect(folded.mixedWords == words.reduce(0) { $0 + TextFolding(Array($1.utf8)).mixedWords })
        for limit in [1, 5, 17] { #expect(TextFolding(text.filter { $0 < 0x80 }, limit: limit).text.count <= limit) }
    }

    @Test(
        "a URI begins a word, wherever the word stands",
        arguments: ["http://", "HTTPS://", "hxxp://", "ftp://", "www."])
    func uris(prefix: String) {
        let uri = prefix + "bad.example/x"
        for before in ["", " ", "a: ", "www ", "x.y ", "http: ", "é", "(", "mailto:. "] {
            let found = URIFinder.find(in: Array((before + uri + " end").utf8), limit: 10)
            #expect(found.count == 1 && found[0].suffix(13) == Array("bad.example/x".utf8)[...], "\(before)")
        }
        for before in ["a", "1", "ahttp"] {
            #expect(URIFinder.find(in: Array((before + uri).utf8), limit: 10).isEmpty)
        }
    }

    @Test(
        "the domain that somebody registered",
        arguments: [
            ("a.b.c.example", "c.example"), ("example", "example"), ("b.example", "b.example"), ("", ""),
            ("www.shop.co.uk", "shop.co.uk"), ("shop.co.uk", "shop.co.uk"), ("a.b.co.com", "co.com"),
            ("10.1.2.3", "10.1.2.3"), ("a..b...example", "b.example"), ("a.b.example.", "b.example"),
        ])
    func registrable(host: String, domain: String) { #expect(HostName.registrable(host) == domain) }
}
