// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The milter door's limits", .timeLimit(.minutes(1))) struct MilterLimitsTests {
    @Test("what is too large, loops, or has too many recipients is refused as by the SMTP front")
    func limits() async throws {
        try await MilterServer.run(
            more: "limits: {message_size: 10KB, header: 1024B, hops: 3, recipients: 2}"
        ) { doors in
            func reply(_ content: String, _ recipients: [String] = ["anna@example.org"]) async throws -> String {
                try await doors.send(MTAMessage(content, to: recipients)).reply
            }
            #expect(try await reply("Subject: x\r\n\r\nHello.\r\n").hasPrefix("250"))
            let large = "Subject: x\r\n\r\n" + String(repeating: "0123456789abcde\r\n", count: 700)
            #expect(try await reply(large).hasPrefix("552 5.3.4 message too large (id "))
            let header = String(repeating: "X-Field: 0123456789012345678901234567890\r\n", count: 40)
            #expect(try await reply(header + "\r\nHello.\r\n").hasPrefix("552 5.3.4 header section too large (id "))
            let loop = String(repeating: "received: from a by b\r\n", count: 4)
            #expect(try await reply(loop + "\r\nHello.\r\n").hasPrefix("554 5.4.6 too many hops"))
            let outcome = try await doors.send(
                MTAMessage(to: ["a@example.org", "b@example.org", "c@example.org"]))
            #expect(outcome.isAccepted && outcome.recipients.count == 2)
            #expect(outcome.refused["c@example.org"]?.hasPrefix("452 4.5.3") == true)
            var declared = MTAMessage()
            declared.sender.parameters = ["SIZE=20000"]
            let refused = try await doors.send(declared)
            #expect(refused.step == .mail && refused.reply.hasPrefix("552 5.3.4"))
            declared.sender = MTAMessage.Path("a b@@c")
            #expect(try await doors.send(declared).reply.hasPrefix("553 5.1.7"))
        }
    }

    @Test("an MTA that waits for an answer to pieces of the body is told to skip those of a message that is refused")
    func skips() async throws {
        try await MilterServer.run(more: "limits: {message_size: 10KB}") { doors in
            var large = MTAMessage("Subject: x\r\n\r\n" + String(repeating: "0123456789abcde\r\n", count: 4000))
            large.chunkSize = 4000
            let waiting = MTAOffer.full.without(.noReplyBody)
            let session = try await MTASession.open(doors.address, offer: waiting)
            let skipped = await session.send(large)
            #expect(skipped.step == .endOfMessage && skipped.reply.hasPrefix("552 5.3.4 message too large (id "))
            #expect(skipped.skipped == [.body] && skipped.violations.isEmpty)
            #expect(await session.send(MTAMessage()).isAccepted)
            try await session.quit()
            for offer in [.full, waiting.without(.skip), .version(4)] as [MTAOffer] {
                let told = try await doors.send(large, offer: offer)
                #expect(told.reply.hasPrefix("552 5.3.4") && told.skipped.isEmpty && told.violations.isEmpty)
            }
        }
    }

    @Test("a recipient that is refused has a record with the MTA's queue id; of a flood only some have")
    func refusedRecipients() async throws {
        try await MilterServer.run(more: "limits: {recipients: 2}") { doors in
            var message = MTAMessage(to: (0..<40).map { "user\($0)@example.org" } + ["no@mailbox@at.all"])
            message.queueID = "4gRECIPIENT"
            // Postfix knows the queue id from DATA on only.
            let outcome = try await doors.send(message, model: .sendmail)
            #expect(outcome.isAccepted && outcome.refused.count == 39)
            let reply = try #require(outcome.refused["user2@example.org"])
            let id = try #require(reply.split(separator: "(id ").last?.dropLast())
            let trace = try #require(try await doors.traces(String(id)).first)
            #expect(trace["disposition"] == "defer" && trace["reply"]?["code"] == 452)
            #expect(trace["recipients"]?.arrayValue?.map { $0["address"] } == ["user2@example.org"])
            #expect(trace["mta"]?["queue_id"] == "4gRECIPIENT" && trace["mta"]?["answer"] == "reply")
            #expect(try await doors.traces("4gRECIPIENT").count <= 11)
            var malformed = MTAMessage(to: ["no@mailbox@at.all"])
            malformed.client.address = "192.0.2.77"
            let refused = try await doors.send(malformed)
            let text = try #require(refused.refused["no@mailbox@at.all"])
            #expect(text.hasPrefix("553 5.1.3"))
        }
    }

    @Test("one connection too many is told to come again from MAIL on, and has its place when another goes")
    func connections() async throws {
        try await MilterServer.run(more: "limits: {sessions: 1}") { doors in
            let first = try await MTASession.open(doors.address)
            #expect(await first.send(MTAMessage()).isAccepted)
            let second = try await doors.send(MTAMessage())
            #expect(second.isKept && second.step != .endOfMessage)
            try await first.quit()
            let end = ContinuousClock.now + .seconds(10)
            while try await !doors.send(MTAMessage()).isAccepted {
                guard ContinuousClock.now < end else {
                    Issue.record("the place was not given back")
                    return
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test("when no pipeline has room, even to wait, MAIL is refused for now; nothing passes unchecked")
    func pipelines() async throws {
        try await MilterServer.run(more: "limits: {pipelines: 1, pipeline_timeout: 2s}") { doors in
            let slow = try MTAMessage(ScriptedStage.Script(milliseconds: 400))
            let outcomes = await withTaskGroup(of: MTAOutcome?.self) { group in
                for _ in 0..<30 { group.addTask { try? await doors.send(slow) } }  // the count below tells
                var outcomes: [MTAOutcome] = []
                for await outcome in group { if let outcome { outcomes.append(outcome) } }
                return outcomes
            }
            #expect(outcomes.count == 30)
            #expect(outcomes.allSatisfy { $0.isKept || ($0.isAccepted && $0.isJudged) })
            #expect(outcomes.contains { $0.isAccepted })
            #expect(outcomes.contains { $0.reply.hasPrefix("451 4.3.2 too busy") })
            #expect(try await doors.send(MTAMessage()).isAccepted)
        }
    }

    @Test("a stage that hangs is cut off by the chain's time, and its failure policy is what the MTA is told")
    func deadline() async throws {
        try await MilterServer.run(more: "limits: {pipeline_timeout: 1s}") { doors in
            let outcome = try await doors.send(try MTAMessage(ScriptedStage.Script(milliseconds: 60_000)))
            #expect(outcome.reply.hasPrefix("451 4.7.0 could not be checked now (scripted)"))
        }
    }

    @Test("peers of older versions are served with what they understand", arguments: [2, 3, 4, 6] as [UInt32])
    func versions(_ version: UInt32) async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            let script = ScriptedStage.Script(edits: [
                .addField(name: "X-Top", value: "1", position: 0), .changeReversePath(.null),
            ])
            var message = try MTAMessage(script)
            message.queueID = "4gVERSION\(version)"
            let outcome = try await doors.send(message, offer: .version(version))
            #expect(outcome.isAccepted && outcome.violations.isEmpty)
            #expect(outcome.content.fields.first?.name == "X-Sluice-Stages")
            #expect((outcome.sender.address == "") == (version == 6))
            let trace = try #require(try await doors.traces("4gVERSION\(version)").first)
            #expect(trace["mta"]?["notes"]?.arrayValue?.count == (version == 6 ? 0 : 1))
            let refusing = ScriptedStage.Script(verdict: .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "no")))
            #expect(try await doors.send(try MTAMessage(refusing), offer: .version(version)).reply.hasPrefix("550"))
        }
    }

    @Test("a Unix socket has its mode, replaces one that nobody listens on, and goes with the server")
    func socket() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/m.sock"
        for _ in 0..<2 {
            try await MilterServer.run(
                listener: "mode: \"0600\"", address: "unix:m.sock", in: folder
            ) { doors in
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
                let session = try await MTASession.open(.path(path))
                #expect(await session.send(MTAMessage()).isAccepted)
                try await session.quit()
                await #expect(throws: (any Error).self) {
                    try await MilterServer.run(address: "unix:\(path)") { _ in }
                }
                let again = try await MTASession.open(.path(path))
                #expect(await again.send(MTAMessage()).isAccepted)
                try await again.quit()
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            // What a killed process leaves behind.
            let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(unixDomainSocketPath: path + ".other").get()
            try FileManager.default.moveItem(atPath: path + ".other", toPath: path)
            try await other.close()
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }
}
