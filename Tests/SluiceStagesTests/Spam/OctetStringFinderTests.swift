// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("Many strings looked for in one pass")
struct OctetStringFinderTests {
    private static func found(_ strings: [String], in text: String) throws -> [String] {
        let finder = try #require(OctetStringFinder(strings.enumerated().map { (Array($1.utf8), $0) }))
        var found = [Bool](repeating: false, count: strings.count)
        finder.find(in: Array(text.utf8), &found)
        return zip(strings, found).filter(\.1).map(\.0)
    }

    @Test("strings are found without regard to case, at the start, at the end and inside others")
    func places() throws {
        let strings = ["abc", "bcd", "free gift", "free", "won", "$", "xyz"]
        #expect(try Self.found(strings, in: "ABC") == ["abc"])
        #expect(try Self.found(strings, in: "abCd") == ["abc", "bcd"])
        #expect(try Self.found(strings, in: "you have WON") == ["won"])
        #expect(try Self.found(strings, in: "a Free Gift of 10 $") == ["free gift", "free", "$"])
        #expect(try Self.found(strings, in: "fre gift wo xy") == [])
        for short in ["", "a", "ab"] { #expect(try Self.found(strings, in: short) == []) }
        #expect(try Self.found(["$", "#"], in: "#") == ["#"])
    }

    @Test("letters and the marks that differ from them in one bit are told apart")
    func marks() throws {
        #expect(try Self.found(["[x]y", "{x}y"], in: "a {x}Y") == ["{x}y"])
        #expect(try Self.found(["a@b.c"], in: "a`b.c") == [])
        #expect(try Self.found(["abc"], in: "a\u{2}c") == [])
    }

    @Test("where all strings are long, octets are passed over and none is missed")
    func longStrings() throws {
        let strings = ["<script", "unsubscribe here", String(repeating: "standard-anti-test-", count: 5)]
        for offset in 0..<40 {
            let filling = String(repeating: ".", count: offset)
            for string in strings {
                #expect(try Self.found(strings, in: filling + string.uppercased()) == [string])
                #expect(try Self.found(strings, in: filling + string + filling) == [string])
                #expect(try Self.found(strings, in: filling + string.dropLast()) == [])
            }
        }
    }

    @Test("without strings there is nothing to find")
    func none() { #expect(OctetStringFinder([]) == nil) }

    @Test("what is found is what a plain search finds", arguments: UInt64(1)...40)
    func likePlainSearch(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("aAbBcC .$".utf8)
        func octets(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        }
        let least = Bool.random(using: &random) ? 3 : 7
        var strings = (0..<40).map { _ in
            octets(Int.random(in: least...(least + 5), using: &random)).map(\.asciiLowercased)
        }
        strings.append([0x24])
        let finder = try #require(OctetStringFinder(strings.enumerated().map { ($1, $0) }))
        for _ in 0..<20 {
            let text = octets(Int.random(in: 0...400, using: &random))
            var found = [Bool](repeating: false, count: strings.count)
            finder.find(in: text, &found)
            let lower = text.map(\.asciiLowercased)
            #expect(found == strings.map { lower.contains(octets: $0) })
        }
    }
}
