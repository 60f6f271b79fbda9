// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@Suite("Author domains") struct AuthorDomainTests {
    @Test(
        "the domains of From",
        arguments: [
            ("ann@Example.ORG", ["example.org"]), ("Ann <ann@example.org>", ["example.org"]),
            ("\"Ann, <x@fake.example>\" <ann@example.org>", ["example.org"]),
            ("ann@example.org (x@fake.example, (y) \\) z)", ["example.org"]),
            ("Ann <ann@a.example>, bob@b.example, Carol <c@a.example>", ["a.example", "b.example"]),
            ("\"a@fake.example\"@example.org", ["example.org"]),
            ("Team: a@a.example, B <b@b.example>;", ["a.example", "b.example"]),
            ("<@relay.example,@other.example:ann@example.org>", ["example.org"]),
            ("x@fake.example <ann@example.org>", ["example.org"]),
            ("<ann@example.org> x@fake.example", ["example.org"]),
            ("Ann <ann @ example.org\r\n >", ["example.org"]), ("ann", []), ("", []), ("<>", []), ("ann@", []),
            ("\"unfinished", []), ("ann@\"x y\".example.org", []), ("(unfinished", []),
            ("Ann <ann@example.org", ["example.org"]),
            ("a@b@example.org", ["example.org"]),
        ])
    func domains(value: String, expected: [String]) {
        let header = HeaderSection([HeaderField(name: "From", value: value)])
        #expect(header.authorDomains == expected)
    }

    @Test("all From fields count, other fields do not")
    func severalFields() {
        let header = HeaderSection([
            HeaderField(name: "Sender", value: "s@s.example"), HeaderField(name: "from", value: "a@a.example"),
            HeaderField(name: "FROM", value: "b@b.example"),
        ])
        #expect(header.authorDomains == ["a.example", "b.example"])
    }

    @Test("no more than 100 are listed")
    func limit() {
        let value = (0..<5000).map { "a@d\($0).example" }.joined(separator: ",")
        #expect(HeaderSection([HeaderField(name: "From", value: value)]).authorDomains.count == 100)
    }

    @Test("any octets are read", arguments: UInt64(1)...5)
    func anyOctets(seed: UInt64) {
        var state = seed
        let alphabet = Array("a@<>(),;:\"\\. ".unicodeScalars)
        for _ in 0..<300 {
            var value = String.UnicodeScalarView()
            for _ in 0..<30 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                value.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            let domains = HeaderSection([HeaderField(name: "From", value: String(value))]).authorDomains
            #expect(domains.allSatisfy { !$0.isEmpty && !$0.contains(" ") })
        }
    }
}
