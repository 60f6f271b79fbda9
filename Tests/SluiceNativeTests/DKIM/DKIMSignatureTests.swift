// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceNative

@Suite("The tags of a DKIM-Signature field (RFC 6376 §3.5)") struct DKIMSignatureTests {
    static let hash = DKIMBase64.encode([UInt8](repeating: 7, count: 32))
    static let good = [
        ("v", "1"), ("a", "rsa-sha256"), ("d", "Example.org"), ("s", "S1"), ("h", "From:to"), ("bh", hash),
        ("b", "AAAA"),
    ]

    /// The tags with one changed, added (a name that is not there) or taken out (`nil`).
    static func read(_ name: String, _ value: String?) throws -> DKIMSignature {
        var tags = good
        if let index = tags.firstIndex(where: { $0.0 == name }) {
            tags.remove(at: index)
            if let value { tags.insert((name, value), at: index) }
        } else if let value {
            tags.append((name, value))
        }
        return try DKIMSignature(DKIMTagList(Array(tags.map { "\($0.0)=\($0.1)" }.joined(separator: "; ").utf8)))
    }

    @Test("the least that a signature needs")
    func least() throws {
        let signature = try Self.read("v", "1")
        #expect(signature.domain == "example.org")
        #expect(signature.selector == "s1")
        #expect(signature.algorithm == .rsaSHA256)
        #expect(signature.identity == "@example.org")
        #expect(signature.canonicalization == DKIMCanonicalization(header: .simple, body: .simple))
        #expect(signature.signedFieldNames == ["from", "to"])
        #expect(signature.bodyLength == nil)
    }

    @Test("a tag that has to be there is missing, or empty", arguments: ["v", "a", "d", "s", "h", "bh", "b"])
    func missing(name: String) {
        #expect(throws: DKIMSyntaxError.self) { try Self.read(name, nil) }
        #expect(throws: DKIMSyntaxError.self) { try Self.read(name, "") }
    }

    @Test(
        "a value that the RFC does not allow",
        arguments: [
            ("v", "2"), ("v", "01"), ("v", "DKIM1"), ("a", "rsa-sha1"), ("a", "rsa-sha512"), ("a", "rsa"),
            ("d", "exam ple.org"), ("d", "example..org"), ("d", ".org"), ("d", "example.org."), ("d", "-a.org"),
            ("d", "a/b"), ("s", "a b"), ("s", "a..b"), ("h", "to:subject"), ("h", "from:"), ("h", "from::to"),
            ("bh", "AAAA"), ("bh", "*"), ("b", "A"), ("b", "AA*A"), ("c", "strict"), ("c", "relaxed/"),
            ("c", "simple/simple/simple"), ("c", ""), ("i", "a@other.org"), ("i", "a@xexample.org"),
            ("i", "example.org"),
            ("i", "a@"), ("i", "=4@example.org"), ("i", "a=+4@example.org"), ("l", "x"), ("l", "-1"), ("l", ""),
            ("t", "1e3"), ("t", "1234567890123"), ("x", "soon"), ("q", "http"), ("q", "dns"), ("q", ""),
        ])
    func invalid(name: String, value: String) {
        #expect(throws: DKIMSyntaxError.self) { try Self.read(name, value) }
    }

    @Test(
        "a value that the RFC allows",
        arguments: [
            ("c", "relaxed"), ("c", "relaxed/simple"), ("i", "@example.org"), ("i", "a@sub.example.org"),
            ("i", "a=40b@EXAMPLE.ORG"), ("l", "0"), ("t", "0"), ("x", "999999999999"), ("q", "dns/txt"),
            ("q", "x : dns/txt"), ("z", "From:a=20b|To:c"), ("x9", "anything at all"), ("s", "a_1.b-2"),
            ("d", "localhost"),
            ("h", "to : FROM\r\n\t: x-y"),
        ])
    func valid(name: String, value: String) throws { _ = try Self.read(name, value) }

    @Test("i= is read without its quoted-printable")
    func identity() throws {
        let signature = try Self.read("i", "f=20o\r\n\to@sub.example.org")
        #expect(signature.identity == "f oo@sub.example.org")
        #expect(signature.identityIsInSubdomain)
        #expect(try Self.read("i", "a@EXAMPLE.org").identityIsInSubdomain == false)
    }

    @Test("x= has to come after t=")
    func times() {
        let tags = Self.good.map { "\($0.0)=\($0.1)" }.joined(separator: "; ")
        for (t, x, isRight) in [(5, 6, true), (5, 5, false), (6, 5, false)] {
            let list = "\(tags); t=\(t); x=\(x)"
            if isRight {
                #expect(throws: Never.self) { try DKIMSignature(DKIMTagList(Array(list.utf8))) }
            } else {
                #expect(throws: DKIMSyntaxError.self) { try DKIMSignature(DKIMTagList(Array(list.utf8))) }
            }
        }
    }

    @Test("a signature has expired when the second of x= is over")
    func expiry() throws {
        let signature = try Self.read("x", "1000")
        #expect(throws: Never.self) { try signature.check(at: Timestamp(seconds: 1000)) }
        #expect(throws: DKIMSyntaxError.self) { try signature.check(at: Timestamp(seconds: 1001)) }
    }

    @Test("the clock drift makes libopendkim go by the time given, or there is none")
    func clockDrift() throws {
        let machine: Int64 = 1_800_000_000
        #expect(DKIMVerifier.clockDrift(try Self.read("q", "dns/txt"), machine: machine) == 0)
        let expired = try #require(DKIMVerifier.clockDrift(try Self.read("x", "1700000000"), machine: machine))
        #expect(1_700_000_000 + expired > UInt64(machine))
        let future = try #require(DKIMVerifier.clockDrift(try Self.read("t", "1900000000"), machine: machine))
        #expect(1_900_000_000 - future <= UInt64(machine))
        let tags = Self.good.map { "\($0.0)=\($0.1)" }.joined(separator: "; ") + "; t=1; x=1700000000"
        #expect(DKIMVerifier.clockDrift(try DKIMSignature(DKIMTagList(Array(tags.utf8))), machine: machine) == nil)
    }
}
