// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@Suite("Mailboxes and reverse-paths")
struct MailboxTests {
    @Test("the domain compares without case, the local-part with it")
    func equality() {
        #expect(Mailbox("a@EXAMPLE.org") == Mailbox("a@example.ORG"))
        #expect(Mailbox("A@example.org") != Mailbox("a@example.org"))
        #expect(Mailbox("\"a\"@example.org") == Mailbox("a@example.org"))
    }

    @Test(
        "a local-part is quoted where it has to be",
        arguments: [
            ("a.b", "a.b@x"), ("", "\"\"@x"), (".a", "\".a\"@x"), ("a.", "\"a.\"@x"), ("a..b", "\"a..b\"@x"),
            ("a b", "\"a b\"@x"), ("a\"b", "\"a\\\"b\"@x"), ("a\\b", "\"a\\\\b\"@x"), ("a@b", "\"a@b\"@x"),
        ])
    func written(localPart: String, written: String) {
        #expect(Mailbox(localPart: localPart, domain: "x").written == written)
    }

    @Test("the postmaster without a domain is written without an at sign")
    func postmaster() {
        #expect(Mailbox("postmaster")?.written == "postmaster")
        #expect(Mailbox("somebody") == nil)
    }

    @Test("an address literal is told from a name")
    func literal() {
        #expect(Mailbox("a@[192.0.2.1]")?.hasAddressLiteral == true)
        #expect(Mailbox("a@192.0.2.1")?.hasAddressLiteral == false)
    }

    @Test("mailboxes and reverse-paths are stored as they are written")
    func codable() throws {
        let paths = [ReversePath.null, .mailbox(Mailbox(localPart: "a b", domain: "x"))]
        let data = try JSONEncoder().encode(paths)
        #expect(String(decoding: data, as: UTF8.self) == "[\"\",\"\\\"a b\\\"@x\"]")
        #expect(try JSONDecoder().decode([ReversePath].self, from: data) == paths)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Mailbox].self, from: Data("[\"a b@x\"]".utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ReversePath].self, from: Data("[\"@\"]".utf8)) }
    }

    @Test("the null reverse-path has no mailbox and is written as nothing")
    func null() {
        #expect(ReversePath.null.mailbox == nil)
        #expect(ReversePath.null.written.isEmpty)
        let mailbox = Mailbox(localPart: "a", domain: "x")
        #expect(ReversePath.mailbox(mailbox).mailbox == mailbox)
        #expect(ReversePath.mailbox(mailbox).written == "a@x")
    }
}
