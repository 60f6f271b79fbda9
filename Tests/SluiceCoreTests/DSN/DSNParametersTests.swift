// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@Suite("What is asked of notifications (RFC 3461 §4)") struct DSNParametersTests {
    private let anna = Mailbox(localPart: "anna", domain: "example.org")
    private let bert = Mailbox(localPart: "bert", domain: "example.org")

    private func recipient(_ text: String) throws -> RecipientDSNParameters {
        RecipientDSNParameters(try #require(ESMTPParameters(text.utf8)))
    }

    @Test(
        "NOTIFY is NEVER or a list, in any case and order",
        arguments: [
            ("NEVER", "NEVER"), ("never", "NEVER"), ("DELAY,success", "SUCCESS,DELAY"), ("FAILURE", "FAILURE"),
            ("SUCCESS,FAILURE,DELAY", "SUCCESS,FAILURE,DELAY"),
        ])
    func notify(text: String, written: String) throws {
        #expect(try recipient("NOTIFY=\(text)").written == ["NOTIFY=\(written)"])
    }

    @Test(
        "what is no NOTIFY is as if it were not there",
        arguments: ["NEVER,DELAY", "SOMETIMES", "FAILURE,", ",", "FAIL"])
    func badNotify(text: String) throws { #expect(try recipient("NOTIFY=\(text)") == RecipientDSNParameters()) }

    @Test("failure and delay are told unless NOTIFY leaves them out, success only where it is named")
    func wants() throws {
        let usual = RecipientDSNParameters()
        #expect(usual.wantsFailure && usual.wantsDelay && !usual.wantsSuccess)
        let never = try recipient("NOTIFY=NEVER")
        #expect(!never.wantsFailure && !never.wantsDelay && !never.wantsSuccess)
        let success = try recipient("NOTIFY=SUCCESS")
        #expect(!success.wantsFailure && !success.wantsDelay && success.wantsSuccess)
    }

    @Test(
        "ORCPT is a type and an address in xtext",
        arguments: [
            ("rfc822;a@b.test", "rfc822", "a@b.test"), ("rfc822;a+2Bb+3D@c", "rfc822", "a+b=@c"),
            ("x400;/+0D+0AG+FF/", "x400", "/??G?/"), ("utf-8;a;b", "utf-8", "a;b"),
        ])
    func originalRecipient(text: String, type: String, address: String) throws {
        let read = try #require(RecipientDSNParameters.decodedOriginalRecipient(text))
        #expect(read.type == type && read.address == address)
        #expect(try recipient("ORCPT=\(text)").written == ["ORCPT=\(text)"])
    }

    @Test(
        "a malformed ORCPT is as if it were not there",
        arguments: [
            "a@b", ";a@b", "rfc822;", "rfc822;a+2", "rfc822;a+2b", "rfc822;a+GG", "r_c;a",
            "rfc822;" + String(repeating: "a", count: 500),
        ])
    func badOriginalRecipient(text: String) throws {
        #expect(try recipient("ORCPT=\(text)") == RecipientDSNParameters())
    }

    @Test("RET and ENVID are taken where they are well-formed, each for itself")
    func mail() throws {
        var dsn = DSNParameters()
        #expect(dsn.isEmpty)
        #expect(!dsn.take(try #require(ESMTPParameters("RET=HALF ENVID=a+zz SIZE=5".utf8))))
        let long = try #require(ESMTPParameters(("ENVID=" + String(repeating: "e", count: 101)).utf8))
        #expect(!dsn.take(long) && dsn.isEmpty)
        #expect(dsn.take(try #require(ESMTPParameters("ret=hdrs ENVID=QQ+20314".utf8))))
        #expect(dsn.written == ["RET=HDRS", "ENVID=QQ+20314"])
    }

    @Test("an item has what concerns its recipients, and nothing where that says nothing")
    func only() {
        var dsn = DSNParameters()
        dsn[anna] = RecipientDSNParameters(notify: [.delay])
        dsn[bert] = RecipientDSNParameters()
        #expect(dsn.only([bert]) == nil)
        #expect(dsn.only([anna, bert]) == dsn && dsn.recipients.count == 1)
        dsn.envelopeID = "e"
        #expect(dsn.only([bert]) == DSNParameters(envelopeID: "e"))
        dsn[anna] = RecipientDSNParameters()
        #expect(dsn.recipients.isEmpty)
    }

    @Test(
        "xtext is decoded to what can stand in a header field; what is malformed is none",
        arguments: [
            ("a+2Bb", "a+b"), ("", ""), ("+0D+0A", "??"), ("a=b", nil), ("a b", nil), ("+2b", nil), ("+", nil),
            ("é", nil),
        ] as [(String, String?)])
    func xtext(text: String, decoded: String?) { #expect(XText.decode(text) == decoded) }
}
