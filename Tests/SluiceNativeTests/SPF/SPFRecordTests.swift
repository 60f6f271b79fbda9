// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SluiceNative

@Suite("The grammar of an SPF record")
struct SPFRecordTests {
    static func parse(_ text: String) throws -> SPFRecord { try SPFRecord(parsing: Array(text.utf8)) }

    @Test(
        "what RFC 7208 allows is read",
        arguments: [
            "v=spf1", "V=SPF1 -ALL", "v=spf1 ", "v=spf1   a   -all  ", "v=spf1 +all ~all ?all all",
            "v=spf1 a a/0 a/24 a//64 a/24//64 a:x.test a:x.test/32 a:x.test//128 a:x.test/0//0",
            "v=spf1 mx mx/8 mx:%{d}/24 mx:%{d1r.-}.x.test//0", "v=spf1 ptr ptr:x.test",
            "v=spf1 ip4:0.0.0.0 ip4:255.255.255.255/32 ip4:10.0.0.0/8 ip4:1.2.3.4/0",
            "v=spf1 ip6::: ip6:::1 ip6:2001:DB8::/32 ip6:1:2:3:4:5:6:7:8/128 ip6:::ffff:192.0.2.1 ip6:::/0",
            "v=spf1 ip6:2001:db8:1234:5678:9abc:def0:192.0.2.255/127",
            "v=spf1 include:x.test include:_spf.%{d2} -include:x.test.",
            "v=spf1 exists:%{ir}.%{v}._spf.%{d} exists:%%.%_.%-.x.test exists:foo%%",
            "v=spf1 a:foo:bar/baz.x.test a:-x-.test a:x.xn--zckzah a:1-1.2-b a:x.1a",
            "v=spf1 redirect=x.test exp=y.test", "v=spf1 redirect=%{d}.x.test -all REDIRECT.x=1 eXp-x=%{l}",
            "v=spf1 moo= moo=x moo=%{d}/=:x a=b all=x ip4=1.2.3.4 m-_.0=1",
            "v=spf1 a:%{S}.%{L}.%{O}.%{D}.%{I}.%{P}.%{V}.%{H}.test",
            "v=spf1 a:%{d128}.test a:%{d99999999999999999999}.test a:%{l01R+-,/_=}.test",
        ])
    func accepted(_ text: String) throws { _ = try Self.parse(text) }

