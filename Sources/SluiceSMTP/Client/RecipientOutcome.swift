// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What became of one recipient in one attempt.
package enum RecipientOutcome: Hashable, Sendable {
    /// The next hop took the message over: this reply answered the final dot.
    case delivered(Reply)
    /// Not now: another attempt may succeed.
    case deferred(DeliveryFailure)
    /// Not ever: the sender is to be told.
    case failed(DeliveryFailure)
}

/// Why a recipient was not delivered to.
package enum DeliveryFailure: Hashable, Sendable {
    /// The next hop said so.
    case reply(Reply)
    /// We found so ourselves: a status code (RFC 3463) and the reason in words.
    case local(EnhancedStatusCode, String)

    /// The enhanced status code: the next hop's, else one of the reply code's class without detail.
    package var status: EnhancedStatusCode {
        switch self {
        case .reply(let reply): reply.enhanced ?? EnhancedStatusCode(reply.isPermanentNegative ? 5 : 4, 0, 0)
        case .local(let status, _): status
        }
    }

    package var reply: Reply? {
        switch self {
        case .reply(let reply): reply
        case .local: nil
        }
    }
}

extension DeliveryFailure: CustomStringConvertible {
    /// `550 5.1.1 no such user`, or our own words.
    package var description: String {
        switch self {
        case .reply(let reply): reply.description
        case .local(_, let words): words
        }
    }
}

/// What became of one transaction: one outcome for each recipient, in the order of the transaction's.
package struct TransactionOutcome: Hashable, Sendable {
    package var recipients: [RecipientOutcome]
    /// Whether the connection ended before the next hop answered anything of this transaction: a kept connection that
    /// the next hop had closed meanwhile looks so, and the transaction may be tried at once on a new one.
    package var endedUnanswered: Bool
    /// Places of recipients that were put off only because the transaction had so many already (RFC 5321 §4.5.3.1.10):
    /// another transaction may follow at once.
    package var surplus: [Int]
    /// Places of recipients that were put off before any content was sent: another host may be tried at once, and there
    /// can be no second copy.
    package var unsent: [Int]
    /// Whether the next hop put off the transaction as a whole, or did not see it to its end.
    package var isStrained: Bool
    /// Whether the next hop was told what the sender asks of notifications, so that those of success are its business
    /// (RFC 3461 §5.2.1).
    package var takesDSN: Bool

    package init(
        recipients: [RecipientOutcome], endedUnanswered: Bool = false, surplus: [Int] = [], unsent: [Int] = [],
        isStrained: Bool = false, takesDSN: Bool = false
    ) {
        self.recipients = recipients
        self.endedUnanswered = endedUnanswered
        self.surplus = surplus
        self.unsent = unsent
        self.isStrained = isStrained
        self.takesDSN = takesDSN
    }
}

/// What a next hop said of a recipient that it was asked about, without a message being sent.
package enum ProbeOutcome: Hashable, Sendable {
    case accepted(Reply)
    /// A `5yz` that answered RCPT.
    case refused(Reply)
    /// Neither yes nor no.
    case unknown(DeliveryFailure)
}

/// Why no session came about.
package struct ConnectionFailure: Error, Hashable, Sendable {
    package var failure: DeliveryFailure
    /// Whether the TLS handshake failed, so that an attempt without TLS may succeed.
    package var isHandshake: Bool
    /// Whether the next hop goes by our own name: the mail would come back to us.
    package var isLoop: Bool

    package init(_ failure: DeliveryFailure, isHandshake: Bool = false, isLoop: Bool = false) {
        self.failure = failure
        self.isHandshake = isHandshake
        self.isLoop = isLoop
    }
}
