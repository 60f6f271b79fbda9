// SPDX-License-Identifier: Apache-2.0
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("An Authentication-Results field") struct AuthservIDTests {
    private func claims(_ value: String) -> Bool { AuthservID.claims("mx.example.org", Array(value.utf8)) }

    @Test(
        "that claims to be ours is known in every spelling",
        arguments: [
            "mx.example.org; spf=pass", "MX.Example.ORG; spf=pass", "  mx.example.org;spf=pass", "\tmx.example.org",
            "mx.example.org 1; spf=pass", "mx.example.org(1); none", "(a comment) mx.example.org; none",
            "(a (nested) comment)mx.example.org ; none", #"(a \) comment) mx.example.org; none"#,
            #""mx.example.org"; none"#, #""mx.example\.org"; none"#, #"(c) "MX.example.org" 1; none"#,
            #"" mx.example.org ""#, "mx.example.org.; none", "mx.example.org/1; none", "mx.example.org=1",
            "\u{B}mx.example.org\u{C}; none",
        ])
    func ours(_ value: String) { #expect(claims(value)) }

    @Test(
        "of another host is not ours",
        arguments: [
            "mx.example.net; spf=pass", "mx.example.org.evil.test; spf=pass", "notmx.example.org; none",
            "mx; none", "(mx.example.org) other.test; none", #""mx.example.org.evil"; none"#,
            "other.test; spf=pass smtp.mailfrom=mx.example.org",
        ])
    func others(_ value: String) { #expect(!claims(value)) }

    @Test(
        "that can't be read is taken for a claim, so that a forgery can't pass by being malformed",
        arguments: ["", ";", "(unclosed mx.example.org", "\"\"; none", "; spf=pass", "()"])
    func unreadable(_ value: String) { #expect(claims(value)) }

    @Test("never crashes on random octets, and random comments before our id do not hide it")
    func random() {
        var random = SeededGenerator(seed: 5)
        let alphabet = Array(#"()\" ;mx.example.org"#.utf8)
        for _ in 0..<3000 {
            let octets = random.octets(Int.random(in: 0...40, using: &random), from: alphabet)
            _ = AuthservID.claims("mx.example.org", octets)
            let comment = octets.filter { !#"()\"#.utf8.contains($0) }
            #expect(AuthservID.claims("mx.example.org", [0x28] + comment + Array(") mx.example.org;".utf8)))
        }
    }
}
