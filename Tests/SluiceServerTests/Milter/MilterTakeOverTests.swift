// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("Quarantine that is taken over from an MTA", .timeLimit(.minutes(1))) struct MilterTakeOverTests {
    private static let quarantining = ScriptedStage.Script(verdict: .quarantine(reason: "looks like spam"))

    @Test("is in our journal before the MTA discards it, and goes out by the MTA's port without milters when released")
    func takeOver() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            var message = try MTAMessage(
                ScriptedStage.Script(
                    verdict: .quarantine(reason: "looks like spam"),
                    edits: [.changeField(name: "Subject", occurrence: 1, value: "changed")]),
                to: ["anna@elsewhere.test"])
            message.queueID = "4gTAKEN"
            let outcome = try await doors.send(message)
            // No waiting: what is discarded at the MTA is on our stable storage already.
            let held = try #require(try await doors.server.ask("quarantine list").first)
            #expect(outcome.disposition == .discarded && outcome.modifications.isEmpty)
            #expect(held["recipients"] == ["anna@elsewhere.test"] && held["reason"] == "looks like spam")
            let account = try #require(try await doors.server.ask("account").first)
            #expect(account["accepted"] == 1 && account["quarantined"] == 1 && account["unaccounted"] == 0)
            let id = try #require(held["id"]?.stringValue)
            #expect(try await doors.server.ask("quarantine release", ["id": id]).first?["released"] == 1)
            let released = try #require(try await doors.reinject.messages(atLeast: 1).first)
            #expect(released.recipients == ["anna@elsewhere.test"] && released.reversePath == "sender@client.test")
            #expect(released.content.hasPrefix("Received: from client.test (client.test [192.0.2.7])\r\n"))
            #expect(released.field("Subject") == "changed")
            #expect(doors.sink.messages.isEmpty)
            let trace = try #require(try await doors.traces("4gTAKEN").first)
            #expect(trace["mta"]?["answer"] == "discard" && trace["disposition"] == "quarantine")
            #expect(try await doors.server.settled(id)["recipients"]?.arrayValue?.first?["state"] == "delivered")
        }
    }

    @Test("what its sender asks of notifications is kept, passed on to a port that takes it, and obeyed (RFC 3461)")
    func dsn() async throws {
        let refusing = SinkScript(keywords: ["PIPELINING", "DSN"]) { step in
            if case .recipient(let path) = step, path.hasPrefix("no") { .reply("550 5.1.1 no such user") } else { nil }
        }
        try await MilterServer.run(listener: MilterServer.takeOver, reinjection: refusing) { doors in
            var message = try MTAMessage(Self.quarantining)
            message.sender.parameters = ["RET=HDRS", "ENVID=QQ+2B1", "BODY=8BITMIME"]
            message.recipients = [
                MTAMessage.Path("anna@a.test", parameters: ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;x@y.test"]),
                MTAMessage.Path("no-never@a.test", parameters: ["NOTIFY=NEVER"]),
                MTAMessage.Path("no-delay@a.test", parameters: ["NOTIFY=DELAY"]),
                MTAMessage.Path("no-usual@a.test", parameters: ["NOTIFY=SOMETIMES", "ORCPT=rfc822;z@y.test"]),
            ]
            #expect(try await doors.send(message).disposition == .discarded)
            let id = try #require(try await doors.server.ask("quarantine list").first?["id"]?.stringValue)
            try await doors.server.ask("quarantine release", ["id": id])
            // The released message, and one notice, in whatever order.
            let got = try await doors.reinject.messages(atLeast: 2)
            let released = try #require(got.first { $0.reversePath == "sender@client.test" })
            #expect(released.recipients == ["anna@a.test"])
            #expect(released.mailParameters.contains("RET=HDRS ENVID=QQ+2B1"))
            let commands = doors.reinject.commands
            // A stranger's SUCCESS is not passed on.
            #expect(
                commands.contains("RCPT TO:<anna@a.test> NOTIFY=FAILURE ORCPT=rfc822;x@y.test")
                    && commands.contains("RCPT TO:<no-never@a.test> NOTIFY=NEVER")
                    && commands.contains("RCPT TO:<no-usual@a.test> ORCPT=rfc822;z@y.test"))
            let settled = try await doors.server.settled(id)
            #expect(
                settled["recipients"]?.arrayValue?.map { $0["state"] } == [
                    "delivered", "bounced", "bounced", "bounced",
                ])
            let notice = try #require(got.first { $0.reversePath == "" })
            #expect(notice.recipients == ["sender@client.test"] && got.count == 2)
            #expect(notice.content.contains("\r\nOriginal-Envelope-Id: QQ+1\r\n"))
            #expect(notice.content.contains("\r\nOriginal-Recipient: rfc822; z@y.test\r\n"))
            #expect(notice.content.components(separatedBy: "Final-Recipient:").count == 2)
            #expect(!notice.content.contains("Hello.\r\n"))
        }
    }

    @Test("the same message that comes again is the one that is held, also after a restart")
    func again() async throws {
        let folder = try TemporaryFolder()
        let message = try MTAMessage(Self.quarantining)
        for _ in 0..<2 {
            try await MilterServer.run(listener: MilterServer.takeOver, in: folder) { doors in
                for _ in 0..<2 {
                    let outcome = try await doors.send(message)
                    #expect(outcome.disposition == .discarded)
                }
                #expect(try await doors.server.ask("quarantine list").count == 1)
            }
        }
        try await MilterServer.run(listener: MilterServer.takeOver, in: folder) { doors in
            var other = message
            other.sender = MTAMessage.Path("other@client.test")
            #expect(try await doors.send(other).disposition == .discarded)
            var longer = message
            longer.content += Array("More.\r\n".utf8)
            #expect(try await doors.send(longer).disposition == .discarded)
            #expect(try await doors.server.ask("quarantine list").count == 3)
            let account = try #require(try await doors.server.ask("account").first)
            #expect(account["accepted"] == 3 && account["quarantined"] == 3)
        }
    }

    @Test("large content is taken over from its file, octet for octet")
    func large() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            var message = try MTAMessage(Self.quarantining)
            message.content += Array(String(repeating: "0123456789abcdef\r\n", count: 20_000).utf8)
            #expect(try await doors.send(message).disposition == .discarded)
            #expect(try await doors.send(message).disposition == .discarded)
            let held = try await doors.server.ask("quarantine list")
            #expect(held.count == 1)
            let id = try #require(held.first?["id"]?.stringValue)
            try await doors.server.ask("quarantine release", ["id": id])
            let released = try #require(try await doors.reinject.messages(atLeast: 1).first)
            #expect(released.content.hasSuffix(String(decoding: message.content, as: UTF8.self)))
        }
    }

    @Test("recipients that differ: the MTA delivers to those who pass, we hold the rest; a second time nothing doubles")
    func differing() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            let script = ScriptedStage.Script(recipients: ["bert@example.org": .quarantine(reason: "not for Bert")])
            let message = try MTAMessage(script, to: ["anna@example.org", "bert@Example.ORG"])
            for _ in 0..<2 {
                let outcome = try await doors.send(message)
                #expect(outcome.disposition == .accepted && outcome.violations.isEmpty)
                #expect(outcome.recipients.map(\.address) == ["anna@example.org"])
            }
            let held = try await doors.server.ask("quarantine list")
            #expect(held.count == 1 && held.first?["recipients"] == ["bert@example.org"])
            let account = try #require(try await doors.server.ask("account").first)
            #expect(account["accepted"] == 1 && account["recipients"] == 1)
        }
    }

    @Test(
        "a recipient of the MTA's own is struck from the envelope like any: Sendmail expands its alias only afterwards")
    func alias() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            let script = ScriptedStage.Script(recipients: ["all@mta.test": .quarantine(reason: "not for all")])
            var message = try MTAMessage(script, to: ["all@mta.test", "anna@example.org"])
            message.macros = ["v": "8.17.1.9", "{rcpt_mailer}": "local"]
            let outcome = try await doors.send(message, model: .sendmail)
            #expect(outcome.isAccepted && outcome.recipients.map(\.address) == ["anna@example.org"])
            #expect(try await doors.server.ask("quarantine list").first?["recipients"] == ["all@mta.test"])
        }
    }

    @Test("without take-over the MTA holds the message for all, and the record says why")
    func strictest() async throws {
        try await MilterServer.run { doors in
            let script = ScriptedStage.Script(recipients: ["bert@example.org": .quarantine(reason: "not for Bert")])
            var message = try MTAMessage(script, to: ["anna@example.org", "bert@example.org"])
            message.queueID = "4gDIFFER"
            let outcome = try await doors.send(message)
            guard case .held = outcome.disposition else {
                Issue.record("\(outcome.disposition)")
                return
            }
            #expect(outcome.recipients.count == 2)
            let trace = try #require(try await doors.traces("4gDIFFER").first)
            let notes = trace["mta"]?["notes"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(notes.count == 1 && notes.first?.contains("recipients_differ: strictest") == true)
        }
    }

    @Test("an MTA that goes before the commit leaves no message; one that goes before the answer leaves one, held once")
    func gone() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            var slow = Self.quarantining
            slow.milliseconds = 300
            let message = try MTAMessage(slow)
            let session = try await MTASession.open(doors.address) { step, moment in
                if step == .endOfMessage, moment == .waiting { throw MTAConnection.Failure.closed }
            }
            #expect(await session.send(message).isKept)
            try await session.connection.close()
            // Longer than the stage takes.
            try await Task.sleep(for: .milliseconds(800))
            #expect(try await doors.server.ask("quarantine list").isEmpty)
            // The answer is lost on its way: the client does not know, and comes again.
            #expect(try await doors.send(message).disposition == .discarded)
            #expect(try await doors.send(message).disposition == .discarded)
            #expect(try await doors.server.ask("quarantine list").count == 1)
        }
    }

    @Test("a full quarantine is a temporary failure: the client keeps the message")
    func full() async throws {
        try await MilterServer.run(
            listener: MilterServer.takeOver, more: "quarantine: {size: 10B}"
        ) { doors in
            let outcome = try await doors.send(try MTAMessage(Self.quarantining))
            #expect(outcome.reply.hasPrefix("451 4.3.1 the quarantine is full"))
            #expect(try await doors.server.ask("account").first?["accepted"] == 0)
        }
    }
}
