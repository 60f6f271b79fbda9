// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// A message handed to the queue: one content, one decision record, and an item for each group of recipients that
/// share a disposition.
package struct Submission: Sendable {
    package enum Content: Sendable {
        /// Content of up to ``MailQueue/Configuration/inlineLimit`` octets waits in memory.
        case memory(ByteBuffer)
        /// Larger content was written to a file of the journal's as it came.
        case staged(StagedContent)
    }

    /// The id of the message: that of its decision record. At most 255 octets.
    package var messageID: String
    package var content: Content
    package var items: [NewItem]
    package var record: DecisionRecord

    package init(messageID: String, content: Content, items: [NewItem], record: DecisionRecord) {
        self.messageID = messageID
        self.content = content
        self.items = items
        self.record = record
    }
}

/// A queue item to be made.
package struct NewItem: Sendable {
    package var reversePath: ReversePath
    package var recipients: [NewRecipient]
    package var edits: [MessageEdit]
    package var is8BitMIME: Bool
    package var isInternationalized: Bool
    package var origin: ItemOrigin?
    /// What its sender asks of notifications (RFC 3461), if anything.
    package var dsn: DSNParameters?

    package init(
        reversePath: ReversePath, recipients: [NewRecipient], edits: [MessageEdit] = [], is8BitMIME: Bool = false,
        isInternationalized: Bool = false, origin: ItemOrigin? = nil, dsn: DSNParameters? = nil
    ) {
        self.reversePath = reversePath
        self.recipients = recipients
        self.edits = edits
        self.is8BitMIME = is8BitMIME
        self.isInternationalized = isInternationalized
        self.origin = origin
        self.dsn = dsn
    }
}

/// A recipient of a new item and the state that it starts in.
package struct NewRecipient: Hashable, Sendable {
    package enum InitialState: Hashable, Sendable {
        /// Due at once.
        case queued
        case held
        case quarantined(reason: String)
        /// Discarded by rule: accepted, and dropped. The reason stands in its step.
        case removed(reason: String)
    }

    package var mailbox: Mailbox
    package var state: InitialState

    package init(_ mailbox: Mailbox, _ state: InitialState = .queued) {
        self.mailbox = mailbox
        self.state = state
    }
}
