// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceMilter

@Suite("Answers of a milter")
struct MilterSessionAnswerTests {
    private let refusal = MilterReply.replyCode(ByteBuffer(string: "451 4.3.2 later"))

    @Test("a refused MAIL ends the transaction, and another MAIL may follow")
    func refusedMail() {
        var script = MilterSessionScript()
        _ = script.take(.testConnect)
        script.answers[.mail] = .reply(refusal)
        #expect(script.take(.testMail) == ["mail", "transaction ended", "> reply code"])
        #expect(!script.session.isInTransaction)
        #expect(script.take(.testMail) == ["mail", "transaction ended", "> reply code"])
        script.answers = [:]
        #expect(script.take(.abort, .testMail) == ["mail", "> continue"])
    }

    @Test("a refused recipient is that one's own affair")
    func refusedRecipient() {
        for reply in [MilterReply.reject, .temporaryFailure, refusal] {
            var script = MilterSessionScript()
            _ = script.take(.testConnect, .testMail)
            script.answers[.recipient] = .reply(reply)
            #expect(script.take(.testRecipient) == ["recipient", "> \(reply.name)"])
            script.answers = [:]
            #expect(script.take(.testRecipient) == ["recipient", "> continue"])
            #expect(script.take(.testEnd) == ["data", "endOfHeader", "conclude", "> continue"])
        }
    }

    @Test("discard, accept and shutdown at a recipient end the message")
    func endAtRecipient() {
        for reply in [MilterReply.discard, .accept, .shutdown, .connectionFailure] {
            var script = MilterSessionScript()
            _ = script.take(.testConnect, .testMail)
            script.answers[.recipient] = .reply(reply)
            #expect(script.take(.testRecipient) == ["recipient", "transaction ended", "> \(reply.name)"])
            #expect(script.take(.testRecipient) == ["> \(reply.name)"])
        }
    }

    @Test("an answer to connect or helo that can't be given is given at every MAIL of that client")
    func keptForClient() {
        for step in [MilterSessionStep.connect, .helo] {
            var script = MilterSessionScript()
            script.answers[step] = .reply(.reject)
            _ = script.take(.testConnect, .testHelo)
            #expect(script.take(.testMail) == ["> reject"])
            #expect(script.take(.testRecipient) == ["> reject"])
            #expect(script.take(.abort, .testMail, .abort) == ["> reject"])
            script.answers = [:]
            #expect(script.take(.quitNewConnection, .testConnect) == ["client ended", "connect"])
            #expect(script.take(.testMail) == ["mail", "> continue"])
        }
    }

    @Test("where connect and helo are answered, their answers are given there")
    func answeredClient() {
        var script = MilterSessionScript.answering()
        script.answers[.connect] = .reply(.temporaryFailure)
        #expect(script.take(.testConnect) == ["connect", "> tempfail"])
        script.answers = [:]
        #expect(script.take(.testHelo) == ["helo", "> tempfail"])
    }

    @Test(
        "an answer at a step that isn't answered is kept for the end, and the policy hears no more of the message",
        arguments: [MilterSessionStep.data, .header, .endOfHeader])
    func keptForEnd(step: MilterSessionStep) {
        var script = MilterSessionScript()
        _ = script.take(.testConnect, .testMail, .testRecipient)
        script.answers[step] = .reply(.reject)
        let words = script.take(.data, .testHeader, .endOfHeader, .testBody, .body(ByteBuffer(string: "more")))
        #expect(words.last == "transaction ended")
        #expect(words.filter { $0 == "\(step)" }.count == 1)
        #expect(script.session.isInTransaction)
        #expect(script.take(.testEnd) == ["> reject"])
        #expect(!script.session.isInTransaction)
        script.answers = [:]
        #expect(script.take(.testMail) == ["mail", "> continue"])
    }

