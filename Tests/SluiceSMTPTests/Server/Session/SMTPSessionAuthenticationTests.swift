// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceSMTP

@Suite("SMTP session: AUTH (RFC 4954 §4)")
struct SMTPSessionAuthenticationTests {
    private let alice = Credentials(login: "alice", password: "secret")
    private let command = "AUTH PLAIN AGFsaWNlAHNlY3JldA=="

    @Test("AUTH in the clear gets 538, and the password is not looked at")
    func clear() throws {
        var script = try SessionScript.begun()
        #expect(script.on(command) == .respond(SMTPResponse(SMTPReplies.encryptionRequired)))
    }

    @Test("success is once: then AUTH gets 503 and EHLO does not offer it")
    func success() throws {
        var script = try SessionScript.begun(tls: true)
        #expect(script.on(command) == .checkCredentials(alice))
        #expect(script.session.expects == .nothing)
        #expect(script.session.client.login == nil)
        #expect(script.session.credentialsChecked(.accepted).reply.code == 235)
        #expect(script.session.client.login == "alice")
        #expect(script.session.client.mechanism == "PLAIN")
        #expect(try script.code(command) == 503)
        #expect(try script.response("EHLO a").reply.lines.contains { $0.hasPrefix("AUTH") } == false)
        #expect(script.session.client.login == "alice")
    }

    @Test("failure gets 535 5.7.8 and counts as an error; what can't be checked gets 454")
    func failure() throws {
        var script = try SessionScript.begun(limits: SMTPServerLimits(errors: 2), tls: true)
        for _ in 0..<3 {
            _ = script.on(command)
            #expect(script.session.credentialsChecked(.unavailable).reply.code == 454)
        }
        for _ in 0..<2 {
            _ = script.on(command)
            let reply = script.session.credentialsChecked(.refused).reply
            #expect(reply.code == 535 && reply.enhanced == EnhancedStatusCode(5, 7, 8))
        }
        _ = script.on(command)
        #expect(script.session.credentialsChecked(.refused).reply == SMTPReplies.tooManyErrors)
        #expect(script.session.client.login == nil)
    }

    @Test("AUTH has its place: after EHLO, outside a transaction, with a mechanism that is offered")
    func order() throws {
        var script = try SessionScript.begun(hello: false, tls: true)
        #expect(try script.code(command) == 503)
        _ = try script.code("HELO a")
        #expect(try script.code(command) == 503)
        _ = try script.code("EHLO a")
        #expect(try script.code("AUTH CRAM-MD5") == 504)
        _ = try script.code("MAIL FROM:<>")
        #expect(try script.code(command) == 503)
    }

    @Test("an exchange takes lines, not commands, until it is over")
    func exchange() throws {
        var script = try SessionScript.begun(tls: true)
        #expect(try script.code("AUTH LOGIN") == 334)
        #expect(script.session.expects == .authenticationLine)
        guard case .respond(let challenge) = script.session.authenticationLineReceived(Array("YWxpY2U=".utf8)) else {
            Issue.record("no second challenge")
            return
        }
        #expect(challenge.reply.code == 334)
        let line = Array("c2VjcmV0".utf8)
        #expect(script.session.authenticationLineReceived(line) == .checkCredentials(alice))
        #expect(script.session.credentialsChecked(.accepted).reply.code == 235)
        #expect(script.session.expects == .command)
    }

    @Test("an asterisk cancels, a line that is no line ends the exchange too")
    func cancelled() throws {
        var script = try SessionScript.begun(tls: true)
        _ = try script.code("AUTH PLAIN")
        guard case .respond(let response) = script.session.authenticationLineReceived(Array("*".utf8)) else {
            Issue.record("not cancelled")
            return
        }
        #expect(response.reply.code == 501)
        #expect(script.session.expects == .command)
        _ = try script.code("AUTH PLAIN")
        #expect(script.session.commandRefused(.lineTooLong).reply.code == 500)
        #expect(script.session.expects == .command)
    }

    @Test("at shutdown an exchange is ended, a check of credentials may end first")
    func shutdown() throws {
        var script = try SessionScript.begun(tls: true)
        _ = script.on(command)
        #expect(script.session.shutdownRequested() == .wait)
        #expect(script.session.credentialsChecked(.accepted).farewell == SMTPReplies.shuttingDown)
        var other = try SessionScript.begun(tls: true)
        _ = try other.code("AUTH LOGIN")
        #expect(other.session.shutdownRequested() != .wait)
    }
}
