// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer
import Testing

@Suite("A zone file") struct ZoneFileTests {
    private let text = """
        Example.test:
          - TXT: "v=spf1 mx -all"
          - MX: [10, mail.example.test.]
          - A: 192.0.2.1
          - AAAA: 2001:db8::1
          - TXT: ["one character-string", "and a second"]
        sel._domainkey.example.test: [{TXT: "v=DKIM1; p=\\u00ff"}]
        alias.test: [{CNAME: Example.test}]
        1.2.0.192.in-addr.arpa: [{PTR: mail.example.test}]
        nomail.test: [{MX: [0, "."]}]
        slow.test: [TIMEOUT]
        broken.test: [SERVFAIL]
        both.test: [TIMEOUT, {A: 192.0.2.9}]
        empty.test: []
        """

    private func ask(_ name: String, _ type: DNSRecordType) async throws -> DNSAnswer {
        try await ZoneFile.read(text, file: "zone.yml").get().resolve(DNSQuestion(name, type))
    }

    @Test("answers as it says, names without case")
    func answers() async throws {
        let texts = try await ask("EXAMPLE.TEST.", .txt).records
        #expect(
            texts == [
                .text([Array("v=spf1 mx -all".utf8)]),
                .text([Array("one character-string".utf8), Array("and a second".utf8)]),
            ])
        #expect(
            try await ask("example.test", .mx).records == [.mailExchange(preference: 10, exchange: "mail.example.test")]
        )
        #expect(try await ask("alias.test", .a).records == [.address(try #require(IPAddress("192.0.2.1")))])
        #expect(try await ask("example.test", .aaaa).records == [.address(try #require(IPAddress("2001:db8::1")))])
        #expect(try await ask("1.2.0.192.in-addr.arpa", .ptr).records == [.name("mail.example.test")])
        #expect(try await ask("nomail.test", .mx).records == [.mailExchange(preference: 0, exchange: "")])
        #expect(
            try await ask("sel._domainkey.example.test", .txt).records == [.text([Array("v=DKIM1; p=".utf8) + [0xFF]])])
    }

    @Test("tells NXDOMAIN, NODATA, time-out and failure apart")
    func outcomes() async throws {
        #expect(try await ask("nowhere.test", .a).outcome == .nameError)
        #expect(try await ask("nomail.test", .a).outcome == .noData)
        #expect(try await ask("empty.test", .a).outcome == .noData)
        #expect(try await ask("slow.test", .a).outcome == .timedOut)
        #expect(try await ask("broken.test", .txt).outcome == .serverFailure)
        #expect(try await ask("both.test", .a).outcome == .records)
        #expect(try await ask("both.test", .txt).outcome == .timedOut)
        #expect(throws: Never.self) { try ZoneFile.read("", file: "z").get() }
    }

    @Test("reports every mistake at once, with its place")
    func mistakes() {
        let text = """
            a.test: [{A: 300.0.0.1}, {AAAA: 192.0.2.1}, {MX: mail.test}, {MX: [70000, m.test]}]
            b.test: text
            c.test: [{BOGUS: x}, something, {TXT: {a: b}}, {AAAA: "::ffff:192.0.2.1"}]
            """
        guard case .failure(let error) = ZoneFile.read(text, file: "z.yml") else {
            Issue.record("it was taken")
            return
        }
        #expect(error.diagnostics.map(\.mark.line) == [1, 1, 1, 1, 2, 3, 3, 3, 3])
        #expect(error.description.hasPrefix("z.yml:1:14: this is no data of a A record"))
        #expect(error.description.contains("z.yml:3:11: unknown record type BOGUS, one of A, AAAA, MX"))
    }

    @Test("that is no YAML, or no mapping, is refused", arguments: ["[", "- a", "text", "a: [b"])
    func broken(_ text: String) {
        #expect(throws: ZoneFileError.self) { try ZoneFile.read(text, file: "z.yml").get() }
    }
}
