// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceMilter

@Suite("The MTA's side of the milter protocol") struct MilterClientSessionTests {
    @Test("version 6, all actions and all steps but rejected recipients are offered")
    func offer() {
        var session = MilterClientSession()
        let offer = MilterOptions(version: 6, actions: .version6, steps: MilterSteps(rawValue: 0x1F_F7FF))
        #expect(session.connected() == [.send([.negotiate(offer)])])
        #expect(session.awaited == .command)
        #expect(!session.isReady)
        #expect(session.replyReceived(.negotiate(MilterOptions(version: 6, actions: [], steps: []))) == [.ready])
        #expect(session.isReady)
    }

    @Test("a filter that answers everything is told each step in its turn")
    func everything() throws {
        var script = ClientScript()
        script.begin()
        #expect(
            script.told == [
                "D C", "C mail.example.org", "c", "D H", "H mail.example.org", "c", "D M", "M <anna@example.org>", "c",
                "D R", "R <bert@example.net>", "c", "D R", "R <carl@example.net>", "c", "D T", "T", "c",
                "L Subject: hello", "c", "L X-Folded: a\n\tb", "c", "D N", "N", "c", "B 7", "c", "D E", "E", "c",
            ])
        let outcome = try #require(script.outcome)
        #expect(outcome.answer == .proceed)
        #expect(outcome.step == .endOfMessage)
        #expect(outcome.reuse == .anyClient)
    }

    @Test("what a filter does not want is not told, and what it does not answer is not waited for")
    func leftOut() {
        var script = ClientScript(steps: [
            .noConnect, .noHelo, .noData, .noReplyForMail, .noReplyForRecipient, .noReplyForHeader,
            .noReplyForEndOfHeader, .noReplyForBody,
        ])
        script.begin()
        #expect(
            script.told == [
                "D C", "D H", "D M", "M <anna@example.org>", "D R", "R <bert@example.net>", "D R",
                "R <carl@example.net>", "D T", "L Subject: hello", "L X-Folded: a\n\tb", "D N", "N", "B 7", "D E", "E",
                "c",
            ])
    }

    @Test("a body is told in pieces of at most 65,535 octets; skip ends it")
    func pieces() {
        var script = ClientScript(body: String(repeating: "x", count: 140_000))
        script.begin()
        #expect(script.told.filter { $0.hasPrefix("B") } == ["B 65535", "B 65535", "B 8930"])
        var silent = ClientScript(steps: .noReplyForBody, body: String(repeating: "x", count: 65_536))
        silent.begin()
        #expect(silent.told.filter { $0.hasPrefix("B") } == ["B 65535", "B 1"])
        var skipping = ClientScript(body: String(repeating: "x", count: 140_000)) {
            $0.hasPrefix("B") ? .skip : .proceed
        }
        skipping.begin()
        #expect(skipping.told.filter { $0.hasPrefix("B") } == ["B 65535"])
        #expect(skipping.outcome?.step == .endOfMessage)
        var empty = ClientScript(body: "")
        empty.begin()
        #expect(!empty.told.contains { $0.hasPrefix("B") })
    }

    @Test("a space after the colon is left out unless leading spaces were negotiated; one, not two")
    func leadingSpace() {
        var script = ClientScript(steps: .leadingSpace, fields: [("A", " 1"), ("B", "2"), ("C", "  3"), ("D", "")])
        script.begin()
        #expect(script.headers == ["A| 1", "B|2", "C|  3", "D|"])
        var without = ClientScript(fields: [("A", " 1"), ("B", "2"), ("C", "  3"), ("D", "")])
        without.begin()
        #expect(without.headers == ["A|1", "B|2", "C| 3", "D|"])
    }

    @Test("a reply to a recipient concerns that one; the others are told on")
    func recipients() throws {
        var script = ClientScript { $0 == "R <bert@example.net>" ? .reject : .proceed }
        script.begin()
        let outcome = try #require(script.outcome)
        #expect(outcome.refusedRecipients == [0: .reject])
        #expect(outcome.step == .endOfMessage)
        #expect(outcome.answer == .proceed)
    }

    @Test("where all recipients are refused the message is given up, and the next one of that client can follow")
    func allRecipients() throws {
        let text = ByteBuffer(string: "450 4.2.0 later")
        var script = ClientScript {
            $0.hasPrefix("R <b") ? .temporaryFailure : $0.hasPrefix("R") ? .replyCode(text) : .proceed
        }
        script.begin()
        let outcome = try #require(script.outcome)
        #expect(outcome.refusedRecipients == [0: .temporaryFailure, 1: .replyCode(text)])
        #expect(outcome.answer == .proceed)
        #expect(outcome.reuse == .sameClient)
        #expect(script.told.last == "A")
        #expect(!script.told.contains("T"))
    }

    @Test(
        "an answer before the end of the message ends it",
        arguments: [
            ("M <anna@example.org>", MilterReply.reject), ("T", .temporaryFailure), ("L Subject: hello", .discard),
            ("N", .accept), ("B 7", .replyCode(ByteBuffer(string: "550 5.7.1 no"))), ("R <carl@example.net>", .accept),
        ])
    func early(command: String, reply: MilterReply) throws {
        var script = ClientScript { $0 == command ? reply : .proceed }
        script.begin()
        let outcome = try #require(script.outcome)
        #expect(outcome.answer == reply)
        #expect(outcome.reuse == .sameClient)
        #expect(script.told.last == "A")
        #expect(script.session.isReady)
    }

    @Test("an answer to the client as a whole, and one that ends its session, end ours too")
    func session() throws {
        for (command, reply) in [
            ("C mail.example.org", MilterReply.reject), ("H mail.example.org", .accept), ("E", .shutdown),
            ("N", .shutdown), ("C mail.example.org", .connectionFailure),
        ] {
            var script = ClientScript { $0 == command ? reply : .proceed }
            script.begin()
            let outcome = try #require(script.outcome)
            #expect(outcome.answer == reply)
            #expect(outcome.reuse == .none)
            #expect(script.told.suffix(2) == ["Q", "close"])
        }
    }

    @Test("progress at the end of the message begins the wait anew and changes nothing")
    func progress() {
        var script = ClientScript { $0 == "E" ? .progress : .proceed }
        script.begin()
        #expect(script.outcome == nil)
        #expect(script.session.awaited == .conclusion)
        #expect(script.session.replyReceived(.progress) == [])
        script.answer(.accept)
        #expect(script.outcome?.answer == .accept)
    }

    @Test("modifications are kept in their order, the pieces of a new body become one")
    func modifications() throws {
        var script = ClientScript { $0 == "E" ? .progress : .proceed }
        script.begin()
        let name = ByteBuffer(string: "X-A")
        let value = ByteBuffer(string: "1")
        for reply: MilterReply in [
            .insertField(index: 1, name: name, value: value), .replaceBody(ByteBuffer(string: "one ")),
            .quarantine(reason: ByteBuffer(string: "why")), .replaceBody(ByteBuffer(string: "two")),
            .deleteRecipient(ByteBuffer(string: "<bert@example.net>")),
        ] {
            script.answer(reply)
        }
        #expect(script.outcome == nil)
        script.answer(.proceed)
        #expect(
            try #require(script.outcome).modifications == [
                .insertField(index: 1, name: name, value: value), .quarantine(reason: ByteBuffer(string: "why")),
                .deleteRecipient(ByteBuffer(string: "<bert@example.net>")),
                .replaceBody(ByteBuffer(string: "one two")),
            ])
    }

    @Test("a filter that asks for more than the limits has given no answer")
    func limits() {
        let limits = MilterClientLimits(modifications: 2, octets: 10, body: 5)
        let field = MilterReply.addField(name: ByteBuffer(string: "A"), value: ByteBuffer(string: "1"))
        let long = MilterReply.addField(name: ByteBuffer(string: "A"), value: ByteBuffer(string: "1234567890"))
        let piece = MilterReply.replaceBody(ByteBuffer(string: "123"))
        for replies in [[field, field, field], [long], [piece, piece]] {
            var script = ClientScript(limits: limits) { $0 == "E" ? .progress : .proceed }
            script.begin()
            for reply in replies { script.answer(reply) }
            #expect(script.failure?.step == .endOfMessage)
            #expect(script.failure?.reason.contains("more than") == true)
        }
        var script = ClientScript(limits: limits) { $0 == "E" ? .progress : .proceed }
        script.begin()
        for reply in [field, field, .replaceBody(ByteBuffer(string: "12345"))] { script.answer(reply) }
        #expect(script.failure == nil)
    }

    @Test("what a filter must not say at that place ends the session")
    func misplaced() {
        let field = MilterReply.addField(name: ByteBuffer(string: "A"), value: ByteBuffer(string: "1"))
        for (command, reply) in [
            ("C mail.example.org", field), ("B 7", .quarantine(reason: ByteBuffer())), ("E", .skip),
            ("M <anna@example.org>", .negotiate(MilterClientSession.offer)),
        ] {
            var script = ClientScript { $0 == command ? reply : .proceed }
            script.begin()
            #expect(script.outcome == nil)
            #expect(script.failure?.reason.hasPrefix("the filter answered") == true)
            #expect(script.told.last == "close")
        }
    }

    @Test("a change that was not announced, and an answer that was ruled out, end the session")
    func unannounced() {
        let field = MilterReply.addField(name: ByteBuffer(string: "A"), value: ByteBuffer(string: "1"))
        var script = ClientScript(actions: [.replaceBody]) { $0 == "E" ? field : .proceed }
        script.begin()
        #expect(script.failure?.reason.contains("not announced") == true)
        var talker = ClientScript(steps: .noReplyForBody, stopsAtBody: true)
        talker.begin()
        talker.answer(.proceed)
        #expect(talker.failure?.reason.contains("said it would not") == true)
        var idle = ClientScript()
        idle.begin()
        #expect(idle.session.replyReceived(.proceed) == [.close])
    }

    @Test("versions below 6 know nothing of later steps, and are told neither DATA nor more clients")
    func olderVersions() throws {
        for version: UInt32 in 2...5 {
            // Flags that the version doesn't have are noise.
            var script = ClientScript(version: version, steps: [.noHelo, .noReplyForBody, .noReplyForConnect])
            script.begin()
            #expect(script.told.contains("T") == (version >= 4))
            #expect(script.told.contains("D T"))
            #expect(!script.told.contains("H mail.example.org"))
            #expect(script.told.filter { $0 == "c" }.count == (version >= 4 ? 9 : 8))
            #expect(try #require(script.outcome).reuse == .sameClient)
        }
    }

    @Test("a version that we don't speak, and actions that there are not, end the session")
    func wrongNegotiation() {
        for options in [
            MilterOptions(version: 1, actions: [], steps: []), MilterOptions(version: 7, actions: [], steps: []),
            MilterOptions(version: 6, actions: MilterActions(rawValue: 0x200), steps: []),
        ] {
            var session = MilterClientSession()
            _ = session.connected()
            let actions = session.replyReceived(.negotiate(options))
            #expect(actions.last == .close)
            guard case .failed(let failure) = actions.first else {
                Issue.record("no failure")
                return
            }
            #expect(failure.step == .negotiation)
        }
    }
}
