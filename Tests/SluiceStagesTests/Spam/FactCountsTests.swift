// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceStages

/// Facts that count something against plain models of what they count.
@Suite("Facts that count")
struct FactCountsTests {
    private static func evidence(_ name: String, _ mail: SampleMail) throws -> String? {
        try mail.texts().facts.first { $0.name == name }?.evidence
    }

    @Test("the size of a text is its letters, digits and octets beyond ASCII", arguments: UInt64(1)...10)
    func size(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = ["Word", "x1", " ", "-", "$", "9", "Z", "\r\n", "[", "@"]
        let text = (0..<200).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        let count = text.utf8.count(where: \.isASCIIAlphanumeric)
        #expect(try Self.evidence("text-size", SampleMail(text: text)) == "\(count)")
    }

    @Test("capitals count from forty per cent on, where there are letters enough")
    func capitals() throws {
        func text(_ big: Int, _ small: Int) -> SampleMail {
            SampleMail(text: String(repeating: "A ", count: big) + String(repeating: "bc ", count: small))
        }
        #expect(try Self.evidence("text-capitals", text(100, 75)) == "40 per cent")
        #expect(try Self.evidence("text-capitals", text(100, 77)) == nil)
        #expect(try Self.evidence("text-capitals", text(99, 50)) == nil)
    }

    @Test("words that the plain part and the HTML share")
    func alternative() throws {
        let words = ["alpha", "bravo", "charlie", "delta", "echoes", "foxtrot", "golfer", "hotel", "india", "juliett"]
        func mail(_ shared: Int) -> SampleMail {
            let others = (shared..<10).map { "other" + words[$0] }
            return SampleMail(
                text: words.joined(separator: " "),
                html: "<p>" + (words.prefix(shared) + others).joined(separator: " ").uppercased() + "</p>")
        }
        #expect(try Self.evidence("alternative-differs", mail(2)) == "20 per cent in common")
        #expect(try Self.evidence("alternative-differs", mail(3)) == nil)
        #expect(try Self.evidence("alternative-differs", mail(10)) == nil)
        #expect(try mail(0).texts().hasFact("alternative-differs"))
    }

    @Test("a fact's evidence is one line, and bounded")
    func bounds() {
        #expect(Fact("a", "b\nc").line == "a: b c")
        #expect(Fact("a").line == "a:")
        let long = Fact("a", String(repeating: "é", count: 150) + String(repeating: "x", count: 150)).evidence
        #expect(long.unicodeScalars.count == Fact.evidenceLimit && long.hasPrefix("é") && long.hasSuffix("x"))
        let short = String(repeating: "y", count: Fact.evidenceLimit)
        #expect(Fact("a", short).evidence == short)
    }

    @Test("no more than twenty facts of a name are kept")
    func repeats() throws {
        let links = (0..<60).map { "<a href='http://user@host\($0).example/'>x</a>" }.joined()
        let facts = try SampleMail(html: links).texts().facts
        #expect(facts.count { $0.name == "uri-user" } == FactFinder.repeatLimit)
        #expect(facts.count { $0.name == "text-size" } == 1)
    }
}
