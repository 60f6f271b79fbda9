// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import SluiceSMTP

/// What became of some recipients of one item, as it is to be recorded.
struct SettledRecipients: Sendable {
    let item: QueueItem
    let time: Timestamp
    private(set) var changes: [StateChange] = []
    /// Whose sender is to be told of it, by the number of the recipient.
    private(set) var notices: [(number: Int, action: DeliveryStatusNotification.Action, recipient: NotifiedRecipient)] =
        []

    init(item: QueueItem, time: Timestamp) {
        self.item = item
        self.time = time
    }

    /// Enters an outcome. One that was deferred without a decision stays as it is.
    ///
    /// - Parameters:
    ///   - tookDSN: whether the next hop was told what the sender asks of notifications.
    ///   - isLastHop: whether it puts the message into the mailbox.
    mutating func add(
        _ number: Int, _ outcome: RecipientOutcome, _ decision: DeferralDecision?, nextHop: String?,
        tookDSN: Bool = false, isLastHop: Bool = false
    ) {
        switch outcome {
        case .delivered(let reply):
            change(number, .delivered, reply, "", nextHop)
            if !tookDSN { succeed(number, reply, nextHop, isLastHop: isLastHop) }
        case .failed(let failure): bounce(number, failure, failure.status, Self.words(failure), nextHop)
        case .deferred(let failure):
            switch decision {
            case .retry(let attempts, let next):
                change(
                    number, .queued(attempts: attempts, nextAttempt: next), failure.reply, Self.words(failure),
                    nextHop)
            case .expired: expire(number, failure, nextHop: nextHop)
            case nil: return
            }
        }
    }

    /// Enters that a recipient's time is over, after a last failure or without one.
    mutating func expire(_ number: Int, _ failure: DeliveryFailure? = nil, nextHop: String? = nil) {
        // The clock may have been set back since.
        let hours = max(0, (time - item.acceptedAt).components.seconds / 3600)
        let step = item.recipients[number].steps.last
        let last = failure.map(\.description) ?? step?.reply ?? step?.why ?? ""
        let words = "expired after \(hours) hours" + (last.isEmpty ? "" : "; the last failure was: \(last)")
        // 4.4.7: delivery time expired (RFC 3463 §3.5).
        bounce(number, .local(EnhancedStatusCode(4, 4, 7), words), EnhancedStatusCode(4, 4, 7), words, nextHop)
    }

    /// Leaves a recipient out, as its state does not allow the change any more.
    mutating func drop(_ number: Int) {
        changes.removeAll { $0.recipient == number }
        notices.removeAll { $0.number == number }
    }

    /// RFC 3461 §5.2.2 and 5.2.3: success is told where it was asked for, by whoever is the last to know of that.
    private mutating func succeed(_ number: Int, _ reply: Reply, _ nextHop: String?, isLastHop: Bool) {
        let mailbox = item.recipients[number].mailbox
        guard item.reversePath != .null, item.dsn(of: mailbox).wantsSuccess else { return }
        notices.append(
            (
                number, isLastHop ? .delivered : .relayed,
                NotifiedRecipient(
                    mailbox: mailbox, original: item.dsn(of: mailbox).originalRecipient,
                    status: EnhancedStatusCode(2, 0, 0), reply: reply, reason: "", nextHop: nextHop,
                    lastAttempt: time)
            ))
    }

    private mutating func bounce(
        _ number: Int, _ failure: DeliveryFailure, _ status: EnhancedStatusCode, _ words: String, _ nextHop: String?
    ) {
        let mailbox = item.recipients[number].mailbox
        let dsn = item.dsn(of: mailbox)
        let silence: String? =
            item.reversePath == .null
            ? "null reverse-path" : dsn.wantsFailure ? nil : "NOTIFY=\(dsn.notify?.written ?? "")"
        change(
            number, .bounced, failure.reply, silence.map { "bounced, no notice (\($0)): \(failure)" } ?? words,
            nextHop)
        guard dsn.wantsFailure else { return }
        notices.append(
            (
                number, .failed,
                NotifiedRecipient(
                    mailbox: mailbox, original: dsn.originalRecipient, status: status, reply: failure.reply,
                    reason: words, nextHop: nextHop, lastAttempt: time)
            ))
    }

    private mutating func change(
        _ number: Int, _ state: RecipientState, _ reply: Reply?, _ why: String, _ nextHop: String?
    ) {
        changes.append(
            StateChange(
                item: item.id, recipient: number, state: state, replyCode: reply?.code ?? 0,
                reply: reply?.description, nextHop: nextHop, by: DeliveryService.name, why: why))
    }

    private static func words(_ failure: DeliveryFailure) -> String {
        switch failure {
        case .reply(let reply): reply.isPermanentNegative ? "refused by the next hop" : "deferred by the next hop"
        case .local(_, let words): words
        }
    }
}
