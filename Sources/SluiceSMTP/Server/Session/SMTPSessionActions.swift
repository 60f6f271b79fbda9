// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Why a transaction is over without a decision on its message.
package enum TransactionEnd: Equatable, Sendable {
    /// The client gave it up: RSET, or EHLO again.
    case reset
    /// The session refused the content, or ended it, with this reply.
    case refused(Reply)
    /// The connection broke, or the client closed it, before the reply was given.
    case clientGone
}

/// A reply, and what follows from it.
package struct SMTPResponse: Equatable, Sendable {
    package enum Close: Equatable, Sendable {
        /// Once the reply is written.
        case atOnce
        /// A moment later; what still comes from the client is dropped, so that no reset overtakes the reply.
        case afterDraining
    }

    package var reply: Reply
    /// Sent behind the reply, where the session ends although the reply itself does not say so.
    package var farewell: Reply?
    package var close: Close?
    /// The transaction in progress ended with this reply, and no policy has decided on it.
    package var transactionEnd: TransactionEnd?

    package init(
        _ reply: Reply, farewell: Reply? = nil, close: Close? = nil, transactionEnd: TransactionEnd? = nil
    ) {
        self.reply = reply
        self.farewell = farewell
        self.close = close
        self.transactionEnd = transactionEnd
    }
}

/// What is done about a command.
package enum OnCommand: Equatable, Sendable {
    case respond(SMTPResponse)
    case decideMail(MailCommand)
    case decideRecipient(Mailbox, Envelope)
    case decideContent(Envelope)
    case checkCredentials(Credentials)
    /// Reply, then let TLS begin.
    case startTLS(SMTPResponse)
}

/// What is done about a line of an AUTH exchange.
package enum OnAuthenticationLine: Equatable, Sendable {
    case respond(SMTPResponse)
    case checkCredentials(Credentials)
}

/// What is done at the end of the content.
package enum OnContentEnd: Equatable, Sendable {
    case decideMessage
    case respond(SMTPResponse)
}

/// What is done when the server shuts down.
package enum OnShutdown: Equatable, Sendable {
    /// A transaction, or a decision, may come to its end.
    case wait
    case respond(SMTPResponse)
}

/// What the session reads next from the client.
package enum SMTPExpectation: Equatable, Sendable {
    case command
    case authenticationLine
    case content
    /// Nothing, until a decision is there or TLS has begun, or ever.
    case nothing
}