    @Test(
        "what RFC 7208 does not allow is refused",
        arguments: [
            "", "v=spf", "v=spf10", "v=spf2.0/mfrom -all", " v=spf1", "v=spf1\t-all", "v=spf1,-all",
            "v=spf1 -all\n", "v=spf1 -all\r", "v=spf1 a\u{E9}", "v=spf1 \u{80}a", "v=spf1 a:x.test\0",
            "v=spf1 -all.", "v=spf1 all:x.test", "v=spf1 all/8", "v=spf1 foo", "v=spf1 foo:x.test", "v=spf1 --all",
            "v=spf1 -", "v=spf1 :", "v=spf1 /24", "v=spf1 !all", "v=spf1 - all",
            "v=spf1 a:", "v=spf1 a:/24", "v=spf1 a/", "v=spf1 a//", "v=spf1 a/24/64", "v=spf1 a//64/24", "v=spf1 a/33",
            "v=spf1 a//129", "v=spf1 a/024", "v=spf1 a//00", "v=spf1 a/-1", "v=spf1 a/2x", "v=spf1 a/24//",
            "v=spf1 a:x", "v=spf1 a:x.", "v=spf1 a:.", "v=spf1 a:x.test/", "v=spf1 a:x.test//",
            "v=spf1 a:1.2.3.4", "v=spf1 a:x.-test", "v=spf1 a:x.test-", "v=spf1 a:x.te_st", "v=spf1 a:x.test:8080",
            "v=spf1 a:x.test..", "v=spf1 a:x..", "v=spf1 a:%{d}x", "v=spf1 a:%{d}.", "v=spf1 a:x.1",
            "v=spf1 mx:", "v=spf1 mx/33", "v=spf1 mxx", "v=spf1 ptr:", "v=spf1 ptr/24", "v=spf1 ptr:x.test/24",
            "v=spf1 include", "v=spf1 include:", "v=spf1 include/24", "v=spf1 include:x.test/24",
            "v=spf1 exists", "v=spf1 exists:", "v=spf1 exists:x.test/24",
            "v=spf1 ip4", "v=spf1 ip4:", "v=spf1 ip4/24", "v=spf1 ip4:1.2.3", "v=spf1 ip4:1.2.3.4.5",
            "v=spf1 ip4:256.1.1.1", "v=spf1 ip4:1.2.3.04", "v=spf1 ip4:1.2.3.4/", "v=spf1 ip4:1.2.3.4/33",
            "v=spf1 ip4:1.2.3.4/032", "v=spf1 ip4:1.2.3.4//32", "v=spf1 ip4:::1", "v=spf1 ip4:%{i}",
            "v=spf1 ip6", "v=spf1 ip6:", "v=spf1 ip6:1.2.3.4", "v=spf1 ip6:1:2:3:4:5:6:7", "v=spf1 ip6:::1/129",
            "v=spf1 ip6:::1//64", "v=spf1 ip6:1::2::3", "v=spf1 ip6:12345::", "v=spf1 ip6:g::", "v=spf1 ip6:::1%eth0",
            "v=spf1 ip6:1.2.3.4::", "v=spf1 ip6:::1.2.3.4:5", "v=spf1 ip6:::1.2.3.04", "v=spf1 ip6:::/064",
            "v=spf1 redirect=", "v=spf1 redirect=x", "v=spf1 -redirect=x.test", "v=spf1 redirect:x.test",
            "v=spf1 redirect=x.test redirect=x.test", "v=spf1 redirect=x.test REDIRECT=y.test",
            "v=spf1 exp=", "v=spf1 exp=-all", "v=spf1 exp=x.test Exp=x.test", "v=spf1 exp=%{c}.test",
            "v=spf1 exp=%{r}.test", "v=spf1 exists:%{t}.test", "v=spf1 moo=%{C}",
            "v=spf1 =x", "v=spf1 1up=x", "v=spf1 m%{d}=x", "v=spf1 moo=%", "v=spf1 moo=%x", "v=spf1 moo=%abc",
            "v=spf1 a:%.test", "v=spf1 a:%(d).test", "v=spf1 a:%{}.test", "v=spf1 a:%{x}.test", "v=spf1 a:%{d.test",
            "v=spf1 a:%{d0}.test", "v=spf1 a:%{d00}.test", "v=spf1 a:%{dr1}.test", "v=spf1 a:%{d1rr}.test",
            "v=spf1 a:%{d;}.test", "v=spf1 a:%{dd}.test", "v=spf1 a:%{%{d}}.test", "v=spf1 a:%{d}}",
            "v=spf1 a:%{ d}.test",
        ])
    func refused(_ text: String) { #expect(throws: SPFSyntaxError.self) { try Self.parse(text) } }

    @Test("one wrong term behind -all makes the whole record wrong")
    func lateError() { #expect(throws: SPFSyntaxError.self) { try Self.parse("v=spf1 ip4:192.0.2.1 -all bogus") } }

    @Test("terms are read with qualifier, domain and prefix lengths")
    func values() throws {
        let record = try Self.parse("v=spf1 ~MX/24//64 ip6:2001:db8::/32 ?exists:x.test redirect=r.test exp=e.test x=y")
        let target = try SPFMacroString(domainSpec: Array("x.test".utf8)[...], of: [])
        #expect(record.directives.map(\.qualifier) == [.softfail, .pass, .neutral])
        #expect(
            record.directives.map(\.mechanism) == [
                .mailExchange(nil, SPFPrefixLengths(ipv4: 24, ipv6: 64)), .ip6(network: "2001:db8::", prefix: 32),
                .exists(target),
            ])
        #expect(record.directives.map(\.written) == ["~MX/24//64", "ip6:2001:db8::/32", "?exists:x.test"])
        #expect(record.redirect?.elements == [.literal(Array("r.test".utf8))])
        #expect(record.explanation?.elements == [.literal(Array("e.test".utf8))])
    }

    @Test("a record is told from other texts by its first term")
    func selection() {
        for text in ["v=spf1", "v=spf1 ", "V=sPf1 -all"] { #expect(SPFRecord.isRecord(Array(text.utf8))) }
        for text in ["", "v=spf1-all", "v=spf10", " v=spf1", "v=spf", "spf1", "v=spf1\t"] {
            #expect(!SPFRecord.isRecord(Array(text.utf8)))
        }
    }

    @Test("too many terms and too many octets are refused with a reason")
    func limits() throws {
        let term = " ip4:192.0.2.1"
        let most = "v=spf1" + String(repeating: term, count: SPFRecord.termLimit)
        #expect(try Self.parse(most).directives.count == SPFRecord.termLimit)
        let error = #expect(throws: SPFSyntaxError.self) { try Self.parse(most + term) }
        #expect(error?.description == "the record has more than 2000 terms")
        let long = "v=spf1 x=" + String(repeating: "y", count: SPFRecord.octetLimit)
        #expect(throws: SPFSyntaxError.self) { try Self.parse(long) }
    }

    @Test("a reason shows the term, without its unprintable octets, and not at any length")
    func reasons() {
        let error = #expect(throws: SPFSyntaxError.self) { try Self.parse("v=spf1 a:x\u{1B}[31m") }
        #expect(error?.description == "'a:x?[31m': only printable ASCII may stand in a record")
        let long = #expect(throws: SPFSyntaxError.self) {
            try Self.parse("v=spf1 " + String(repeating: "z", count: 60_000))
        }
        #expect((long?.description.utf8.count ?? 0) < 200)
    }
}
