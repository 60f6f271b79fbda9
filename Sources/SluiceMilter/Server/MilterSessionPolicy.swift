// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// What decides about the messages of one connection of an MTA; the session itself keeps only order, syntax, limits
/// and the negotiated options.
///
/// One object a connection, which may serve many clients one after the other and many messages of each. Every method
/// is called on the channel's event loop, in the order of the dialogue and never while an answer is open, but for
/// ``transactionEnded()`` and ``connectionEnded()``, which come when they come. Whether a reply is sent at all (NR) is
/// the session's business: an answer other than `proceed` to a step that isn't answered is kept and given at the next
/// step that is (for connect and helo: at MAIL, and for every message of the client).
///
/// Whatever the MTA leaves out, a message is told as mail, recipients (perhaps none), data, fields, end of header, body
/// and end, or up to the answer that ends it, which ``transactionEnded()`` follows.
package protocol MilterSessionPolicy: AnyObject {
    /// What was agreed on with the MTA: what it understands of the replies.
    func negotiated(_ options: MilterOptions)
    /// A client of the MTA's. Its macros, like those of every later step, are all those told so far.
    func connected(hostname: ByteBuffer, _ address: MilterClientAddress, _ macros: MilterMacros) -> MilterStepAnswer
    func heloReceived(_ name: ByteBuffer, _ macros: MilterMacros) -> MilterStepAnswer
    /// A transaction begins: the reverse-path as written, then ESMTP parameters.
    func mailReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer
    /// - Parameter arguments: the forward-path as written, then ESMTP parameters. One that the MTA itself has rejected
    ///   (`rcpt_mailer` is `error`) is never told here.
    func recipientReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer
    func dataReceived(_ macros: MilterMacros) -> MilterStepAnswer
    /// - Parameter value: what follows the colon, leading space included, folding as the MTA tells it (LF or CRLF).
    func fieldReceived(name: ByteBuffer, value: ByteBuffer) -> MilterStepAnswer
    func headerEnded(_ macros: MilterMacros) -> MilterStepAnswer
    /// A piece of the body, never empty. If a future is returned, nothing more is read before it is done; one that
    /// fails is answered with a temporary failure.
    func bodyReceived(_ piece: ByteBuffer) -> EventLoopFuture<Void>?
    /// Whether no more of the body is wanted, as the message is refused at its end whatever follows. Asked after each
    /// piece; an MTA that has not understood goes on.
    var hasEnoughOfBody: Bool { get }
    /// The whole message is there. While the future is open the MTA is told of progress; one that fails is answered
    /// with a temporary failure.
    func messageEnded(_ macros: MilterMacros) -> EventLoopFuture<MilterConclusion>
    /// The transaction is over without an answer of ``messageEnded(_:)``, or while that is open: the MTA gave it up, a
    /// refusal ended it, or the connection was lost. What was kept of it can go; a commit that has not begun must not.
    func transactionEnded()
    /// The client's session is over (quit, quit and new connection, or the connection was lost). Called once for each
    /// `connected`.
    func clientEnded()
    /// The MTA's connection is closed; nothing is called any more. Called once.
    func connectionEnded()
}

extension MilterSessionPolicy {
    package var hasEnoughOfBody: Bool { false }
}

/// The answer to a step before the end of the message.
package enum MilterStepAnswer: Hashable, Sendable {
    case proceed
    /// A reply that ends the step: accept, reject, temporary failure, discard, a reply code, shutdown.
    case reply(MilterReply)
}

/// What is answered at the end of a message.
package struct MilterConclusion: Hashable, Sendable {
    /// In this order; those that were not negotiated must not be among them. Values of fields stand as they follow the
    /// colon, leading space included, here too.
    package var modifications: [MilterReply]
    /// What ends the step.
    package var final: MilterReply

    package init(modifications: [MilterReply] = [], final: MilterReply) {
        self.modifications = modifications
        self.final = final
    }
}
