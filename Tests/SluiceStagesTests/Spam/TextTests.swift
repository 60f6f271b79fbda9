// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("Texts that rules see")
struct TextTests {
    @Test(
        "look-alike letters are folded to what a reader takes them for",
        arguments: [
            ("РауРаl", "PayPal"), ("ＰａｙＰａｌ", "PayPal"), ("𝐏𝐚𝐲𝐏𝐚𝐥", "PayPal"), ("Pay\u{200B}P\u{AD}al", "PayPal"),
            ("Prêmio é você", "Premio e voce"), ("Straße", "Strasse"), ("Ⓒⓐⓢⓗ", "Cash"), ("日本", "日本"),
            ("a\u{301}b", "ab"),
            ("“a” – ‘b’", "\"a\" - 'b'"),
        ])
    func folding(_ text: String, _ expected: String) {
        #expect(String(decoding: TextFolding(Array(text.utf8)).text, as: UTF8.self) == expected)
    }

    @Test("only words that mix alphabets count as look-alike; broken UTF-8 is no crash")
    func mixed() {
        #expect(TextFolding(Array("P\u{0430}yP\u{0430}l and \u{0430}pple".utf8)).mixedWords == 2)
        #expect(TextFolding(Array("Привет, мир. Hello, world. Καλημέρα".utf8)).mixedWords == 0)
        #expect(TextFolding(Array("P\u{0430}yP\u{0430}l".utf8)).mixedSample == "P\u{0430}yP\u{0430}l")
        #expect(TextFolding([0x61, 0xFF, 0xC3, 0x62]).text.contains(0x62))
        #expect(TextFolding(Array(String(repeating: "a", count: 1000).utf8), limit: 10).text.count == 10)
    }

    @Test(
        "addresses are read as tolerantly as mail programs do",
        arguments: [
            ("Ann <ann@a.example>", "Ann", "ann@a.example"), ("ann@a.example", "", "ann@a.example"),
            ("ann@a.example (Ann)", "Ann", "ann@a.example"),
            ("\"Doe, Ann\" <ann@a.example>", "Doe, Ann", "ann@a.example"),
            ("\"a@b.example\" <c@d.example>", "a@b.example", "c@d.example"),
            ("\"x \\\" y\" <a@b.example>", "x \" y", "a@b.example"),
            ("<a@b.example", "", "a@b.example"), ("Ann <>", "Ann", ""),
        ])
    func addresses(_ value: String, _ name: String, _ address: String) {
        #expect(MailAddress.list(Array(value.utf8)).first == MailAddress(name: name, address: address))
    }

    @Test("lists of addresses, groups too, are split at commas and are limited")
    func addressLists() {
        let list = MailAddress.list(Array("a@b.example, Team: c@d.example, e@f.example; , \"x,y\" <g@h.example>".utf8))
        #expect(list.map(\.domain) == ["b.example", "d.example", "f.example", "h.example"])
        #expect(MailAddress.list(Array(String(repeating: "a@b,", count: 5000).utf8)).count == MailAddress.limit)
    }

    @Test(
        "dates are read loosely",
        arguments: [
            ("Tue, 24 Nov 2026 07:14:41 +0000", 1_795_504_481 as Int64?), ("24 Nov 2026 08:14:41 +0100", 1_795_504_481),
            ("Thu, 1 Jan 1970 00:00:00 GMT", 0), ("Sat, 01 Jan 00 00:00:00 +0000", 946_684_800),
            ("1 Jan 100 00:00", 946_684_800),
            ("29 February 2000 12:00 -0500", 951_843_600), ("yesterday", nil), ("32 Nov 2026", nil),
            ("24 Nov 2026 99:99:99", nil), ("", nil),
        ])
    func dates(_ value: String, _ expected: Int64?) {
        #expect(MailDate.seconds(Array(value.utf8)) == expected)
    }

    @Test(
        "hosts and what somebody registered",
        arguments: [
            ("http://User@WWW.Example.CO.UK:80/x", "www.example.co.uk", "example.co.uk"),
            ("https://a.b.example.com.", "a.b.example.com", "example.com"),
            ("http:/\\a.example?x", "a.example", "a.example"), ("http://192.0.2.7/", "192.0.2.7", "192.0.2.7"),
            ("//c.example/x", "c.example", "c.example"), ("http://[2001:db8::1]:80/", "[2001:db8::1]", "[2001:db8::1]"),
        ])
    func hosts(_ uri: String, _ host: String, _ domain: String) {
        #expect(HostName.of(uri: Array(uri.utf8)) == host)
        #expect(HostName.registrable(host) == domain)
        #expect(HostName.of(uri: Array("mailto:a@b.example".utf8)) == nil)
    }

    @Test("names made by machines are told from words")
    func randomNames() {
        for name in ["q7f2k9xw", "n9s9oyskfu", "xvcbnhjhgngbfd1", "cfecgcft"] {
            #expect(HostName.looksRandom(name), "\(name)")
        }
        for name in ["example", "quicksilver", "deutschebahn", "microsoft", "theregister", "rhythms", "web2print"] {
            #expect(!HostName.looksRandom(name), "\(name)")
        }
    }

    @Test("URIs are found in text without what punctuates them")
    func uris() {
        let text =
            "See (http://a.example/x). Or www.b.example, <HTTPS://c.example/?q=1>! mailto:d@e.example; xhttp://no http://"
        #expect(
            URIFinder.find(in: Array(text.utf8), limit: 10).map { String(decoding: $0, as: UTF8.self) }
                == ["http://a.example/x", "http://www.b.example", "HTTPS://c.example/?q=1", "mailto:d@e.example"])
        #expect(URIFinder.find(in: Array(String(repeating: "http://ab ", count: 100).utf8), limit: 7).count == 7)
    }

    @Test("messages inside the message are somebody else's words")
    func bounces() throws {
        let mail = SampleMail(
            whole:
                "From: a@example.org\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nReturned.\r\n--b\r\n"
                + "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nViagra\r\n--b--\r\n")
        let texts = try mail.texts()
        #expect(texts.body.map { String(decoding: $0, as: UTF8.self) } == ["\n", "Returned.\n"])
    }

    @Test("more text than the limit is not looked at, and that is known")
    func truncated() throws {
        let mail = SampleMail(text: String(repeating: "many words ", count: 1000) + "needle")
        let whole = try mail.texts()
        #expect(!whole.isTruncated)
        let cut = try MessageText(
            mail.message(), circumstances: MessageCircumstances(now: SampleMail.now), limits: .init(text: 5000))
        #expect(cut.isTruncated)
        #expect(cut.rawBody.reduce(0) { $0 + $1.count } <= 5000)
    }

    @Test("any octets are a message", arguments: 0..<10)
    func anything(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var octets = Array("From: =?x?B?".utf8)
        for _ in 0..<5000 { octets.append(UInt8.random(in: 0...255, using: &generator)) }
        octets += Array("\r\nContent-Type: text/html\r\n\r\n".utf8)
        for _ in 0..<5000 { octets.append(UInt8.random(in: 0...255, using: &generator)) }
        let message = try Message(MemoryContent(ByteBuffer(bytes: octets)))
        let texts = try MessageText(message, circumstances: MessageCircumstances(now: SampleMail.now))
        #expect(EmbeddedRules.ruleSet.evaluate(texts).givenUp.isEmpty)
    }
}
