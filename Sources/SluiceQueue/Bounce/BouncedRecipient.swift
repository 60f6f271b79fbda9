// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// A recipient that a notification tells of, and why delivery failed.
package struct BouncedRecipient: Hashable, Sendable {
    package var mailbox: Mailbox
    /// `Status` of RFC 3464 §2.3.4; its class is 5, or 4 where the message expired.
    package var status: EnhancedStatusCode
    /// The next hop's reply, if it was one that decided.
    package var reply: Reply?
    /// Why, in words, where it was no reply.
    package var reason: String
    /// The name of the next hop that was tried (`Remote-MTA`).
    package var nextHop: String?
    package var lastAttempt: Timestamp?

    package init(
        mailbox: Mailbox, status: EnhancedStatusCode, reply: Reply? = nil, reason: String, nextHop: String? = nil,
        lastAttempt: Timestamp? = nil
    ) {
        self.mailbox = mailbox
        self.status = status
        self.reply = reply
        self.reason = reason
        self.nextHop = nextHop
        self.lastAttempt = lastAttempt
    }
}
