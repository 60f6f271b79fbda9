// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceMilter

@Suite("One session, many messages") struct MilterClientReuseTests {
    @Test("the next message of the same client begins with MAIL")
    func sameClient() {
        var script = ClientScript()
        script.begin()
        script.next(ClientScript.transaction())
        #expect(script.told.prefix(2) == ["D M", "M <anna@example.org>"])
        #expect(script.outcome?.answer == .proceed)
    }

    @Test("the next message of another client begins with quit-nc and connect")
    func otherClient() {
        var script = ClientScript()
        script.begin()
        script.next(ClientScript.transaction(helo: "other.example.org"))
        #expect(script.told.prefix(5) == ["K", "D C", "C mail.example.org", "c", "D H"])
        #expect(script.told.contains("H other.example.org"))
        #expect(script.outcome?.reuse == .anyClient)
    }

    @Test("after any answer at the end but proceed libmilter ignores quit-nc: only the same client can follow")
    func libmilter() {
        for answer: MilterReply in [.accept, .reject, .temporaryFailure, .discard] {
            var script = ClientScript { $0 == "E" ? answer : .proceed }
            script.begin()
            #expect(script.outcome?.reuse == .sameClient)
        }
    }

    @Test("a session that is not needed any more, or was kept too long, ends with quit")
    func quit() {
        var script = ClientScript()
        script.begin()
        #expect(script.session.awaited == .message)
        var other = script.session
        #expect(other.quitRequested() == [.send([.quit]), .close])
        var kept = script.session
        #expect(kept.timerFired() == [.send([.quit]), .close])
        #expect(kept.awaited == .nothing)
    }

    @Test("a session that was closed while it rested says that the message was not answered")
    func closedAtRest() throws {
        var script = ClientScript()
        script.begin()
        var session = script.session
        #expect(session.connectionClosed("gone") == [.close])
        guard case .failed(let failure) = session.transactionRequested(ClientScript.transaction()).first else {
            Issue.record("no failure")
            return
        }
        #expect(failure.isUnanswered)
    }

    @Test("a session that breaks says where, and whether there had been an answer")
    func broken() {
        for isUnanswered in [true, false] {
            var session = MilterClientSession()
            _ = session.connected()
            _ = session.replyReceived(.negotiate(MilterOptions(version: 6, actions: [], steps: [])))
            _ = session.transactionRequested(ClientScript.transaction())
            if !isUnanswered { _ = session.replyReceived(.proceed) }
            let actions = session.connectionClosed("gone")
            let step: MilterClientStep = isUnanswered ? .connect : .helo
            #expect(
                actions == [.failed(.init(step: step, reason: "gone", isUnanswered: isUnanswered)), .close])
            #expect(session.connectionClosed("again") == [])
        }
    }

    @Test("a time limit, garbage and a body that can't be read end the session in each state")
    func faults() {
        let faults: [(inout MilterClientSession) -> [MilterClientSession.Action]] = [
            { $0.timerFired() }, { $0.garbageReceived(.empty) }, { $0.connectionClosed("gone") },
        ]
        for fault in faults {
            var negotiating = MilterClientSession()
            _ = negotiating.connected()
            #expect(fault(&negotiating).last == .close)
            var running = MilterClientSession()
            _ = running.connected()
            _ = running.replyReceived(.negotiate(MilterOptions(version: 6, actions: [], steps: [])))
            _ = running.transactionRequested(ClientScript.transaction())
            #expect(fault(&running).last == .close)
            #expect(!running.isReady)
            #expect(running.replyReceived(.proceed) == [])
        }
        var script = ClientScript(stopsAtBody: true)
        script.begin()
        var session = script.session
        #expect(session.bodyRead(ByteBuffer()).last == .close)
        session = script.session
        #expect(session.bodyFailed("disk").last == .close)
    }

    @Test("macros are told as the filter lists them, else as Sendmail and Postfix do")
    func macros() {
        var usual = ClientScript()
        usual.begin()
        #expect(usual.macros["C"] == ["j": "mx.example.net"])
        #expect(usual.macros["H"] == ["tls_version": "TLSv1.3"])
        #expect(usual.macros["M"] == ["i": "4711", "auth_authen": "anna"])
        #expect(usual.macros["R"] == ["i": "4711", "rcpt_addr": "carl@example.net"])
        #expect(usual.macros["E"] == ["i": "4711"])
        #expect(usual.macros["L"] == nil)
        var listed = ClientScript(lists: [.connect: ["unheard", "missing"], .mail: [], .endOfMessage: ["j"]])
        listed.begin()
        #expect(listed.macros["C"] == ["unheard": "of"])
        #expect(listed.macros["M"] == [:], "what was told of the message before is taken away")
        #expect(listed.macros["E"] == ["j": "mx.example.net"])
        #expect(listed.macros["H"] == ["tls_version": "TLSv1.3"])
        var unlisted = ClientScript(
            actions: MilterActions.version6.subtracting(.setMacroLists), lists: [.connect: ["unheard"]])
        unlisted.begin()
        #expect(unlisted.macros["C"] == ["j": "mx.example.net"])
    }

    @Test("whatever a filter answers, in whatever order, a message has one outcome or one failure")
    func anyAnswers() {
        let text = ByteBuffer(string: "550 5.7.1 no")
        let replies: [MilterReply] = [
            .proceed, .proceed, .proceed, .proceed, .proceed, .progress, .skip, .accept, .reject, .temporaryFailure,
            .discard, .replyCode(text), .shutdown, .quarantine(reason: text), .addField(name: text, value: text),
            .replaceBody(text), .negotiate(MilterClientSession.offer),
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var session = MilterClientSession()
            _ = session.connected()
            let steps = MilterSteps(rawValue: UInt32.random(in: 0..<(1 << 21), using: &generator))
            _ = session.replyReceived(.negotiate(MilterOptions(version: 6, actions: .version6, steps: steps)))
            let transaction = ClientScript.transaction(body: String(repeating: "y", count: 70_000))
            var ends = 0
            var pending = session.transactionRequested(transaction)
            var turns = 0
            while ends == 0, turns < 200 {
                turns += 1
                var next: [MilterClientSession.Action] = []
                for action in pending {
                    switch action {
                    case .finished, .failed: ends += 1
                    case .readBody(let offset, let count):
                        next += session.bodyRead(
                            MemoryContent(String(repeating: "y", count: 70_000)).read(at: offset, count: count))
                    case .send, .ready, .close: continue
                    }
                }
                if next.isEmpty, ends == 0 {
                    next = session.replyReceived(replies.randomElement(using: &generator) ?? .proceed)
                }
                pending = next
            }
            for action in pending {
                if case .finished = action { ends += 1 }
                if case .failed = action { ends += 1 }
            }
            #expect(ends == 1)
        }
    }
}
