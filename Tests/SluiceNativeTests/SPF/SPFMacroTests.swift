// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceNative

@Suite("The macros of SPF")
struct SPFMacroTests {
    /// The examples of RFC 7208 §7.4.
    static func context(_ client: String = "192.0.2.3") throws -> SPFMacroContext {
        SPFMacroContext(
            localPart: "strong-bad", senderDomain: "email.example.com", domain: "email.example.com",
            client: try #require(IPAddress(client)), helo: "mail.example.net", receivingHost: "mx.example.org",
            time: 1_000_000_000)
    }

    static func target(_ text: String, _ context: SPFMacroContext) throws -> String {
        try SPFMacroString(domainSpec: Array(text.utf8)[...], of: []).targetName(in: context).text
    }

    static func explained(_ text: String, _ context: SPFMacroContext) throws -> String {
        try SPFMacroString(explainString: Array(text.utf8)).explanation(in: context)
    }

    @Test(
        "macros expand as in the examples of the RFC",
        arguments: [
            ("%{s}", "strong-bad@email.example.com"), ("%{o}", "email.example.com"), ("%{d}", "email.example.com"),
            ("%{d4}", "email.example.com"), ("%{d3}", "email.example.com"), ("%{d2}", "example.com"),
            ("%{d1}", "com"), ("%{dr}", "com.example.email"), ("%{d2r}", "example.email"), ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"), ("%{lr}", "strong-bad"), ("%{lr-}", "bad.strong"), ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
            ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
            ("%{h}", "mail.example.net"), ("%{p}", "unknown"), ("a%%b%_c%-d.test", "a%b c%20d.test"),
            ("%{d}.x.test.", "email.example.com.x.test"), ("%{L}", "strong-bad"),
        ])
    func examples(_ text: String, _ expected: String) throws {
        #expect(try Self.target(text, try Self.context()) == expected)
    }

    @Test("an IPv6 address expands to its nibbles")
    func ipv6() throws {
        let context = try Self.context("2001:db8::cb01")
        #expect(
            try Self.target("%{ir}.%{v}._spf.%{d2}", context)
                == "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com")
        #expect(try Self.explained("%{c}", context) == "2001:db8::cb01")
    }

    @Test("upper-case letters escape what a URL can't hold")
    func escaping() throws {
        var context = try Self.context()
        context.localPart = "~jack&jill=up-a_b3.c/\u{E9}"
        #expect(try Self.explained("?l=%{L}", context) == "?l=~jack%26jill%3Dup-a_b3.c%2F%C3%A9")
    }

    @Test("each delimiter splits, and a dot joins again")
    func delimiters() throws {
        var context = try Self.context()
        context.localPart = "a.b-c+d,e/f_g=h"
        #expect(try Self.target("%{l.-+,/_=}.test", context) == "a.b.c.d.e.f.g.h.test")
        #expect(try Self.target("%{l2r-+}.test", context) == "c.a.b.test")
        #expect(try Self.target("%{lr-}.test", context) == "c+d,e/f_g=h.a.b.test")
        context.localPart = "--"
        #expect(try Self.target("x%{l-}.test", context) == "x...test")
    }

    @Test("the letters c, r and t expand in explanations")
    func explanationLetters() throws {
        #expect(
            try Self.explained("from %{c} to %{r} at %{t}, %{C}%%", try Self.context())
                == "from 192.0.2.3 to mx.example.org at 1000000000, 192.0.2.3%")
    }

    @Test("an explanation is printable ASCII whatever the local-part is, and of bounded length")
    func sanitised() throws {
        var context = try Self.context()
        context.localPart = "a\r\nb\u{E9}"
        #expect(try Self.explained("%{l}!", context) == "a??b??!")
        let long = try Self.explained(String(repeating: "%{s}", count: 10_000), context)
        #expect(long.utf8.count == SPFMacroString.explanationLimit)
    }

    @Test("an explanation with octets that are not ASCII, or with an unknown macro, is none")
    func badExplanations() {
        for text in ["\u{FEFF}x", "%{x}", "%", "tab\there", "line\n", "%{d", "%(d)"] {
            #expect(throws: SPFSyntaxError.self) { try SPFMacroString(explainString: Array(text.utf8)) }
        }
    }

    @Test("a name of more than 253 octets loses labels on its left")
    func truncation() throws {
        let context = try Self.context()
        let text = "cut." + String(repeating: "%{d}.", count: 14) + "x.test"
        // 13 times 18 octets and "x.test" are 240; "example.com." makes them 252.
        let expected = "example.com." + String(repeating: "email.example.com.", count: 13) + "x.test"
        #expect(try Self.target(text, context) == expected)
    }

    @Test("a name of exactly 253 octets is kept, one of 254 is cut", arguments: [253, 254])
    func truncationBoundary(_ length: Int) throws {
        var context = try Self.context()
        let tail = ".b.test"
        let labels = Array(repeating: String(repeating: "a", count: 49), count: 4).joined(separator: ".")
        context.localPart = String(repeating: "x", count: length - labels.utf8.count - tail.utf8.count - 1)
        let name = try Self.target("%{l}.\(labels)\(tail).", context)
        #expect(name.utf8.count == (length == 253 ? 253 : (labels + tail).utf8.count))
    }

    @Test("a label without a dot that is longer than a name leaves no name")
    func nothingLeft() throws {
        var context = try Self.context()
        context.localPart = String(repeating: "x", count: 300)
        let name = try SPFMacroString(domainSpec: Array("%{l}".utf8)[...], of: []).targetName(in: context)
        #expect(name == SPFDomainName([]))
        #expect(!name.isWellFormed)
    }

    @Test("thousands of macros cost no more than the name they make")
    func hostileLength() throws {
        let text = String(repeating: "%{s}", count: 16_000) + ".test"
        let name = try Self.target(text, try Self.context())
        #expect(name.utf8.count <= 253 && name.hasSuffix(".test"))
    }

    @Test(
        "a domain name is well formed if the DNS can be asked for it",
        arguments: [
            ("a.test", true, true), ("test", true, false), ("", false, false), ("a..test", false, false),
            (".test", false, false), (String(repeating: "a", count: 63) + ".test", true, true),
            (String(repeating: "a", count: 64) + ".test", false, false), ("foo:bar/baz.test", true, true),
            ("a\0b.test", false, false), ("A.Test.", true, true),
        ])
    func names(_ text: String, _ wellFormed: Bool, _ qualified: Bool) {
        let name = SPFDomainName(identity: text)
        #expect(name.isWellFormed == wellFormed)
        #expect(name.isFullyQualified == qualified)
    }
}
