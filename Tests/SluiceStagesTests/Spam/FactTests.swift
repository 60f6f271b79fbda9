// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceStages

@Suite("Facts about messages")
struct FactTests {
    /// Sample messages and the facts that they have beside those of an ordinary one.
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        var mail: SampleMail
        var facts: Set<String>
        init(_ name: String, _ mail: SampleMail, _ facts: Set<String>) {
            self.name = name
            self.mail = mail
            self.facts = facts
        }
        var testDescription: String { name }
    }

    private static func html(_ html: String) -> SampleMail {
        SampleMail(
            text: nil, html: "<p>\(String(repeating: "The report of last week is ready. ", count: 12))</p>\(html)")
    }

    static let samples: [Sample] = [
        Sample("an ordinary message", .init(), []),
        Sample("no From", .init(drop: ["From"]), ["from-missing"]),
        Sample("From without an address", .init(from: "Somebody"), ["from-no-address"]),
        Sample("a local part with a space", .init(from: "<big bug@example.org>"), ["from-broken-local-part"]),
        Sample("an address literal", .init(from: "<a@[192.0.2.1]>"), []),
        Sample(
            "a fake name", .init(from: "\"bob@example.net\" <x@other.example>"),
            ["from-name-other-address", "from-name-is-recipient"]),
        Sample("a host as a name, its own", .init(from: "Example.org <x@mail.example.org>"), []),
        Sample("an invisible character in the name", .init(from: "A\u{200B}nn <ann@example.org>"), ["from-invisible"]),
        Sample("Reply-To elsewhere", .init(add: ["Reply-To: x@other.example"]), ["reply-to-other-domain"]),
        Sample("Reply-To in the same domain", .init(add: ["Reply-To: x@news.example.org"]), []),
        Sample("Return-Path elsewhere", .init(add: ["Return-Path: <x@other.example>"]), ["reverse-path-other-domain"]),
        Sample("no Subject", .init(subject: nil), ["subject-missing"]),
        Sample(
            "the recipient's name in the Subject", .init(to: "robert@example.net", subject: "Hey Robert"),
            ["subject-names-local-part"]),
        Sample("a Date five hours ahead", .init(date: "Tue, 24 Nov 2026 12:00:00 +0000"), []),
        Sample("no Date", .init(drop: ["Date"]), ["date-missing"]),
        Sample("a Message-ID without a dot", .init(messageID: "<1@host>"), ["message-id-bare-host"]),
        Sample("a Message-ID without a host", .init(messageID: "<1@>"), ["message-id-broken"]),
        Sample("no Received", .init(drop: ["Received"]), ["received-missing"]),
        Sample("no MIME-Version", .init(drop: ["MIME-Version"]), ["mime-version-missing"]),
        Sample("no To", .init(to: nil), ["to-missing"]),
        Sample("no To but Cc", .init(to: nil, add: ["Cc: bob@example.net"]), []),
        Sample("no text", .init(text: " "), ["text-empty"]),
        Sample("the recipient's address in the text", .init(text: "For bob@example.net"), ["text-names-recipient"]),
        Sample("pictures in the text", .init(text: "Party 🎉"), ["text-pictures"]),
        Sample("HTML alone", html(""), ["html-only"]),
        Sample("HTML that calls itself plain", .init(text: "<html><body>hello</body></html>"), ["html-only"]),
        Sample(
            "an empty alternative", .init(text: "", html: "<p>one1 alpha bravo charlie delta echoes foxtrot"),
            ["alternative-plain-empty"]),
        Sample(
            "a link to the author", html("<a href=http://www.example.org/>x</a>"), ["html-only", "links-to-one-host"]),
        Sample(
            "links to two hosts", html("<a href=http://a.example/>x</a><a href=http://b.example/>x</a>"),
            ["html-only", "links-not-to-author"]),
        Sample(
            "a link that shows its own host", html("<a href=http://www.example.org/>http://example.org/x</a>"),
            ["html-only", "links-to-one-host"]),
        Sample("a script as a link", html("<a href='javascript:x()'>x</a>"), ["html-only", "link-script"]),
        Sample(
            "an octal host", html("<a href=http://0300.0.2.1/>x</a>"),
            ["html-only", "links-to-one-host", "links-not-to-author", "uri-numeric-host"]),
        Sample(
            "a hexadecimal host", html("<a href=http://0xC0000201/>x</a>"),
            ["html-only", "links-to-one-host", "links-not-to-author", "uri-numeric-host"]),
        Sample("a URI in text", .init(text: "http://192.0.2.1/"), ["uri-numeric-host"]),
        Sample(
            "a host of foreign letters", .init(text: "http://ex\u{430}mple.org/"),
            ["uri-foreign-host", "text-lookalike"]),
        Sample(
            "the recipient in a URI", .init(text: "http://a.example/?bob@example.net"),
            ["uri-names-recipient", "text-names-recipient"]),
        Sample("an attachment", .init(attached: ["a.pdf"]), ["attachment"]),
        Sample("an attached page", .init(attached: ["a.svg"]), ["attachment", "attachment-page"]),
        Sample("an image", html("<img src=http://www.example.org/a.png>"), ["html-only", "html-images"]),
    ]

    @Test("a message has the facts that it should have, and no others", arguments: samples)
    func facts(_ sample: Sample) throws {
        let names = Set(try sample.mail.texts().facts.map(\.name)).subtracting(["text-size"])
        #expect(names == sample.facts)
    }

    @Test("evidence is one line and bounded; facts of one name are limited")
    func bounds() throws {
        let links = (0..<100).map { "<a href=\"http://u\($0)@a.example/\(String(repeating: "x", count: 500))\">x</a>" }
        let facts = try SampleMail(text: nil, html: links.joined()).texts().facts
        #expect(facts.count { $0.name == "uri-user" } == FactFinder.repeatLimit)
        #expect(facts.allSatisfy { $0.evidence.unicodeScalars.count <= Fact.evidenceLimit })
        #expect(Fact("a", "b\nc\u{0}d").line == "a: b c d")
    }

    @Test("without a trace, Date is compared with the time of arrival where a client is known")
    func arrival() throws {
        let mail = SampleMail(drop: ["Received"], date: "Fri, 27 Nov 2026 07:00:00 +0000")
        let client = ClientInfo(address: try #require(IPAddress("192.0.2.1")))
        #expect(try !mail.texts().hasFact("date-ahead"))
        #expect(try mail.texts(.init(now: SampleMail.now, client: client)).hasFact("date-ahead"))
    }

    @Test("the envelope counts before what the message says")
    func envelope() throws {
        let envelope = Envelope(
            reversePath: .mailbox(try #require(Mailbox("x@other.example"))),
            recipients: [try #require(Mailbox("carol@example.com"))])
        let texts = try SampleMail(subject: "carol@example.com, look").texts(
            .init(now: SampleMail.now, envelope: envelope))
        #expect(texts.hasFact("reverse-path-other-domain"))
        #expect(texts.hasFact("subject-names-recipient"))
        #expect(texts.field("envelopefrom", .value) == Array("x@other.example\n".utf8))
    }

    @Test(
        "letters set apart are found where five stand in a row",
        arguments: [
            ("V i a g r a", true), ("C.A.S.H. N", true), ("L-o-a-n-s", true), ("a b c d", false),
            ("Plan A or B", false),
            ("f r e e", false), ("A 1 B 2 C 3 D 4 E", false), ("x = a + b", false), ("ä b c d e f", true),
        ])
    func spaced(_ text: String, _ expected: Bool) {
        #expect((SpacedLetters.find(in: Array(text.utf8)) != nil) == expected)
    }
}
