// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension SMTPSession {
    /// A whole command line was read and understood.
    ///
    /// - Parameter isFollowed: whether more octets of the client's are there already, which STARTTLS does not bear.
    package mutating func commandReceived(_ command: SMTPCommand, isFollowed: Bool = false) -> OnCommand {
        guard expects == .command else { preconditionFailure("a command is read only where one is expected") }
        switch command {
        case .hello(let name, let isExtended): return .respond(helloReceived(name, isExtended: isExtended))
        case .mail(let mail): return mailReceived(mail)
        case .recipient(let mailbox, let dsn): return recipientReceived(mailbox, dsn)
        case .data: return dataReceived()
        case .reset: return .respond(respond(SMTPReplies.ok, ending: endTransaction()))
        case .noop: return .respond(respond(SMTPReplies.ok))
        case .help: return .respond(respond(SMTPReplies.help))
        case .verify: return .respond(respond(SMTPReplies.verify))
        case .quit:
            let farewell = Reply(221, EnhancedStatusCode(2, 0, 0), "\(offer.hostname) closes the connection")
            return .respond(close(farewell, .atOnce, ending: endTransaction()))
        case .startTLS: return startTLSReceived(isFollowed: isFollowed)
        case .authenticate(let mechanism, let initial): return authenticateReceived(mechanism, initial)
        }
    }

    /// A line was read that is no command.
    package mutating func commandRefused(_ fault: CommandFault) -> SMTPResponse {
        switch phase {
        case .authenticating: phase = .ready
        case .greeting, .ready, .checkingCredentials, .startingTLS, .decidingMail, .transaction, .decidingRecipient,
            .decidingContent, .content, .decidingMessage, .closed:
            break
        }
        return respond(fault.reply)
    }

    /// EHLO and HELO begin anew, as RSET does (RFC 5321 §4.1.4).
    private mutating func helloReceived(_ name: String, isExtended: Bool) -> SMTPResponse {
        client.helo = name
        client.isExtended = isExtended
        guard isExtended else { return respond(Reply(250, nil, offer.hostname), ending: endTransaction()) }
        var lines = [offer.hostname, "PIPELINING", "SIZE \(offer.limits.messageSize)", "8BITMIME"]
        lines.append("ENHANCEDSTATUSCODES")
        if takesDSN { lines.append("DSN") }
        if offer.startTLS, client.tls == nil { lines.append("STARTTLS") }
        if offer.authentication, client.tls != nil, client.login == nil {
            lines.append("AUTH " + AuthenticationExchange.mechanisms.joined(separator: " "))
        }
        return respond(Reply(250, nil, lines: lines), ending: endTransaction())
    }

    private mutating func startTLSReceived(isFollowed: Bool) -> OnCommand {
        if !offer.startTLS { return .respond(respond(SMTPReplies.notImplemented)) }
        if client.tls != nil { return .respond(respond(SMTPReplies.alreadyTLS)) }
        if client.helo == nil { return .respond(respond(SMTPReplies.wantsHello)) }
        // What was pipelined behind STARTTLS came in the clear and would be taken for what came under TLS.
        if isFollowed { return .respond(close(SMTPReplies.injection, .afterDraining)) }
        if transaction != nil { return .respond(respond(SMTPReplies.inTransaction)) }
        phase = .startingTLS
        return .startTLS(SMTPResponse(SMTPReplies.startTLS))
    }

    mutating func endTransaction() -> TransactionEnd? {
        let end: TransactionEnd? = transaction == nil ? nil : .reset
        transaction = nil
        phase = .ready
        return end
    }
}
