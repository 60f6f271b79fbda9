// SPDX-License-Identifier: Apache-2.0
package import SluiceQueue
package import SluiceSMTP

/// What came of one attempt.
package struct AttemptOutcome: Hashable, Sendable {
    /// In the order of the envelope's recipients.
    package var recipients: [RecipientOutcome]
    /// For each of them the host that said so, or was tried last: `mail.example.org[192.0.2.1]:25`; `nil` where none was
    /// found.
    package var nextHops: [String?]
    /// Places of those whose next hop was told what the sender asks of notifications.
    package var tookDSN: Set<Int>
    /// What it says of the destination.
    package var feedback: DestinationFeedback

    package init(
        recipients: [RecipientOutcome], nextHops: [String?], tookDSN: Set<Int> = [], feedback: DestinationFeedback
    ) {
        self.recipients = recipients
        self.nextHops = nextHops
        self.tookDSN = tookDSN
        self.feedback = feedback
    }
}
