// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@Suite("Encoded words")
struct EncodedWordTests {
    @Test(
        "are decoded after RFC 2047",
        arguments: [
            ("plain", "plain"), ("", ""), ("a = b ? c", "a = b ? c"),
            ("=?ISO-8859-1?Q?a?=", "a"),
            ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"),
            ("=?ISO-8859-1?Q?a?= =?utf-8?Q?_b?=", "a b"),
            ("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"),
            ("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=", "If you can read this yo"),
            ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
            ("=?utf-8*en?q?=C3=BC?=", "ü"),
            ("x=?utf-8?Q?y?=z", "xyz"),
            ("=?utf-8?Q?with space?=", "with space"),
            ("=?utf-8?Q??=", ""),
            ("=?utf-8?Q?=3D=zz=?=", "==zz="),
        ])
    func table(written: String, decoded: String) {
        #expect(EncodedWord.decode(Array(written.utf8)) == decoded)
    }

    @Test("a character cut in two between words of one character set is whole again")
    func cutCharacter() {
        #expect(EncodedWord.decode(Array("=?utf-8?Q?=C3?= =?UTF-8?Q?=BC?=".utf8)) == "ü")
        #expect(EncodedWord.decode(Array("=?utf-8?B?w7w=?= =?utf-8?Q?=C3?= =?utf-8?B?vA==?=".utf8)) == "üü")
    }

    @Test(
        "what is none stands as it is",
        arguments: [
            "=?utf-8?X?abc?=", "=?utf-8?Q?abc", "=?utf-8?Q", "=?", "=??Q?a?=", "=?utf-8?Q?", "=?ut f?Q?a?=", "==?=?=",
        ])
    func untouched(text: String) {
        #expect(EncodedWord.decode(Array(text.utf8)) == text)
    }

    @Test("white space between a word and plain text stays")
    func whiteSpace() {
        #expect(EncodedWord.decode(Array("a =?utf-8?Q?b?= c".utf8)) == "a b c")
        #expect(EncodedWord.decode(Array(" =?utf-8?Q?b?= ".utf8)) == " b ")
    }

    @Test("an unknown character set is read as UTF-8 or octet by octet")
    func unknownCharset() {
        #expect(EncodedWord.decode(Array("=?x-none?Q?=C3=BC?=".utf8)) == "ü")
        #expect(EncodedWord.decode(Array("=?x-none?Q?=FC?=".utf8)) == "ü")
    }

    @Test("octets outside of words are UTF-8 where they are, else characters of their value")
    func rawOctets() {
        #expect(EncodedWord.decode([0xFC, 0x3D]) == "ü=")
        #expect(EncodedWord.decode(Array("ü=".utf8)) == "ü=")
    }

    @Test("any text comes back from its Q and its B encoding")
    func roundTrip() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let octets = Array(
                String(decoding: random.octets(Int.random(in: 0...40, using: &random)), as: UTF8.self).utf8)
            let text = String(decoding: octets, as: UTF8.self)
            let quoted = octets.map { "=" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(EncodedWord.decode(Array("=?utf-8?Q?\(quoted)?=".utf8)) == text)
            #expect(EncodedWord.decode(Array("=?UTF-8?b?\(base64(octets))?=".utf8)) == text)
        }
    }

    @Test("random octets never trap")
    func randomOctets() {
        var random = SeededGenerator(seed: 2)
        let alphabet = Array("=?QqBb_utf-8 \tA1+/*'".utf8) + [0, 0xC3, 0xFF]
        for _ in 0..<5_000 {
            _ = EncodedWord.decode(random.octets(Int.random(in: 0...60, using: &random), from: alphabet))
        }
    }
}

/// Encodes base64 plainly: what the decoder is held against.
func base64(_ octets: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)
    var text = String.UnicodeScalarView()
    for start in stride(from: 0, to: octets.count, by: 3) {
        let group = octets[start..<min(start + 3, octets.count)]
        let bits = (0..<3).reduce(0) { $0 << 8 | (start + $1 < octets.count ? Int(octets[start + $1]) : 0) }
        for place in 0..<4 {
            text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
        }
    }
    return String(text)
}
