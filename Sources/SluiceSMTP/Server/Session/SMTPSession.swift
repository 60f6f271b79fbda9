// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// The server's side of one SMTP session: keeps the order of commands and the limits (RFC 5321 §4.1.4).
///
/// A value that is told what happened and says what to do. It knows no channel, clock, loop or logger; what a message
/// or a recipient deserves is decided elsewhere and told by `…Decided`.
package struct SMTPSession: Equatable, Sendable {
    /// What the listener offers.
    package struct Offer: Equatable, Sendable {
        /// Our name in the greeting and in EHLO's reply.
        package var hostname: String
        package var limits: SMTPServerLimits
        /// Whether there is a certificate for STARTTLS.
        package var startTLS: Bool
        /// Whether there are users; AUTH is offered only under TLS.
        package var authentication: Bool
        /// Whether the client may say what it wants to be notified of (RFC 3461); who has a login may in any case.
        package var dsn: Bool

        package init(
            hostname: String, limits: SMTPServerLimits, startTLS: Bool, authentication: Bool, dsn: Bool = false
        ) {
            self.hostname = hostname
            self.limits = limits
            self.startTLS = startTLS
            self.authentication = authentication
            self.dsn = dsn
        }
    }

    enum Phase: Equatable {
        /// Connected; whether the client is greeted is being decided.
        case greeting
        /// No transaction.
        case ready
        case authenticating(AuthenticationExchange)
        case checkingCredentials(login: String, mechanism: String)
        case startingTLS
        case decidingMail(MailCommand)
        /// MAIL was accepted.
        case transaction
        case decidingRecipient(Mailbox, RecipientDSNParameters)
        case decidingContent
        case content
        case decidingMessage
        case closed
    }

    struct Transaction: Equatable {
        var envelope: Envelope
        var recipients: Set<Mailbox> = []
        /// Whether a recipient was refused, which makes DATA without any a 554 (RFC 5321 §3.3).
        var hasRefusedRecipient = false
        /// Why the content can't be kept, although nothing is wrong with it.
        var storageFailure: Reply?
    }

    let offer: Offer
    package internal(set) var client: ClientInfo
    var phase = Phase.greeting
    var transaction: Transaction?
    var errors = 0
    var isShuttingDown = false

    package init(offer: Offer, client: ClientInfo) {
        self.offer = offer
        self.client = client
    }

    package var expects: SMTPExpectation {
        switch phase {
        case .ready, .transaction: .command
        case .authenticating: .authenticationLine
        case .content: .content
        case .greeting, .checkingCredentials, .startingTLS, .decidingMail, .decidingRecipient, .decidingContent,
            .decidingMessage, .closed:
            .nothing
        }
    }

    /// Whether the client may say what it wants to be notified of.
    var takesDSN: Bool { offer.dsn || client.login != nil }

    /// Whether MAIL was accepted and its transaction is not over.
    package var isInTransaction: Bool { transaction != nil }

    // MARK: Around the dialogue

    /// The client may speak (`nil`) or gets this reply; a negative one ends the session (RFC 5321 §3.1).
    package mutating func connectionDecided(_ reply: Reply?) -> SMTPResponse {
        guard phase == .greeting else { preconditionFailure("a connection is decided on once") }
        phase = .ready
        if let reply, !reply.isPositive { return close(reply, .afterDraining) }
        return respond(reply ?? Reply(220, nil, "\(offer.hostname) ESMTP Sluice"))
    }

    /// TLS has begun, by STARTTLS or from the first octet; what was known of the client is void (RFC 3207 §4.2).
    ///
    /// - Parameter version: such as `TLSv1.3`.
    package mutating func tlsStarted(version: String) {
        client.tls = version
        guard phase == .startingTLS else { return }
        client.helo = nil
        client.isExtended = false
        phase = .ready
    }

    /// The client took longer than a limit allows.
    package mutating func timedOut() -> SMTPResponse { close(SMTPReplies.timedOut, .atOnce) }

    package mutating func shutdownRequested() -> OnShutdown {
        isShuttingDown = true
        switch phase {
        case .ready, .authenticating, .startingTLS: return .respond(close(SMTPReplies.shuttingDown, .afterDraining))
        case .greeting, .checkingCredentials, .decidingMail, .transaction, .decidingRecipient, .decidingContent,
            .content, .decidingMessage, .closed:
            return .wait
        }
    }

    /// The connection is gone; says how the transaction in progress ended, if there was one.
    package mutating func connectionLost() -> TransactionEnd? {
        phase = .closed
        defer { transaction = nil }
        return transaction == nil ? nil : .clientGone
    }

    // MARK: Replies

    /// Counts errors and ends the session where it has to end; every reply goes through here.
    mutating func respond(_ reply: Reply, isCommand: Bool = true, ending end: TransactionEnd? = nil) -> SMTPResponse {
        if isCommand, reply.isPermanentNegative {
            errors += 1
            if errors > offer.limits.errors { return close(SMTPReplies.tooManyErrors, .afterDraining, ending: end) }
        }
        if reply.code == 421 { return close(reply, .afterDraining, ending: end) }
        if isShuttingDown, phase == .ready {
            return close(reply, farewell: SMTPReplies.shuttingDown, ending: end)
        }
        return SMTPResponse(reply, transactionEnd: end)
    }

    /// Answers, and says farewell unasked.
    mutating func close(_ reply: Reply, farewell: Reply, ending end: TransactionEnd?) -> SMTPResponse {
        var response = close(farewell, .afterDraining, ending: end)
        response.farewell = farewell
        response.reply = reply
        return response
    }

    mutating func close(
        _ reply: Reply, _ close: SMTPResponse.Close, ending end: TransactionEnd? = nil
    ) -> SMTPResponse {
        let wasInTransaction = transaction != nil
        transaction = nil
        phase = .closed
        return SMTPResponse(reply, close: close, transactionEnd: end ?? (wasInTransaction ? .refused(reply) : nil))
    }
}
