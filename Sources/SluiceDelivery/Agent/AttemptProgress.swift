// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import SluiceSMTP

/// An attempt on its way through transactions and hosts: who still has to be delivered to, and what came of the others.
struct AttemptProgress: Sendable {
    private let envelope: ClientEnvelope
    private var outcomes: [RecipientOutcome?]
    private var nextHops: [String?]
    private var tookDSN: Set<Int> = []
    /// Places of those that the next transaction is for.
    private(set) var remaining: [Int]
    private var isReached = false
    private var isStrained = false
    private var isRefused = false

    init(_ envelope: ClientEnvelope) {
        self.envelope = envelope
        outcomes = Array(repeating: nil, count: envelope.recipients.count)
        nextHops = Array(repeating: nil, count: envelope.recipients.count)
        remaining = Array(envelope.recipients.indices)
    }

    /// The envelope of the next transaction.
    var pending: ClientEnvelope {
        var pending = envelope
        pending.recipients = remaining.map { envelope.recipients[$0] }
        return pending
    }

    /// Takes in what a transaction with the remaining recipients came to. What remains then may be tried again at once:
    /// at another host, or where this says so over the same connection.
    ///
    /// - Returns: whether some were put off only because there were too many.
    mutating func take(_ outcome: TransactionOutcome, from host: String) -> Bool {
        if !outcome.endedUnanswered {
            isReached = true
            isStrained = isStrained || outcome.isStrained
        }
        for (place, result) in zip(remaining, outcome.recipients) { note(result, place, host) }
        if outcome.takesDSN { tookDSN.formUnion(remaining) } else { tookDSN.subtract(remaining) }
        let isAnyDelivered = outcome.recipients.contains { if case .delivered = $0 { true } else { false } }
        let again = isAnyDelivered ? outcome.surplus : []
        remaining = (again.isEmpty ? outcome.unsent : again).map { remaining[$0] }
        return !again.isEmpty
    }

    /// No session came about with a host.
    mutating func deferred(_ failure: DeliveryFailure, at host: String?) {
        if case .reply = failure { isRefused = true }
        for place in remaining { note(.deferred(failure), place, host) }
    }

    /// Nothing can be delivered, unless something before this gave hope.
    mutating func failed(_ failure: DeliveryFailure, at host: String?) {
        isReached = true
        for place in remaining where outcomes[place] == nil { note(.failed(failure), place, host) }
        remaining = []
    }

    private mutating func note(_ outcome: RecipientOutcome, _ place: Int, _ host: String?) {
        // What a host has said of a recipient weighs more than that another one is not there.
        if case .deferred(.reply)? = outcomes[place], case .deferred(.local) = outcome { return }
        outcomes[place] = outcome
        nextHops[place] = host
    }

    var outcome: AttemptOutcome {
        let missing = RecipientOutcome.deferred(.local(EnhancedStatusCode(4, 4, 1), "no host to connect to"))
        return AttemptOutcome(
            recipients: outcomes.map { $0 ?? missing }, nextHops: nextHops, tookDSN: tookDSN, feedback: feedback)
    }

    private var feedback: DestinationFeedback {
        if isReached { return isStrained ? .strained : .answered }
        return isRefused ? .refused : .unreachable
    }
}
