// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Envelope, edits and recipients of an accepted message, or of a part of one: recipients with different dispositions
/// are separate items over the same content.
package struct QueueItem: Hashable, Sendable {
    package let id: QueueID
    /// The id of the message: that of its decision record.
    package let messageID: String
    /// Names the message inside the journal: the number of the first of its items.
    package let messageNumber: UInt64
    package let acceptedAt: Timestamp
    package let reversePath: ReversePath
    package let is8BitMIME: Bool
    package let isInternationalized: Bool
    /// Applied to the content on transmission.
    package let edits: [MessageEdit]
    /// Octets of the content as received.
    package let size: Int
    /// What it was taken over from; `nil` for what came by SMTP.
    package let origin: ItemOrigin?
    /// What its sender asks of notifications (RFC 3461), if anything.
    package let dsn: DSNParameters?
    /// In the order of the envelope; a recipient's number is its place here, from 0.
    package var recipients: [QueuedRecipient]

    package init(
        id: QueueID, messageID: String, messageNumber: UInt64, acceptedAt: Timestamp, reversePath: ReversePath,
        is8BitMIME: Bool = false, isInternationalized: Bool = false, edits: [MessageEdit] = [], size: Int = 0,
        origin: ItemOrigin? = nil, dsn: DSNParameters? = nil, recipients: [QueuedRecipient]
    ) {
        self.id = id
        self.messageID = messageID
        self.messageNumber = messageNumber
        self.acceptedAt = acceptedAt
        self.reversePath = reversePath
        self.is8BitMIME = is8BitMIME
        self.isInternationalized = isInternationalized
        self.edits = edits
        self.size = size
        self.origin = origin
        self.dsn = dsn
        self.recipients = recipients
    }

    /// What the sender asks of notifications about a recipient.
    package func dsn(of mailbox: Mailbox) -> RecipientDSNParameters { dsn?[mailbox] ?? RecipientDSNParameters() }

    /// Whether there is nothing left to do: every recipient is in a final state.
    package var isFinished: Bool { recipients.allSatisfy(\.state.isFinal) }
}

/// One recipient of a queue item.
package struct QueuedRecipient: Hashable, Sendable {
    package let mailbox: Mailbox
    package var state: RecipientState
    /// Deliveries tried so far; it outlives a hold.
    package var attempts: Int
    /// What became of it so far, oldest first; past ``stepLimit`` the oldest but the first are dropped (the history
    /// has them).
    package var steps: [Step]

    package static let stepLimit = 64

    /// A state that it entered, and why.
    package struct Step: Hashable, Sendable {
        package var time: Timestamp
        package var state: RecipientStep.State
        package var by: String
        package var why: String
        package var reply: String?
        package var nextHop: String?

        package init(
            time: Timestamp, state: RecipientStep.State, by: String, why: String, reply: String? = nil,
            nextHop: String? = nil
        ) {
            self.time = time
            self.state = state
            self.by = by
            self.why = why
            self.reply = reply
            self.nextHop = nextHop
        }
    }

    package init(mailbox: Mailbox, state: RecipientState, attempts: Int = 0, steps: [Step] = []) {
        self.mailbox = mailbox
        self.state = state
        self.attempts = attempts
        self.steps = steps
    }

    /// Enters a state.
    mutating func enter(_ state: RecipientState, _ step: Step) {
        self.state = state
        if case .queued(let attempts, _) = state { self.attempts = attempts }
        if steps.count >= Self.stepLimit { steps.remove(at: 1) }
        steps.append(step)
    }
}