    @Test("where only the end of the header is answered, a field's answer is given there")
    func keptForNextStep() {
        var script = MilterSessionScript(steps: [.noReplyForHeader])
        _ = script.take(.testConnect, .testMail)
        script.answers[.header] = .reply(.reject)
        #expect(script.take(.testHeader) == ["data", "header", "transaction ended"])
        #expect(script.take(.endOfHeader) == ["> reject"])
        #expect(!script.session.isInTransaction)
        #expect(script.take(.testMail) == ["mail", "> continue"])
    }

    @Test("a refused recipient that isn't answered refuses the message")
    func unansweredRecipient() {
        var script = MilterSessionScript(
            steps: [.noReplyForRecipient],
            configuration: MilterServerConfiguration(steps: [.noReplyForRecipient]))
        _ = script.take(.testConnect, .testMail)
        script.answers[.recipient] = .reply(.reject)
        #expect(script.take(.testRecipient) == ["recipient", "transaction ended"])
        #expect(script.take(.testRecipient) == [])
        #expect(script.take(.data) == ["> reject"])
    }

    @Test("a piece that can't be kept is a temporary failure, at once or at the end")
    func bodyLost() {
        var script = MilterSessionScript.answering()
        _ = script.take(.testConnect, .testMail, .endOfHeader)
        script.keepsBody = false
        #expect(script.take(.testBody) == ["piece body", "transaction ended", "> tempfail"])
        var silent = MilterSessionScript()
        _ = silent.take(.testConnect, .testMail, .endOfHeader)
        silent.keepsBody = false
        #expect(silent.take(.testBody, .testBody, .testEnd) == ["piece body", "transaction ended", "> tempfail"])
        _ = silent.take(.testMail, .endOfHeader)
        #expect(
            silent.take(.endOfMessage(ByteBuffer(string: "x"))) == ["piece x", "transaction ended", "> tempfail"])
    }

    @Test("skip is said for pieces of the body to an MTA that understands it, and is continue to others")
    func skip() {
        for (steps, reply) in [([.skip], "> skip"), ([.leadingSpace], "> continue")] as [(MilterSteps, String)] {
            var script = MilterSessionScript(steps: steps)
            _ = script.take(.testConnect, .testMail, .testRecipient, .testHeader, .endOfHeader)
            #expect(script.take(.testBody) == ["piece body", "> continue"])
            script.hasEnough = true
            #expect(script.take(.testBody) == ["piece body", reply])
            #expect(script.take(.testBody) == ["piece body", reply])
            script.conclusion = MilterConclusion(final: .reject)
            #expect(
                script.take(.endOfMessage(ByteBuffer(string: "x"))) == ["piece x", "conclude", "> reject"])
            script.hasEnough = false
            #expect(script.take(.testMail) == ["mail", "> continue"])
            #expect(script.take(.testBody).suffix(2) == ["piece body", "> continue"])
        }
        var silent = MilterSessionScript()
        silent.hasEnough = true
        #expect(silent.take(MilterCommand.testMessage + [.testConnect]).contains("> skip") == false)
    }

    @Test("skip is never an answer to another step: at RCPT Sendmail would let the message pass unseen")
    func neverSkipsElsewhere() {
        for step in [MilterSessionStep.mail, .recipient, .data, .header, .endOfHeader] {
            var script = MilterSessionScript.answering()
            _ = script.take(.testConnect)
            script.answers[step] = .reply(.skip)
            let words = script.take(MilterCommand.testMessage)
            #expect(!words.contains("> skip") && words.contains("fault") && words.contains("> tempfail"), "\(step)")
        }
    }

    @Test("modifications are sent in their order before the answer")
    func modifications() {
        var script = MilterSessionScript()
        script.conclusion = MilterConclusion(
            modifications: [
                .insertField(index: 0, name: ByteBuffer(string: "A"), value: ByteBuffer(string: " b")),
                .replaceBody(ByteBuffer(string: "new")), .deleteRecipient(ByteBuffer(string: "<c@d.test>")),
            ], final: .accept)
        _ = script.take(.testConnect)
        #expect(
            script.take(MilterCommand.testMessage).suffix(5)
                == ["conclude", "> insert a field", "> replace the body", "> delete a recipient", "> accept"])
    }

    @Test(
        "a modification that was not agreed on is a fault of ours: none is sent, and the MTA is told to try again",
        arguments: [
            (.addFields, .addField(name: ByteBuffer(string: "A"), value: ByteBuffer())),
            (.addFields, .insertField(index: 1, name: ByteBuffer(string: "A"), value: ByteBuffer())),
            (.changeFields, .changeField(index: 1, name: ByteBuffer(string: "A"), value: ByteBuffer())),
            (.replaceBody, .replaceBody(ByteBuffer())), (.addRecipients, .addRecipient(ByteBuffer())),
            (.addRecipientsWithParameters, .addRecipientWithParameters(ByteBuffer(), parameters: nil)),
            (.deleteRecipients, .deleteRecipient(ByteBuffer())),
            (.changeReversePath, .changeReversePath(ByteBuffer(), parameters: nil)),
            (.quarantine, .quarantine(reason: ByteBuffer())),
        ] as [(MilterActions, MilterReply)])
    func notAgreed(action: MilterActions, modification: MilterReply) {
        for isAgreed in [true, false] {
            let actions = isAgreed ? [.setMacroLists, action] : MilterActions.version6.subtracting(action)
            var script = MilterSessionScript(actions: actions)
            script.conclusion = MilterConclusion(modifications: [modification], final: .accept)
            _ = script.take(.testConnect)
            #expect(
                script.take(MilterCommand.testMessage).suffix(2)
                    == (isAgreed ? ["> \(modification.name)", "> accept"] : ["fault", "> tempfail"]))
        }
    }

    @Test("an answer that ends nothing is a fault of ours")
    func wrongAnswers() {
        for final in [MilterReply.progress, .skip, .addRecipient(ByteBuffer())] {
            var script = MilterSessionScript()
            script.conclusion = MilterConclusion(final: final)
            _ = script.take(.testConnect)
            #expect(script.take(MilterCommand.testMessage).suffix(2) == ["fault", "> tempfail"])
        }
        var script = MilterSessionScript()
        script.conclusion = MilterConclusion(modifications: [.progress], final: .accept)
        _ = script.take(.testConnect)
        #expect(script.take(MilterCommand.testMessage).suffix(2) == ["fault", "> tempfail"])
        script.answers[.mail] = .reply(.progress)
        #expect(script.take(.testMail).suffix(1) == ["> tempfail"])
        var early = MilterSessionScript()
        early.answers[.connect] = .reply(.quarantine(reason: ByteBuffer()))
        #expect(early.take(.testConnect) == ["connect", "fault"])
        #expect(early.take(.testMail) == ["> tempfail"])
    }

    @Test("the space before a value is left to an MTA that puts one there itself")
    func spaces() {
        func sent(_ steps: MilterSteps, _ value: String) -> [String] {
            var script = MilterSessionScript(steps: steps)
            let name = ByteBuffer(string: "A")
            let value = ByteBuffer(string: value)
            script.conclusion = MilterConclusion(
                modifications: [
                    .addField(name: name, value: value), .insertField(index: 1, name: name, value: value),
                    .changeField(index: 1, name: name, value: value),
                ], final: .accept)
            _ = script.take([.testConnect] + MilterCommand.testMessage)
            return script.sent.compactMap { reply in
                switch reply {
                case .addField(_, let value), .insertField(_, _, let value), .changeField(_, _, let value):
                    String(buffer: value)
                default: nil
                }
            }
        }
        #expect(sent([.leadingSpace], " b") == [" b", " b", " b"])
        #expect(sent([.skip], " b") == ["b", "b", "b"])
        #expect(sent([.skip], "b") == ["b", "b", "b"])
        #expect(sent([.skip], "  b") == [" b", " b", " b"])
        #expect(sent([.skip], " ") == [" ", " ", " "])
        #expect(sent([.skip], "") == ["", "", ""])
    }
}
