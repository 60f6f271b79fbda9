// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@Suite("Paths and mailboxes (RFC 5321 §4.1.2)")
struct PathParserTests {
    private func forward(_ text: String, postmaster: Bool = true) -> Mailbox? {
        var parser = PathParser(Array(text.utf8))
        guard let mailbox = parser.forwardPath(postmaster: postmaster), parser.atEnd else { return nil }
        return mailbox
    }

    @Test(
        "a forward-path that the grammar allows is read",
        arguments: [
            ("<a@b>", "a", "b"), ("<a.b@c.d>", "a.b", "c.d"), ("<A.B@Example.ORG>", "A.B", "example.org"),
            ("<!#$%&'*+-/=?^_`{|}~@x>", "!#$%&'*+-/=?^_`{|}~", "x"),
            ("<\"a b\"@c>", "a b", "c"), ("<\"a\\\"b\\\\\"@c>", "a\"b\\", "c"), ("<\"\"@c>", "", "c"),
            ("<\"a@b\"@c>", "a@b", "c"), ("<\"\\a\"@c>", "a", "c"),
            ("<a@[192.0.2.1]>", "a", "[192.0.2.1]"), ("<a@[IPv6:2001:db8::1]>", "a", "[ipv6:2001:db8::1]"),
            ("<@a,@b:c@d>", "c", "d"), ("<@a.example:c@d>", "c", "d"),
            ("<postmaster>", "postmaster", ""), ("<PostMaster>", "PostMaster", ""),
            ("<ü@ü.example>", "ü", "ü.example"), ("<a_b@c_d.e>", "a_b", "c_d.e"), ("<a@1-2.3>", "a", "1-2.3"),
        ])
    func accepted(text: String, localPart: String, domain: String) {
        #expect(forward(text) == Mailbox(localPart: localPart, domain: domain))
    }

    @Test(
        "what the grammar does not allow is refused",
        arguments: [
            "", "<", "<>", "a@b", "<a@b", "<a>", "<a@>", "<@b>", "<a@b>x", "<a@b> ", "< a@b>", "<a @b>", "<a@ b>",
            "<.a@b>", "<a.@b>", "<a..b@c>", "<a@b.>", "<a@.b>", "<a@b..c>", "<a@b@c>", "<a(comment)@b>", "<a,b@c>",
            "<a;b@c>", "<\"a@b>", "<\"a\"b@c>", "<\"a\u{0}\"@b>", "<\"a\r\n\"@b>", "<\"a\\\u{7}\"@b>", "<a\u{0}@b>",
            "<a@b\u{0}>", "<@a,b:c@d>", "<@a:c>", "<@a c@d>", "<@:c@d>", "<a@[192.0.2]>", "<a@[300.0.2.1]>",
            "<a@[IPv6:1]>", "<a@[2001:db8::1]>", "<a@[tag:x]>", "<a@[192.0.2.1>", "<postmaster@>", "<\\a@b>",
        ])
    func refused(text: String) {
        #expect(forward(text) == nil)
    }

    @Test("octets that are no UTF-8 are refused")
    func notUTF8() {
        for octets in [[0x3C, 0x61, 0xFF, 0x40, 0x62, 0x3E], [0x3C, 0x61, 0x40, 0x62, 0xC3, 0x3E]] as [[UInt8]] {
            var parser = PathParser(octets)
            #expect(parser.forwardPath() == nil)
        }
    }

    @Test(
        "64 octets of local-part, 255 of domain and 63 of label are the limits (RFC 5321 §4.5.3.1)",
        arguments: [-1, 0, 1])
    func limits(over: Int) {
        func text(_ count: Int, _ character: String = "a") -> String { String(repeating: character, count: count) }
        let isAccepted = over <= 0
        #expect((forward("<\(text(64 + over))@b>") != nil) == isAccepted)
        #expect((forward("<\"\(text(64 + over, " "))\"@b>") != nil) == isAccepted)
        #expect((forward("<a@\(text(63 + over))>") != nil) == isAccepted)
        let labels = text(63) + "." + text(63) + "." + text(63) + "."
        #expect((forward("<a@\(labels)\(text(63 + over))>") != nil) == isAccepted)
        #expect((forward("<a@\(labels)\(text(60)).\(text(2 + over))>") != nil) == isAccepted)
    }

    @Test("<postmaster> without a domain is a forward-path only, and only where it may stand")
    func postmaster() {
        #expect(forward("<postmaster>", postmaster: false) == nil)
        #expect(forward("<postmaster@x>", postmaster: false)?.isPostmaster == true)
        #expect(forward("<Postmaster>")?.isPostmaster == true)
        #expect(forward("<postmaster1@x>")?.isPostmaster == false)
        var parser = PathParser(Array("<postmaster>".utf8))
        #expect(parser.reversePath() == nil)
    }

    @Test("the null reverse-path is read, and others as mailboxes")
    func reversePath() {
        var null = PathParser(Array("<> SIZE=1".utf8))
        #expect(null.reversePath() == .null)
        #expect(null.position == 2 && !null.atEnd)
        var routed = PathParser(Array("<@relay:a@b>".utf8))
        #expect(routed.reversePath() == .mailbox(Mailbox(localPart: "a", domain: "b")))
        #expect(routed.atEnd)
        for text in ["", "<", "< >", "<<>>", "<a>"] {
            var parser = PathParser(Array(text.utf8))
            #expect(parser.reversePath() == nil, "\(text)")
        }
    }

    @Test("what is written is read again as the same mailbox")
    func roundTrip() {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("ab.\"\\ @%!<>,;()[]ü😀'".unicodeScalars)
        for _ in 0..<2_000 {
            var localPart = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                localPart.append(alphabet.randomElement(using: &random) ?? "a")
            }
            let mailbox = Mailbox(localPart: String(localPart), domain: "Example.org")
            #expect(Mailbox(mailbox.written) == mailbox, "\(mailbox.written)")
            #expect(forward("<\(mailbox.written)>") == mailbox)
        }
    }

    @Test("random octets never trap, and what is read is written so that it is read again")
    func randomOctets() {
        var random = SeededGenerator(seed: 12)
        let alphabet = Array("<>@.,:\"\\[]aIPv6:1-_ ".utf8) + [0, 0xC3, 0xBC]
        for _ in 0..<20_000 {
            var parser = PathParser(random.octets(Int.random(in: 0...16, using: &random), from: alphabet))
            guard let mailbox = parser.forwardPath() else { continue }
            #expect(Mailbox(mailbox.written) == mailbox, "\(mailbox.written)")
        }
    }
}
