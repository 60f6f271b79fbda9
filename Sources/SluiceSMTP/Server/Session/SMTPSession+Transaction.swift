// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

extension SMTPSession {
    mutating func mailReceived(_ mail: MailCommand) -> OnCommand {
        if client.helo == nil { return .respond(respond(SMTPReplies.wantsHello)) }
        if transaction != nil { return .respond(respond(SMTPReplies.inTransaction)) }
        if let size = mail.size, size > offer.limits.messageSize {
            return .respond(respond(ContentDefect.tooLarge.reply))
        }
        if mail.dsn != nil, !takesDSN { return .respond(respond(CommandFault.parameter("RET or ENVID").reply)) }
        phase = .decidingMail(mail)
        return .decideMail(mail)
    }

    mutating func recipientReceived(_ mailbox: Mailbox, _ dsn: RecipientDSNParameters) -> OnCommand {
        guard let transaction else { return .respond(respond(SMTPReplies.wantsMail)) }
        if dsn != RecipientDSNParameters(), !takesDSN {
            return .respond(respond(CommandFault.parameter("NOTIFY or ORCPT").reply))
        }
        if transaction.recipients.contains(mailbox) { return .respond(respond(SMTPReplies.recipientAccepted)) }
        if transaction.recipients.count >= offer.limits.recipients {
            return .respond(respond(SMTPReplies.tooManyRecipients))
        }
        phase = .decidingRecipient(mailbox, dsn)
        return .decideRecipient(mailbox, transaction.envelope)
    }

    mutating func dataReceived() -> OnCommand {
        guard let transaction else { return .respond(respond(SMTPReplies.wantsMail)) }
        if transaction.recipients.isEmpty {
            let reply = transaction.hasRefusedRecipient ? SMTPReplies.noValidRecipient : SMTPReplies.wantsRecipient
            return .respond(respond(reply))
        }
        phase = .decidingContent
        return .decideContent(transaction.envelope)
    }

    /// The sender is accepted (`nil`, or a 2yz of the policy's) or refused.
    package mutating func mailDecided(_ reply: Reply?) -> SMTPResponse {
        guard case .decidingMail(let mail) = phase else { preconditionFailure("no MAIL is being decided on") }
        phase = .ready
        guard reply?.isPositive ?? true else { return respond(reply ?? SMTPReplies.localError) }
        transaction = Transaction(
            envelope: Envelope(
                reversePath: mail.reversePath, recipients: [], is8BitMIME: mail.is8BitMIME, dsn: mail.dsn))
        phase = .transaction
        return respond(reply ?? SMTPReplies.senderAccepted)
    }

    /// The recipient is accepted (`nil`, or a 2yz of the policy's) or refused.
    package mutating func recipientDecided(_ reply: Reply?) -> SMTPResponse {
        guard case .decidingRecipient(let mailbox, let dsn) = phase else {
            preconditionFailure("no RCPT is being decided on")
        }
        phase = .transaction
        guard reply?.isPositive ?? true else {
            transaction?.hasRefusedRecipient = true
            return respond(reply ?? SMTPReplies.localError)
        }
        transaction?.envelope.recipients.append(mailbox)
        transaction?.recipients.insert(mailbox)
        if dsn != RecipientDSNParameters() { transaction?.envelope.changeDSN { $0[mailbox] = dsn } }
        return respond(reply ?? SMTPReplies.recipientAccepted)
    }

    /// The content may come (`nil`), or DATA is refused, which ends the transaction.
    package mutating func contentDecided(_ refusal: Reply?) -> SMTPResponse {
        guard phase == .decidingContent else { preconditionFailure("no DATA is being decided on") }
        if let refusal, !refusal.isPositive {
            transaction = nil
            phase = .ready
            return respond(refusal, isCommand: false, ending: .refused(refusal))
        }
        phase = .content
        return SMTPResponse(SMTPReplies.beginContent)
    }

    /// The content can't be kept; the rest of it is read and dropped, and this reply answers the final dot.
    package mutating func contentStorageFailed(_ reply: Reply = SMTPReplies.localError) {
        if transaction?.storageFailure == nil { transaction?.storageFailure = reply }
    }

    /// Whether content that comes is still wanted.
    package var keepsContent: Bool { transaction.map { $0.storageFailure == nil } ?? false }

    /// The final dot was read.
    package mutating func contentEnded(_ defect: ContentDefect?) -> OnContentEnd {
        guard phase == .content else { preconditionFailure("content ends where it was expected") }
        guard let refusal = defect?.reply ?? transaction?.storageFailure else {
            phase = .decidingMessage
            return .decideMessage
        }
        transaction = nil
        phase = .ready
        if let defect, defect.endsSession {
            return .respond(close(refusal, farewell: SMTPReplies.doubtfulEnd, ending: .refused(refusal)))
        }
        return .respond(respond(refusal, isCommand: defect != nil, ending: .refused(refusal)))
    }

    /// The message is accepted or refused, and with that the transaction is over.
    ///
    /// A refusal is no error of the client's: it counts towards no limit. An acceptance forgives the errors so far.
    package mutating func messageDecided(_ reply: Reply) -> SMTPResponse {
        guard phase == .decidingMessage else { preconditionFailure("no message is being decided on") }
        transaction = nil
        phase = .ready
        if reply.isPositive { errors = 0 }
        return respond(reply, isCommand: false)
    }
}
