// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The milter door", .timeLimit(.minutes(1))) struct MilterDoorTests {
    private static let content =
        "Received: from a.test by b.test;\r\n\tTue, 24 Nov 2026 07:00:00 +0000\r\nX-Spam-Flag: NO\r\nsubject:  folded\r\n here\r\nX-Spam-Flag: YES\r\n\r\nHello.\r\n"

    @Test(
        "the message leaves the MTA as it would leave by the SMTP front, but for Received", arguments: MTAModel.allCases
    )
    func delivers(_ model: MTAModel) async throws {
        try await MilterServer.run { doors in
            var message = MTAMessage(Self.content)
            message.macros = ["v": model == .postfix ? "Postfix 3.7.11" : "8.17.1.9"]
            let outcome = try await doors.send(message, model: model)
            #expect(outcome.disposition == .accepted && outcome.violations.isEmpty)
            #expect(try await doors.server.send(Self.content).hasPrefix("250"))
            let relayed = try #require(try await doors.sink.messages(atLeast: 1).first)
            let text = String(decoding: outcome.content.octets, as: UTF8.self)
            let own = try #require(relayed.content.range(of: "X-Sluice-Stages:"))
            #expect(text == relayed.content[own.lowerBound...])
            #expect(text.hasPrefix("X-Sluice-Stages: scripted=ran\r\nReceived: from a.test"))
        }
    }

    @Test(
        "a refusal is given with code, enhanced code, all lines and the id, and stands in the history with the MTA's queue id"
    )
    func refuses() async throws {
        try await MilterServer.run { doors in
            let reply = Reply(550, EnhancedStatusCode(5, 7, 1), lines: ["100% unwanted", "ask us"])
            var message = try MTAMessage(ScriptedStage.Script(verdict: .refuse(reply)))
            message.queueID = "4gREFUSED"
            let outcome = try await doors.send(message)
            guard case .rejected(let text) = outcome.disposition else {
                Issue.record("\(outcome.disposition)")
                return
            }
            let lines = text.split(separator: "\r\n")
            #expect(
                lines.first?.hasPrefix("550-5.7.1 100") == true
                    && lines.last?.hasPrefix("550 5.7.1 ask us (id ") == true)
            let trace = try #require(try await doors.traces("4gREFUSED").first)
            #expect(trace["disposition"] == "reject" && trace["listener"] == "mta")
            #expect(trace["mta"]?["queue_id"] == "4gREFUSED" && trace["mta"]?["answer"] == "reply")
            #expect(trace["recipients"]?.arrayValue?.first?["state"] == .null)
        }
    }

    @Test("a deferral is a 4yz reply, a discard a discard")
    func defersAndDiscards() async throws {
        try await MilterServer.run { doors in
            let busy = Reply(451, EnhancedStatusCode(4, 7, 1), "not now")
            let deferred = try await doors.send(try MTAMessage(ScriptedStage.Script(verdict: .refuse(busy))))
            #expect(deferred.reply.hasPrefix("451 4.7.1 not now (id ") && deferred.isKept)
            let discarded = try await doors.send(
                try MTAMessage(ScriptedStage.Script(verdict: .discard(reason: "rule"))))
            #expect(discarded.disposition == .discarded)
        }
    }

    @Test("what is quarantined lies in the MTA's hold queue with our edits; nothing of it is in our account")
    func holds() async throws {
        try await MilterServer.run { doors in
            var message = try MTAMessage(ScriptedStage.Script(verdict: .quarantine(reason: "looks like spam")))
            message.queueID = "4gHELD"
            let outcome = try await doors.send(message)
            guard case .held(let reason) = outcome.disposition else {
                Issue.record("\(outcome.disposition)")
                return
            }
            #expect(reason.hasPrefix("looks like spam (id "))
            #expect(outcome.content.values("X-Sluice-Stages") == ["scripted=ran"])
            let trace = try #require(try await doors.traces("4gHELD").first)
            #expect(trace["disposition"] == "quarantine" && trace["mta"]?["answer"] == "quarantine")
            #expect(trace["recipients"]?.arrayValue?.first?["state"] == .null)
            #expect(try await doors.server.ask("quarantine list").isEmpty)
            #expect(try await doors.server.ask("account").first?["accepted"] == 0)
        }
    }

    @Test("edits of header, body and envelope reach the MTA", arguments: MTAModel.allCases)
    func edits(_ model: MTAModel) async throws {
        try await MilterServer.run { doors in
            let script = ScriptedStage.Script(edits: [
                .addField(name: "X-Top", value: "1", position: 0),
                .addField(name: "X-End", value: "a\r\n\tb", position: nil),
                .changeField(name: "Subject", occurrence: 1, value: "changed"), .replaceBody(Array("New.\r\n".utf8)),
                .changeReversePath(.mailbox(Mailbox(localPart: "other", domain: "client.test"))),
                .addRecipient(Mailbox(localPart: "carl", domain: "example.org")),
                .deleteRecipient(Mailbox(localPart: "bert", domain: "example.org")),
            ])
            var message = try MTAMessage(script, to: ["anna@example.org", "bert@example.org"])
            message.macros = ["v": model == .postfix ? "Postfix 3.7.11" : "8.17.1.9"]
            let outcome = try await doors.send(message, model: model)
            #expect(outcome.disposition == .accepted && outcome.violations.isEmpty)
            #expect(outcome.content.fields.map(\.name) == ["X-Sluice-Stages", "X-Top", "X-Script", "Subject", "X-End"])
            #expect(outcome.content.values("Subject") == ["changed"] && outcome.content.values("X-End") == ["a\n\tb"])
            #expect(String(decoding: outcome.content.body, as: UTF8.self) == "New.\r\n")
            #expect(outcome.sender.address == "other@client.test")
            #expect(outcome.recipients.map(\.address) == ["anna@example.org", "carl@example.org"])
        }
    }

    @Test("logins, trusted networks and the MTA's own command line take the trusted pipeline")
    func trusted() async throws {
        try await MilterServer.run(trustedNetworks: "[192.0.2.7]") { doors in
            let refusing = ScriptedStage.Script(verdict: .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "no")))
            var message = try MTAMessage(refusing)
            #expect(try await doors.send(message).disposition == .accepted)
            message.client.address = "192.0.2.8"
            #expect(try await doors.send(message).reply.hasPrefix("550"))
            message.client.login = "anna"
            message.queueID = "4gLOGIN"
            #expect(try await doors.send(message).disposition == .accepted)
            let trace = try #require(try await doors.traces("4gLOGIN").first)
            #expect(trace["client"]?["login"] == "anna" && trace["pipeline"] == "outbound")
            message.client = MTAClient()
            message.client.family = .unknown
            message.sender = MTAMessage.Path("root")
            #expect(
                try await doors.send(message).reply.hasPrefix("550"), "an address that the MTA can't tell is no right")
            message.client.name = "localhost"
            #expect(try await doors.send(message).disposition == .accepted)
        }
    }

    @Test("hundreds of messages go over one connection, each judged by itself")
    func manyOverOne() async throws {
        try await MilterServer.run { doors in
            let session = try await MTASession.open(doors.address)
            let refusing = try MTAMessage(
                ScriptedStage.Script(verdict: .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "no"))))
            for number in 0..<300 {
                let outcome = await session.send(number.isMultiple(of: 3) ? refusing : MTAMessage())
                #expect(outcome.isAccepted != number.isMultiple(of: 3))
                if number.isMultiple(of: 50) { try await session.quitForNewConnection() }
            }
            try await session.quit()
        }
    }
}
