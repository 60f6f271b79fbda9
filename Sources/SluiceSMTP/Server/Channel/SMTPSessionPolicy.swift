// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// An answer of a policy: here, or once a future has it. `nil` accepts with the usual reply.
///
/// A 2yz accepts with other words; a 4yz or 5yz refuses; 421 refuses and ends the session.
package enum PolicyAnswer {
    case now(Reply?)
    /// A future of any event loop. While it is open nothing more is read from the client.
    case later(EventLoopFuture<Reply?>)

    package static var accept: PolicyAnswer { .now(nil) }
    package static func refuse(_ reply: Reply) -> PolicyAnswer { .now(reply) }
}

/// What decides about a session's client, senders, recipients and messages; the session itself keeps only order,
/// syntax and limits.
///
/// One object a session. Every method is called on the channel's event loop, in the order of the dialogue and never
/// while an answer is open, but for ``transactionEnded(_:)`` and ``sessionEnded()``, which come when they come. It
/// answers at once wherever it can. A future that fails is answered with `451 4.3.0` and logged.
///
/// A transaction, as the policy sees it, begins when it accepts MAIL. It ends in one of two ways: with the answer to
/// ``contentEnded()``, or with a call of ``transactionEnded(_:)``; the latter may come while the former is open, and
/// then the client is gone: a commit that has not begun must not begin.
package protocol SMTPSessionPolicy: AnyObject {
    /// A client has connected; a refusal is sent in place of the greeting, and the session ends.
    ///
    /// On a listener with implicit TLS the handshake is still to come.
    func connected(_ client: ClientInfo) -> PolicyAnswer
    /// MAIL, in order and within the limits.
    func mailReceived(_ mail: MailCommand, from client: ClientInfo) -> PolicyAnswer
    /// RCPT for a recipient that is not in the envelope yet. The envelope holds those accepted so far.
    func recipientReceived(_ recipient: Mailbox, for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer
    /// DATA; a refusal ends the transaction (and `transactionEnded(.refused)` is called), else content follows.
    func contentAwaited(for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer
    /// A piece of the content, of any size but never empty, without dot-stuffing.
    ///
    /// The buffer is a slice of what was read; who keeps small ones for long should copy them. If a future is
    /// returned, nothing more is read before it is done; if it fails, the message is refused with `451 4.3.0`, no
    /// further piece is handed over, and `transactionEnded(.refused)` is called at the final dot.
    func contentReceived(_ chunk: ByteBuffer) -> EventLoopFuture<Void>?
    /// The final dot: all the content has been handed over, within every limit. The answer is the reply.
    func contentEnded() -> EventLoopFuture<Reply>
    /// The content was refused for what it holds or for its size, or could not be kept: gives the reply the words that
    /// the client reads. ``transactionEnded(_:)`` follows. The session's own words unless the policy has others.
    func contentRefused(_ reply: Reply) -> Reply
    /// The transaction is over without an answer of ``contentEnded()``: what was kept of it can go.
    func transactionEnded(_ end: TransactionEnd)
    /// Checks a password (off the loop: it takes milliseconds). The login is in `client` from then on if accepted.
    func credentialsReceived(
        _ credentials: Credentials, from client: ClientInfo
    ) -> EventLoopFuture<AuthenticationOutcome>
    /// The connection is closed; nothing is called any more. Called once.
    func sessionEnded()
}

extension SMTPSessionPolicy {
    package func contentRefused(_ reply: Reply) -> Reply { reply }
}
