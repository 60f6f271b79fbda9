// SPDX-License-Identifier: Apache-2.0

/// One step in what became of a recipient of an accepted message, for the history.
package struct RecipientStep: Hashable, Sendable, Codable {
    /// The six states of a recipient.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case queued, held, quarantined, delivered, bounced, removed

        /// Whether nothing can follow: delivered, bounced or removed.
        package var isFinal: Bool {
            switch self {
            case .queued, .held, .quarantined: false
            case .delivered, .bounced, .removed: true
            }
        }
    }

    /// The id of the message: that of its decision record.
    package var messageID: String
    package var queueID: String
    package var address: Mailbox
    package var state: State
    package var time: Timestamp
    /// Who did it: `relay`, `delivery`, an operator's name.
    package var by: String
    /// Why, in words; empty where the state says it all.
    package var why: String
    /// What the next hop replied, code and text.
    package var reply: String?
    package var nextHop: String?
    /// Deliveries tried so far.
    package var attempts: Int
    /// When the next one is due, where the state is `queued`.
    package var nextAttempt: Timestamp?

    package init(
        messageID: String, queueID: String, address: Mailbox, state: State, time: Timestamp, by: String, why: String,
        reply: String? = nil, nextHop: String? = nil, attempts: Int = 0, nextAttempt: Timestamp? = nil
    ) {
        self.messageID = messageID
        self.queueID = queueID
        self.address = address
        self.state = state
        self.time = time
        self.by = by
        self.why = why
        self.reply = reply
        self.nextHop = nextHop
        self.attempts = attempts
        self.nextAttempt = nextAttempt
    }
}
