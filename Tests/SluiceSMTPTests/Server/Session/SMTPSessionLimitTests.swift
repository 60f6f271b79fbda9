// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceSMTP

@Suite("SMTP session: limits, time-outs, shutdown")
struct SMTPSessionLimitTests {
    private let no = Reply(550, EnhancedStatusCode(5, 7, 1), "no")

    @Test("SIZE= is refused from one octet over the limit on (RFC 1870 §6.1)", arguments: [999, 1000, 1001])
    func declaredSize(size: Int) throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(messageSize: 1000))
        let reply = try script.response("MAIL FROM:<> SIZE=\(size)").reply
        #expect(reply.code == (size > 1000 ? 552 : 250))
        #expect(reply.enhanced == (size > 1000 ? EnhancedStatusCode(5, 3, 4) : EnhancedStatusCode(2, 1, 0)))
        #expect(script.session.isInTransaction == (size <= 1000))
    }

    @Test("one recipient over the limit gets 452, and those before it their mail")
    func recipients() throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(recipients: 3))
        _ = try script.code("MAIL FROM:<>")
        for number in 1...3 { #expect(try script.code("RCPT TO:<a\(number)@b.test>") == 250) }
        for number in 4...30 {
            #expect(try script.response("RCPT TO:<a\(number)@b.test>").reply == SMTPReplies.tooManyRecipients)
        }
        #expect(try script.code("DATA") == 354)
        #expect(script.session.transaction?.envelope.recipients.count == 3)
    }

    @Test(
        "after the allowed errors one more ends the session with 421",
        arguments: ["NONSENSE", "DATA", "EHLO", "MAIL FROM:<> X=1"])
    func errors(line: String) throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(errors: 3))
        for _ in 0..<3 {
            let response = try script.response(line)
            #expect(response.reply.isPermanentNegative)
            #expect(response.close == nil)
        }
        #expect(try script.response(line) == SMTPResponse(SMTPReplies.tooManyErrors, close: .afterDraining))
        #expect(script.session.expects == .nothing)
    }

    @Test("content that is one error too many ends its transaction all the same")
    func errorsWithContent() throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(errors: 0))
        _ = try script.code("MAIL FROM:<>")
        _ = try script.code("RCPT TO:<a@b.test>")
        _ = try script.code("DATA")
        let response = script.session.contentEnded(.lineEnd)
        let expected = SMTPResponse(
            SMTPReplies.tooManyErrors, close: .afterDraining,
            transactionEnd: .refused(ContentDefect.lineEnd.reply))
        #expect(response == .respond(expected))
    }

    @Test("refused recipients count as errors, an accepted message forgives them, a refused one is none")
    func forgiveness() throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(errors: 2))
        for decision in [Reply(250, nil, "ok"), no, no, no, no, Reply(250, nil, "ok")] {
            _ = try script.code("MAIL FROM:<>")
            if decision.code == 250 {
                for _ in 0..<2 {
                    _ = script.on("RCPT TO:<x@b.test>")
                    #expect(script.session.recipientDecided(no).close == nil)
                }
            }
            _ = try script.code("RCPT TO:<a@b.test>")
            _ = try script.code("DATA")
            #expect(script.session.contentEnded(nil) == .decideMessage)
            #expect(script.session.messageDecided(decision).close == nil)
            if decision.code == 250 { #expect(script.session.errors == 0) }
        }
    }

    @Test("too many errors within a transaction end it as refused")
    func errorsInTransaction() throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(errors: 0))
        _ = try script.code("MAIL FROM:<>")
        #expect(try script.response("NONSENSE").transactionEnd == .refused(SMTPReplies.tooManyErrors))
    }

    @Test(
        "content with a defect is refused after its end, without asking",
        arguments: [
            (ContentDefect.tooLarge, 552, EnhancedStatusCode(5, 3, 4)), (.headerTooLarge, 552, .init(5, 3, 4)),
            (.tooManyHops, 554, .init(5, 4, 6)), (.lineTooLong, 554, .init(5, 6, 0)), (.nul, 554, .init(5, 6, 0)),
            (.lineEnd, 554, .init(5, 6, 0)),
        ])
    func defects(defect: ContentDefect, code: Int, enhanced: EnhancedStatusCode) throws {
        var script = try SessionScript.begun()
        for line in ["MAIL FROM:<>", "RCPT TO:<a@b.test>", "DATA"] { _ = try script.code(line) }
        let expected = SMTPResponse(defect.reply, transactionEnd: .refused(defect.reply))
        #expect(script.session.contentEnded(defect) == .respond(expected))
        #expect(defect.reply.code == code && defect.reply.enhanced == enhanced)
        #expect(script.session.expects == .command)
        #expect(try script.code("MAIL FROM:<>") == 250)
    }

    @Test("content whose end is in doubt is refused, and the session ends: what follows it is no command")
    func doubtfulEnd() throws {
        var script = try SessionScript.begun()
        for line in ["MAIL FROM:<>", "RCPT TO:<a@b.test>", "DATA"] { _ = try script.code(line) }
        guard case .respond(let response) = script.session.contentEnded(.doubtfulEnd) else {
            Issue.record("asked")
            return
        }
        #expect(response.reply == ContentDefect.lineEnd.reply)
        #expect(response.farewell?.code == 421)
        #expect(response.close == .afterDraining)
        #expect(response.transactionEnd == .refused(response.reply))
    }

    @Test("content that can't be kept is answered with 451 after its end")
    func storage() throws {
        var script = try SessionScript.begun()
        for line in ["MAIL FROM:<>", "RCPT TO:<a@b.test>", "DATA"] { _ = try script.code(line) }
        #expect(script.session.keepsContent)
        script.session.contentStorageFailed()
        #expect(!script.session.keepsContent)
        guard case .respond(let response) = script.session.contentEnded(nil) else {
            Issue.record("asked")
            return
        }
        #expect(response.reply == SMTPReplies.localError)
        #expect(response.transactionEnd == .refused(SMTPReplies.localError))
        #expect(script.session.errors == 0)
    }

    @Test("a client that takes too long gets 421 4.4.2, and its transaction is over")
    func timeouts() throws {
        var script = try SessionScript.begun()
        _ = try script.code("MAIL FROM:<>")
        let end = TransactionEnd.refused(SMTPReplies.timedOut)
        #expect(script.session.timedOut() == SMTPResponse(SMTPReplies.timedOut, close: .atOnce, transactionEnd: end))
    }

    @Test("a client that goes during a transaction is told of, at any point of it")
    func gone() throws {
        for lines in [
            [], ["MAIL FROM:<>"], ["MAIL FROM:<>", "RCPT TO:<a@b.test>"],
            ["MAIL FROM:<>", "RCPT TO:<a@b.test>", "DATA"],
        ] {
            var script = try SessionScript.begun()
            for line in lines { _ = try script.code(line) }
            #expect(script.session.connectionLost() == (lines.isEmpty ? nil : .clientGone))
            #expect(script.session.connectionLost() == nil)
        }
        var script = try SessionScript.begun()
        for line in ["MAIL FROM:<>", "RCPT TO:<a@b.test>", "DATA"] { _ = try script.code(line) }
        _ = script.session.contentEnded(nil)
        #expect(script.session.connectionLost() == .clientGone)
    }

    @Test("at shutdown an idle session gets 421 4.3.2 at once, a transaction may end first")
    func shutdown() throws {
        var idle = try SessionScript.begun()
        let farewell = SMTPResponse(SMTPReplies.shuttingDown, close: .afterDraining)
        #expect(idle.session.shutdownRequested() == .respond(farewell))
        #expect(idle.session.shutdownRequested() == .wait)

        var busy = try SessionScript.begun()
        _ = try busy.code("MAIL FROM:<>")
        #expect(busy.session.shutdownRequested() == .wait)
        for line in ["RCPT TO:<a@b.test>", "DATA"] { #expect(try busy.response(line).close == nil) }
        #expect(busy.session.contentEnded(nil) == .decideMessage)
        let kept = Reply(250, EnhancedStatusCode(2, 0, 0), "kept")
        let last = SMTPResponse(kept, farewell: SMTPReplies.shuttingDown, close: .afterDraining)
        #expect(busy.session.messageDecided(kept) == last)

        var reset = try SessionScript.begun()
        _ = try reset.code("MAIL FROM:<>")
        #expect(reset.session.shutdownRequested() == .wait)
        let response = try reset.response("RSET")
        #expect(response.reply.code == 250 && response.farewell == SMTPReplies.shuttingDown)
        #expect(response.transactionEnd == .reset)

        var early = try SessionScript()
        #expect(early.session.shutdownRequested() == .wait)
        #expect(early.session.connectionDecided(nil).farewell == SMTPReplies.shuttingDown)
    }

    @Test("a 421 of the policy's ends the session")
    func policyCloses() throws {
        var script = try SessionScript.begun()
        _ = script.on("MAIL FROM:<>")
        let reply = Reply(421, EnhancedStatusCode(4, 7, 0), "go away")
        #expect(script.session.mailDecided(reply) == SMTPResponse(reply, close: .afterDraining))
    }
}
