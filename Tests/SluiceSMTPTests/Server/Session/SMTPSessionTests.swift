// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceSMTP

@Suite("SMTP session: order of commands (RFC 5321 §4.1.4)")
struct SMTPSessionTests {
    @Test("a whole transaction, and another after it")
    func transactions() throws {
        var script = try SessionScript.begun()
        for _ in 0..<2 {
            #expect(try script.code("MAIL FROM:<a@client.test> BODY=8BITMIME") == 250)
            #expect(script.session.isInTransaction)
            #expect(try script.code("RCPT TO:<b@example.org>") == 250)
            #expect(try script.code("RCPT TO:<c@example.org>") == 250)
            guard case .decideContent(let envelope) = script.on("DATA") else {
                Issue.record("DATA was not asked about")
                return
            }
            let recipients = [
                Mailbox(localPart: "b", domain: "example.org"), Mailbox(localPart: "c", domain: "example.org"),
            ]
            let sender = Mailbox(localPart: "a", domain: "client.test")
            #expect(envelope == Envelope(reversePath: .mailbox(sender), recipients: recipients, is8BitMIME: true))
            #expect(script.session.contentDecided(nil).reply.code == 354)
            #expect(script.session.expects == .content)
            #expect(script.session.contentEnded(nil) == .decideMessage)
            #expect(script.session.expects == .nothing)
            let reply = Reply(250, EnhancedStatusCode(2, 0, 0), "kept")
            #expect(script.session.messageDecided(reply) == SMTPResponse(reply))
            #expect(!script.session.isInTransaction)
        }
        #expect(try script.response("QUIT").close == .atOnce)
    }

