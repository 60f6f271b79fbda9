// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What `sluice trace` looks for; what is `nil` does not count.
package struct TraceQuery: Sendable, Codable {
    package var id: String?
    package var messageID: String?
    /// The reverse-path; `<>` for the null one.
    package var sender: String?
    package var recipient: String?
    /// The client's address, its name, or what it called itself.
    package var client: String?
    package var disposition: Disposition?
    package var since: Timestamp?
    package var until: Timestamp?
    /// An id, a Message-ID, an address of sender or recipient, or a client's address.
    package var term: String?
    package var limit: Int

    package init(limit: Int = 50) { self.limit = limit }
}

/// One line of `sluice trace`.
package struct TraceSummary: Sendable, Codable {
    package var id: String
    package var time: Timestamp
    package var listener: String
    package var client: String
    package var reversePath: String
    package var recipients: [String]
    package var disposition: Disposition
    package var reply: String
    package var score: Double?
    package var turnedOn: String?
}

/// All that is known of one message: the decision and every step of each recipient.
package struct TracedMessage: Sendable, Codable {
    package var decision: DecisionRecord
    package var steps: [RecipientStep]

    package init(decision: DecisionRecord, steps: [RecipientStep]) {
        self.decision = decision
        self.steps = steps
    }
}
