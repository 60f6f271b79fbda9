// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
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
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let value = random.octets(30, from: Array("a@<>(),;:\"\\. ".utf8))
            let field = HeaderField(name: "From", value: String(decoding: value, as: UTF8.self))
            let domains = HeaderSection([field]).authorDomains
            #expect(domains.allSatisfy { !$0.isEmpty && !$0.contains(" ") })
        }
    }
}
