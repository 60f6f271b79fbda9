// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import SluiceQueue

/// What a next hop said of a recipient.
package struct RecipientAnswer: Hashable, Sendable {
    package var exists: Bool
    package var reply: Reply

    package init(exists: Bool, reply: Reply) {
        self.exists = exists
        self.reply = reply
    }
}

/// Remembers which recipients exist: 7 days if they do, 5 minutes if not. Bounded: the oldest answer makes room.
package struct ProbeCache: Sendable {
    private struct Entry: Sendable {
        var answer: RecipientAnswer
        var until: Timestamp
        var sequence: UInt64
    }

    private let limit: Int
    private let positiveTime: Duration
    private let negativeTime: Duration
    private var entries: [Mailbox: Entry] = [:]
    /// In the order of their arrival; what was answered again meanwhile stands here twice.
    private var order = FIFO<(mailbox: Mailbox, sequence: UInt64)>()
    private var sequence: UInt64 = 0

    package init(
        limit: Int = 100_000, positiveTime: Duration = .seconds(7 * 86400), negativeTime: Duration = .seconds(300)
    ) {
        self.limit = max(1, limit)
        self.positiveTime = positiveTime
        self.negativeTime = negativeTime
    }

    package var count: Int { entries.count }

    /// What is remembered and still holds.
    package func answer(for mailbox: Mailbox, at now: Timestamp) -> RecipientAnswer? {
        guard let entry = entries[mailbox], entry.until > now else { return nil }
        return entry.answer
    }

    package mutating func remember(_ answer: RecipientAnswer, for mailbox: Mailbox, at now: Timestamp) {
        sequence += 1
        let until = now + (answer.exists ? positiveTime : negativeTime)
        entries[mailbox] = Entry(answer: answer, until: until, sequence: sequence)
        order.append((mailbox, sequence))
        // Also drops what stands twice, so that the order is not much longer than there are entries.
        while entries.count > limit || order.count > 2 * limit, let oldest = order.popFirst() {
            if entries[oldest.mailbox]?.sequence == oldest.sequence { entries[oldest.mailbox] = nil }
        }
    }
}
