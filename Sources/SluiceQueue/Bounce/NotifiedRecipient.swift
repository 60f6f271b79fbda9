// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// A recipient that a notification tells of, and what became of it.
package struct NotifiedRecipient: Hashable, Sendable {
    package var mailbox: Mailbox
    /// The recipient as the sender wrote it (ORCPT, RFC 3461 §4.2), as `addr-type;xtext`.
    package var original: String?
    /// `Status` of RFC 3464 §2.3.4; its class is 5 or 4 (expired, or delayed), or 2 where it was passed on.
    package var status: EnhancedStatusCode
    /// The next hop's reply, if it was one that decided.
    package var reply: Reply?
    /// Why, in words, where it was no reply.
    package var reason: String
    /// The name of the next hop that was tried (`Remote-MTA`).
    package var nextHop: String?
    package var lastAttempt: Timestamp?

    package init(
        mailbox: Mailbox, original: String? = nil, status: EnhancedStatusCode, reply: Reply? = nil, reason: String,
        nextHop: String? = nil,
        lastAttempt: Timestamp? = nil
    ) {
        self.mailbox = mailbox
        self.original = original
        self.status = status
        self.reply = reply
        self.reason = reason
        self.nextHop = nextHop
        self.lastAttempt = lastAttempt
    }
}