    @Test(
        "what comes out of order gets 503, and the session goes on",
        arguments: [
            ([], "MAIL FROM:<a@b.test>"), ([], "RCPT TO:<a@b.test>"), ([], "DATA"), ([], "STARTTLS"),
            (["EHLO a"], "RCPT TO:<a@b.test>"), (["EHLO a"], "DATA"),
            (["EHLO a", "MAIL FROM:<>"], "MAIL FROM:<>"), (["EHLO a", "MAIL FROM:<>"], "DATA"),
            (["EHLO a", "MAIL FROM:<>"], "STARTTLS"),
            (["EHLO a", "MAIL FROM:<>", "RCPT TO:<a@b.test>", "RSET"], "RCPT TO:<a@b.test>"),
            (["EHLO a", "MAIL FROM:<>", "RCPT TO:<a@b.test>", "EHLO b"], "DATA"),
        ] as [([String], String)])
    func outOfOrder(before: [String], line: String) throws {
        var script = try SessionScript.begun(hello: false)
        for line in before { #expect(try script.code(line) == 250) }
        #expect(try script.code(line) == 503)
        #expect(try script.code("NOOP") == 250)
    }

    @Test(
        "commands that need no order",
        arguments: [("NOOP", 250), ("RSET", 250), ("VRFY a", 252), ("HELP", 214), ("EXPN a", 502)])
    func anywhere(line: String, code: Int) throws {
        var script = try SessionScript.begun(hello: false)
        #expect(try script.code(line) == code)
        #expect(try script.code("EHLO a") == 250)
        #expect(try script.code("MAIL FROM:<>") == 250)
        #expect(try script.code(line) == (line == "RSET" ? 250 : code))
        #expect(script.session.isInTransaction == (line != "RSET"))
    }

    @Test("EHLO announces what is offered, and no more")
    func extensions() throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(messageSize: 12345), hello: false)
        let plain = ["mx.test", "PIPELINING", "SIZE 12345", "8BITMIME", "ENHANCEDSTATUSCODES"]
        #expect(try script.response("EHLO a").reply == Reply(250, nil, lines: plain + ["STARTTLS"]))
        #expect(try script.response("HELO a").reply == Reply(250, nil, "mx.test"))
        #expect(script.session.client.isExtended == false)
        var secure = try SessionScript.begun(limits: SMTPServerLimits(messageSize: 12345), hello: false, tls: true)
        #expect(try secure.response("EHLO a").reply == Reply(250, nil, lines: plain + ["AUTH PLAIN LOGIN"]))
        var bare = try SessionScript(
            limits: SMTPServerLimits(messageSize: 12345), startTLS: false, authentication: false)
        _ = bare.session.connectionDecided(nil)
        #expect(try bare.response("EHLO a").reply == Reply(250, nil, lines: plain))
        #expect(try bare.code("STARTTLS") == 502)
        #expect(try bare.code("AUTH PLAIN") == 502)
    }

    @Test("where DSN is offered its parameters are in the envelope, elsewhere they are not recognized (RFC 3461)")
    func dsn() throws {
        var script = try SessionScript(dsn: true)
        _ = script.session.connectionDecided(nil)
        #expect(try script.response("EHLO a").reply.lines.contains("DSN"))
        _ = try script.code("MAIL FROM:<a@b.test> RET=HDRS ENVID=e1")
        #expect(try script.code("RCPT TO:<c@d.test> NOTIFY=NEVER") == 250)
        #expect(try script.code("RCPT TO:<C@d.test>") == 250)
        var dsn = DSNParameters(returned: .headers, envelopeID: "e1")
        dsn[Mailbox(localPart: "c", domain: "d.test")] = RecipientDSNParameters(notify: [])
        guard case .decideContent(let envelope) = script.on("DATA") else {
            Issue.record("DATA is not decided on")
            return
        }
        #expect(envelope.recipients.count == 2 && envelope.dsn == dsn)
        var stranger = try SessionScript.begun()
        #expect(try stranger.code("MAIL FROM:<a@b.test> RET=HDRS") == 555)
        #expect(try stranger.code("MAIL FROM:<a@b.test>") == 250)
        #expect(try stranger.code("RCPT TO:<c@d.test> NOTIFY=NEVER") == 555)
        #expect(try stranger.code("RCPT TO:<c@d.test>") == 250)
        var user = try SessionScript.begun(tls: true)
        user.session.client.login = "user"
        #expect(try user.response("EHLO a").reply.lines.contains("DSN"))
        #expect(try user.code("MAIL FROM:<a@b.test> RET=FULL") == 250)
    }

    @Test("RSET, EHLO, HELO and QUIT end a transaction and say so", arguments: ["RSET", "EHLO b", "HELO b", "QUIT"])
    func resets(line: String) throws {
        var script = try SessionScript.begun()
        #expect(try script.response(line == "QUIT" ? "NOOP" : line).transactionEnd == nil)
        _ = try script.code("MAIL FROM:<>")
        #expect(try script.response(line).transactionEnd == .reset)
        #expect(!script.session.isInTransaction)
    }

    @Test("a refused sender begins no transaction; a refused recipient is in no envelope")
    func refusals() throws {
        var script = try SessionScript.begun()
        let no = Reply(550, EnhancedStatusCode(5, 7, 1), "no")
        #expect(script.on("MAIL FROM:<>") == .decideMail(MailCommand(reversePath: .null)))
        #expect(script.session.mailDecided(no) == SMTPResponse(no))
        #expect(try script.code("RCPT TO:<a@b.test>") == 503)
        _ = try script.code("MAIL FROM:<>")
        let mailbox = Mailbox(localPart: "a", domain: "b.test")
        let empty = Envelope(reversePath: .null, recipients: [])
        #expect(script.on("RCPT TO:<a@b.test>") == .decideRecipient(mailbox, empty))
        #expect(script.session.recipientDecided(no) == SMTPResponse(no))
        // RFC 5321 §3.3: no valid recipient.
        #expect(try script.code("DATA") == 554)
        #expect(script.on("RCPT TO:<a@b.test>") == .decideRecipient(mailbox, empty))
        #expect(script.session.recipientDecided(nil).reply.code == 250)
        #expect(script.on("DATA") == .decideContent(Envelope(reversePath: .null, recipients: [mailbox])))
        #expect(script.session.contentDecided(no) == SMTPResponse(no, transactionEnd: .refused(no)))
        #expect(try script.code("DATA") == 503)
    }

    @Test("a recipient that was given twice is in the envelope once")
    func repeats() throws {
        var script = try SessionScript.begun()
        _ = try script.code("MAIL FROM:<>")
        _ = try script.code("RCPT TO:<a@b.test>")
        guard case .respond(let response) = script.on("RCPT TO:<a@B.test>") else {
            Issue.record("asked again")
            return
        }
        #expect(response.reply.code == 250)
        #expect(script.session.transaction?.envelope.recipients.count == 1)
    }

    @Test("the greeting can be refused, which ends the session")
    func greeting() throws {
        var script = try SessionScript()
        #expect(script.session.expects == .nothing)
        let no = Reply(554, EnhancedStatusCode(5, 7, 1), "no service for you")
        #expect(script.session.connectionDecided(no) == SMTPResponse(no, close: .afterDraining))
        #expect(script.session.expects == .nothing)
        var other = try SessionScript()
        #expect(other.session.connectionDecided(nil).reply == Reply(220, nil, "mx.test ESMTP Sluice"))
    }

    @Test("after STARTTLS nothing that was said in the clear is known (RFC 3207 §4.2)")
    func startTLS() throws {
        var script = try SessionScript.begun()
        guard case .startTLS(let response) = script.on("STARTTLS") else {
            Issue.record("not started")
            return
        }
        #expect(response.reply.code == 220)
        #expect(script.session.expects == .nothing)
        script.session.tlsStarted(version: "TLSv1.2")
        #expect(script.session.client.tls == "TLSv1.2")
        #expect(script.session.client.helo == nil)
        #expect(try script.code("MAIL FROM:<>") == 503)
        #expect(try script.code("EHLO a") == 250)
        #expect(try script.code("STARTTLS") == 503)
    }

    @Test("anything behind STARTTLS in the clear ends the session (STARTTLS injection)")
    func injection() throws {
        var script = try SessionScript.begun()
        guard case .respond(let response) = script.on("STARTTLS", isFollowed: true) else {
            Issue.record("TLS would begin")
            return
        }
        #expect(response.reply.code == 554)
        #expect(response.close == .afterDraining)
        #expect(script.session.expects == .nothing)
    }
}
