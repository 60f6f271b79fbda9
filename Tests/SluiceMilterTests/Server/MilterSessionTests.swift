// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceMilter

@Suite("Milter session")
struct MilterSessionTests {
    private let client: [MilterCommand] = [.testConnect, .testHelo]

    @Test("of a whole session only MAIL, RCPT and the end are answered, where the MTA agrees to that")
    func wholeSession() {
        var script = MilterSessionScript()
        #expect(script.take(client) == ["connect", "helo"])
        #expect(script.take(.testMail) == ["mail", "> continue"])
        #expect(script.take(.testRecipient) == ["recipient", "> continue"])
        #expect(script.take(.data, .testHeader, .endOfHeader) == ["data", "header", "endOfHeader"])
        #expect(script.take(.testBody, .body(ByteBuffer(string: "more"))) == ["piece body", "piece more"])
        #expect(script.take(.testEnd) == ["conclude", "> continue"])
        #expect(script.take(.quit) == ["client ended", "close"])
        #expect(script.session.next() == nil)
    }

    @Test("where nothing of that is agreed on, every step is answered")
    func everyStepAnswered() {
        var script = MilterSessionScript.answering()
        #expect(script.take(client) == ["connect", "> continue", "helo", "> continue"])
        #expect(
            script.take(MilterCommand.testMessage) == [
                "mail", "> continue", "recipient", "> continue", "data", "> continue", "header", "> continue",
                "endOfHeader", "> continue", "piece body", "> continue", "conclude", "> continue",
            ])
    }

    @Test("hundreds of messages go over one connection, and other clients follow the first")
    func manyMessages() {
        var script = MilterSessionScript()
        for _ in 0..<3 {
            #expect(script.take(client) == ["connect", "helo"])
            for _ in 0..<200 {
                #expect(
                    script.take(MilterCommand.testMessage) == [
                        "mail", "> continue", "recipient", "> continue", "data", "header", "endOfHeader", "piece body",
                        "conclude", "> continue",
                    ])
            }
            #expect(script.take(.quitNewConnection) == ["client ended"])
        }
        #expect(script.take(.quit) == ["close"])
    }

    @Test("what an MTA leaves out is made up for, so that the policy always sees the same order")
    func leftOut() {
        var script = MilterSessionScript(version: 2, steps: .version2)
        #expect(script.take(.testConnect, .testMail) == ["connect", "> continue", "mail", "> continue"])
        #expect(script.take(.testHeader) == ["data", "header", "> continue"])
        #expect(script.take(.testEnd) == ["endOfHeader", "conclude", "> continue"])
        _ = script.take(.testMail, .testRecipient)
        #expect(
            script.take(.endOfMessage(ByteBuffer(string: "all")))
                == ["data", "endOfHeader", "piece all", "conclude", "> continue"])
        _ = script.take(.testMail)
        #expect(script.take(.testBody) == ["data", "endOfHeader", "piece body", "> continue"])
    }

    @Test("an abort ends the message at every step, and does nothing outside one")
    func abort() {
        for length in 1..<MilterCommand.testMessage.count {
            var script = MilterSessionScript()
            _ = script.take(client + MilterCommand.testMessage.prefix(length))
            #expect(script.take(.abort) == ["transaction ended"])
            #expect(script.take(.abort) == [])
            #expect(script.take(.testMail) == ["mail", "> continue"])
        }
        var script = MilterSessionScript()
        #expect(script.take(.abort) == [])
        #expect(script.take(.testConnect, .abort, .testMail) == ["connect", "mail", "> continue"])
    }

    @Test("quit ends all at every step")
    func quit() {
        for length in 1..<MilterCommand.testMessage.count {
            var script = MilterSessionScript()
            _ = script.take(client + MilterCommand.testMessage.prefix(length))
            #expect(script.take(.quit) == ["transaction ended", "client ended", "close"])
            #expect(script.session.state == .closed)
        }
        var script = MilterSessionScript(isNegotiated: false)
        #expect(script.take(.quit) == ["close"])
    }

    @Test("quit and new connection ends the client at every step, and another may follow")
    func quitNewConnection() {
        for length in 1..<MilterCommand.testMessage.count {
            var script = MilterSessionScript()
            _ = script.take(client + MilterCommand.testMessage.prefix(length))
            #expect(script.take(.quitNewConnection) == ["transaction ended", "client ended"])
            #expect(script.take(.testConnect) == ["connect"])
        }
    }

    @Test("an abort while the policy decides ends the message, and its answer comes to nothing")
    func abortWhileDeciding() {
        var script = MilterSessionScript()
        script.conclusion = nil
        _ = script.take(client + MilterCommand.testMessage)
        #expect(script.session.isInTransaction)
        #expect(script.take(.abort) == ["transaction ended"])
        script.session.concluded(MilterConclusion(final: .accept))
        #expect(script.run() == [])
        #expect(script.take(.testMail) == ["mail", "> continue"])
    }

    @Test("a HELO within the envelope ends the transaction, as does another MAIL; Postfix says abort after it")
    func repeated() {
        var script = MilterSessionScript.answering()
        _ = script.take(.testConnect)
        #expect(script.take(.testHelo, .testHelo) == ["helo", "> continue", "helo", "> continue"])
        _ = script.take(.testMail, .testRecipient)
        #expect(script.take(.testHelo) == ["transaction ended", "helo", "> continue"])
        #expect(script.take(.abort) == [])
        _ = script.take(.testMail)
        #expect(script.take(.testMail) == ["transaction ended", "mail", "> continue"])
    }

    @Test("a recipient that the MTA has rejected is not told to the policy, and the next one is")
    func rejectedRecipients() {
        var script = MilterSessionScript()
        _ = script.take(client + [.testMail])
        let rejected = MilterCommand.testMacros("R", ["rcpt_mailer": "error", "rcpt_addr": "x"])
        #expect(script.take(rejected, .testRecipient) == ["> continue"])
        #expect(script.take(.testRecipient) == ["recipient", "> continue"])
        #expect(script.macros["rcpt_addr"] == nil)
        #expect(script.take(rejected, .testRecipient) == ["> continue"])
        #expect(
            script.take(.testMacros("R", ["rcpt_mailer": "smtp"]), .testRecipient) == ["recipient", "> continue"])
    }

    @Test("an unknown command is answered, unless it is agreed that it isn't, and changes nothing")
    func unknown() {
        var script = MilterSessionScript.answering()
        #expect(script.take(.unknown(ByteBuffer(string: "XYZZY"))) == ["> continue"])
        _ = script.take(.testConnect)
        #expect(script.take(.unknown(ByteBuffer())) == ["> continue"])
        _ = script.take(.testMail)
        #expect(script.take(.unknown(ByteBuffer())) == ["> continue"])
        #expect(script.take(.testRecipient) == ["recipient", "> continue"])
        var silent = MilterSessionScript()
        #expect(silent.take(.testConnect, .unknown(ByteBuffer())) == ["connect"])
    }

    @Test("an empty piece of the body is not told")
    func emptyBody() {
        var script = MilterSessionScript.answering()
        _ = script.take(.testConnect, .testMail, .endOfHeader)
        #expect(script.take(.body(ByteBuffer())) == ["> continue"])
        #expect(script.take(.testEnd) == ["conclude", "> continue"])
    }

    @Test("the space that the MTA takes away stands before the value again, unless it keeps it")
    func leadingSpace() {
        func value(_ steps: MilterSteps, _ text: String) -> String? {
            var script = MilterSessionScript(steps: steps)
            _ = script.take(.testConnect, .testMail, .testHeader(text))
            guard case .field(_, let value)? = script.asked.last else { return nil }
            return String(buffer: value)
        }
        #expect(value([.leadingSpace], " one") == " one")
        #expect(value([.leadingSpace], "one") == "one")
        #expect(value([.skip], "one") == " one")
        #expect(value([.skip], " one") == "  one")
        #expect(value([.skip], "\tone") == "\tone")
        #expect(value([.skip], "\n one") == "\n one")
        #expect(value([.skip], "") == " ")
    }
}
