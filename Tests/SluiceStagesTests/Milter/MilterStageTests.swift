// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("The stage milter") struct MilterStageTests {
    fileprivate typealias Fixture = MilterStageFixture
    typealias Packet = ScriptedMilter.Packet

    @Test("the filter is told what a filter behind an MTA is told")
    func told() async throws {
        let milter = try await ScriptedMilter()
        let result = try await Fixture.evaluate(milter)
        #expect(result.verdict == .pass)
        #expect(result.findings.map(\.name) == ["MILTER_PASS"])
        #expect(
            // The connection is let go with the stage, perhaps already.
            milter.commands.dropFirst().filter { $0.code != "Q" }.map { "\($0.code) \($0.text)" }
                == [
                    "D C_|mail.example.org [192.0.2.1]|{client_addr}|192.0.2.1|{client_name}|mail.example.org|"
                        + "{client_ptr}|mail.example.org|{daemon_name}|sluice|j|mx.example.net|v|Sluice|",
                    "C mail.example.org|4||192.0.2.1|",
                    "D H{cipher}|TLS_AES_128_GCM_SHA256|{tls_version}|TLSv1.3|", "H helo.example.org|",
                    "D M{auth_authen}|anna|{auth_type}|PLAIN|i|4711|{mail_addr}|anna@example.org|{mail_host}|example.org|",
                    "M <anna@example.org>|BODY=8BITMIME|",
                    "D Ri|4711|{rcpt_addr}|bert@example.net|{rcpt_host}|example.net|", "R <bert@example.net>|",
                    "D Ri|4711|{rcpt_addr}|carl@example.net|{rcpt_host}|example.net|", "R <carl@example.net>|",
                    "D Ti|4711|", "T ", "L Received|by a.example|", "L Subject|hello|", "L X-Folded|one\n\ttwo|",
                    "L Message-ID|<1@example.org>|", "D Ni|4711|", "N ", "B Hello.\r\n",
                    "D Ei|4711|{msg_id}|<1@example.org>|", "E ",
                ])
        try await milter.stop()
    }

    @Test("a client of whom little is known is told as such")
    func unknownClient() async throws {
        let milter = try await ScriptedMilter()
        let bare = ClientInfo(address: try #require(IPAddress("2001:db8::1")))
        _ = try await Fixture.evaluate(milter, context: Fixture.context(client: bare))
        _ = try await Fixture.evaluate(milter, context: Fixture.context(client: bare, hasClientAddress: false))
        let connects = milter.commands.filter { $0.code == "C" }.map(\.text)
        #expect(
            connects
                == ["[IPv6:2001:db8::1]|6||IPv6:2001:db8::1|", "unknown|U"])
        #expect(!milter.codes.contains("H"))
        #expect(!milter.commands.contains { $0.code == "D" && $0.text.contains("auth_") })
        try await milter.stop()
    }

    @Test(
        "the answer is the verdict",
        arguments: [
            (Packet("c"), "pass", "MILTER_PASS"), (Packet("a"), "pass", "MILTER_PASS"),
            (Packet("r"), "550 5.7.1 refused by a content filter", "MILTER_REJECT"),
            (Packet("t"), "451 4.7.1 a content filter asks you to try again later", "MILTER_DEFER"),
            (Packet("d"), "discard", "MILTER_DISCARD"),
            (Packet("4"), "451 4.7.0 a content filter takes no mail now, try again later", "MILTER_DEFER"),
            (Packet("y", "552 5.2.3 too heavy"), "552 5.2.3 too heavy", "MILTER_REJECT"),
            (Packet("y", "450-4.2.0 not\r\n450 4.2.0 now"), "450 4.2.0 not now", "MILTER_DEFER"),
        ])
    func verdicts(packet: Packet, wanted: String, finding: String) async throws {
        let result = try await Fixture.result(endOfMessage: [packet])
        if case .refuse(let reply) = result.verdict {
            #expect(reply.description == wanted)
        } else {
            #expect(result.verdict.word == wanted)
        }
        #expect(result.findings.first?.name == finding)
        #expect(result.findings.first?.why.contains("at end of message") == true)
    }

    @Test("quarantine holds the message with its reason, unless it is refused all the same")
    func quarantine() async throws {
        let reason = Packet("q", "looks odd")
        let held = try await Fixture.result(endOfMessage: [reason, Packet("a")])
        #expect(held.verdict == .quarantine(reason: "looks odd"))
        let refused = try await Fixture.result(endOfMessage: [reason, Packet("r")])
        #expect(refused.verdict.disposition == .reject)
        let bare = try await Fixture.result(endOfMessage: [Packet("q", ""), Packet("c")])
        #expect(bare.verdict == .quarantine(reason: "held by a content filter"))
    }

    @Test("a refusal at RCPT is that recipient's; one at connect, helo or mail is everybody's")
    func recipients() async throws {
        let milter = try await ScriptedMilter { command in
            command.code == "R" && command.text.hasPrefix("<bert") ? .reply([Packet("y", "550 5.1.1 no bert")]) : nil
        }
        let result = try await Fixture.evaluate(milter)
        #expect(result.verdict == .pass)
        #expect(
            result.recipientVerdicts == [
                Fixture.bert: .refuse(Reply(550, EnhancedStatusCode(5, 1, 1), "no bert"))
            ])
        #expect(result.findings.map(\.name) == ["MILTER_PASS", "MILTER_RECIPIENT"])
        try await milter.stop()
        for code: Character in ["C", "H", "M", "L"] {
            let refusing = try await ScriptedMilter { $0.code == code ? .reply([Packet("r")]) : nil }
            let result = try await Fixture.evaluate(refusing)
            #expect(result.verdict.disposition == .reject)
            #expect(result.recipientVerdicts.isEmpty)
            try await refusing.stop()
        }
    }

    @Test("every modification is an edit, in order")
    func edits() async throws {
        let result = try await Fixture.result(endOfMessage: [
            Packet("i", [0, 0, 0, 1] + Array("X-Top\0 1\0".utf8)), Packet("h", "X-End", "a\nb"),
            Packet("m", [0, 0, 0, 1] + Array("subject\0 [x] hello\0".utf8)),
            Packet("m", [0, 0, 0, 1] + Array("X-Folded\0\0".utf8)), Packet("e", "<>"),
            Packet("-", "<bert@example.net>"), Packet("+", "dora@example.net"),
            Packet("2", "<emil@example.net>", "NOTIFY=NEVER"), Packet("b", Array("new\n".utf8)),
            Packet("b", Array("body\r".utf8)), Packet("b", Array("\nend".utf8)), Packet("c"),
        ])
        #expect(
            result.edits == [
                .addField(name: "X-Top", value: "  1", position: 0),
                .addField(name: "X-End", value: "a\r\n\tb", position: nil),
                .changeField(name: "Subject", occurrence: 1, value: "  [x] hello"),
                .deleteField(name: "X-Folded", occurrence: 1), .changeReversePath(.null),
                .deleteRecipient(Fixture.bert), .addRecipient(Mailbox(localPart: "dora", domain: "example.net")),
                .addRecipient(
                    Mailbox(localPart: "emil", domain: "example.net"),
                    parameters: ESMTPParameters("NOTIFY=NEVER".utf8)),
                .replaceBody(Array("new\r\nbody\r\nend".utf8)),
            ])
        #expect(result.findings.map(\.name) == ["MILTER_PASS", "MILTER_EDITED"])
        #expect(result.findings[1].why.contains("add field X-Top, add field X-End, change field Subject (1)"))
    }

    @Test(
        "ESMTP parameters are kept where they are well-formed; of others the address alone is taken, and it is said so")
    func parameters() async throws {
        let result = try await Fixture.result(endOfMessage: [
            Packet("e", "<a@b.test>", "RET=HDRS ENVID=QQ+3D1 SIZE=5"), Packet("2", "<dora@example.net>"),
            Packet("2", "<emil@example.net>", "NOTIFY=NEVER ORCPT=rfc822;e@f"),
            Packet("2", "<fritz@example.net>", "NOTIFY=A=B"), Packet("2", "<gerd@example.net>", " "), Packet("c"),
        ])
        let recipients = ["dora", "emil", "fritz", "gerd"].map { Mailbox(localPart: $0, domain: "example.net") }
        #expect(
            result.edits == [
                .changeReversePath(
                    .mailbox(Mailbox(localPart: "a", domain: "b.test")),
                    parameters: ESMTPParameters("RET=HDRS ENVID=QQ+3D1 SIZE=5".utf8)),
                .addRecipient(recipients[0]),
                .addRecipient(recipients[1], parameters: ESMTPParameters("NOTIFY=NEVER ORCPT=rfc822;e@f".utf8)),
                .addRecipient(recipients[2]), .addRecipient(recipients[3]),
            ])
        #expect(result.findings.map(\.name) == ["MILTER_PASS", "MILTER_EDITED", "MILTER_PARAMETERS"])
        #expect(result.findings[1].why.contains("change reverse-path to <a@b.test> RET=HDRS ENVID=QQ+3D1 SIZE=5"))
        #expect(result.findings[2].why.hasSuffix("left out: “NOTIFY=A=B”"))
    }

    @Test("with edits: false its changes are named and not made")
    func noEdits() async throws {
        let packets = [Packet("h", "X-Spam", "yes"), Packet("c")]
        let result = try await Fixture.result(endOfMessage: packets) { $0.edits = false }
        #expect(result.edits.isEmpty)
        #expect(result.findings.map(\.name) == ["MILTER_PASS", "MILTER_NOT_EDITED"])
    }

    @Test(
        "an answer that can't be carried out is none",
        arguments: [
            [Packet("y", "250 fine"), Packet("c")], [Packet("y", "nonsense")], [Packet("y", "550 a\r\n450 b")],
            [Packet("h", "X: Y", "1"), Packet("c")], [Packet("+", "<not a mailbox>"), Packet("c")],
            [Packet("e", "<a@b"), Packet("c")], [Packet("O")], [Packet("h", "X")],
        ])
    func unusable(packets: [Packet]) async throws {
        await #expect(throws: (any Error).self) { try await Fixture.result(endOfMessage: packets) }
    }

    @Test("a NUL in a field can't be told: the stage has failed")
    func nul() async throws {
        let milter = try await ScriptedMilter()
        await #expect(throws: MilterStageError.nulInField("X")) {
            try await Fixture.evaluate(milter, content: "X: a\0b\r\n\r\n")
        }
        #expect(milter.connections == 0)
        try await milter.stop()
    }
}
