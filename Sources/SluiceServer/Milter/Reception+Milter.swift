// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceMilter
import SluiceQueue

extension Reception {
    /// Decides about a message of an MTA's: what we take over is on stable storage before the MTA is answered.
    func conclude(_ transaction: ReceptionTransaction, _ exchange: MilterExchange) async -> MilterConclusion {
        let timeout = min(transaction.configuration.limits.pipelineTimeout, MilterConfiguration.pipelineLimit)
        switch await evaluated(transaction, within: timeout) {
        case .refused(let reply):
            return MilterConclusion(final: .replyCode(MilterReplyText.written(refuse(transaction, reply))))
        case .decided(let decision):
            guard transaction.presence.isPresent else {
                transaction.content.discard()
                var record = decision.record
                record.mta = transaction.mta(.reply)
                _ = unaccepted(record, .clientGone)
                return MilterConclusion(final: .temporaryFailure)
            }
            guard let milter = transaction.listener.milter else {
                transaction.content.discard()
                return MilterConclusion(final: .temporaryFailure)
            }
            let settlement = MilterSettlement(decision.record, milter, actions: exchange.options.actions)
            return await conclude(transaction, exchange, decision, settlement)
        }
    }

    private func conclude(
        _ transaction: ReceptionTransaction, _ exchange: MilterExchange, _ decision: Decision,
        _ settlement: MilterSettlement
    ) async -> MilterConclusion {
        var (conclusion, notes) = conclusion(exchange, decision, settlement)
        var record = settlement.record
        let answer: MTAReturn.Answer
        switch settlement.action {
        case .proceed: answer = .proceed
        case .hold: answer = .quarantine
        case .discard: answer = .discard
        case .reply: answer = .reply
        }
        notes = settlement.notes + notes
        guard !settlement.held.isEmpty else {
            transaction.content.discard()
            record.mta = transaction.mta(answer, notes: notes)
            note(record)
            return conclusion
        }
        record.mta = transaction.mta(answer, notes: notes)
        if let refusal = await takeOver(transaction, record, settlement.held, decision.received) {
            conclusion = MilterConclusion(final: .replyCode(MilterReplyText.written(refusal.reply)))
        }
        return conclusion
    }

    /// Commits the held recipients' copy to our journal, with a Received field of ours.
    ///
    /// - Returns: `nil` where it is on stable storage, or was before; else why it is not.
    private func takeOver(
        _ transaction: ReceptionTransaction, _ record: DecisionRecord, _ held: [Mailbox], _ received: MessageEdit
    ) async -> DecisionRecord? {
        var record = record
        let digest: [UInt8]
        do { digest = try HeldMessages.digest(transaction.envelope, try transaction.content.source()) } catch {
            logger.error("content can't be read", metadata: ["id": "\(record.id)", "error": "\(error)"])
            transaction.content.discard()
            record.disposition = .defer
            record.reply = Reply(451, EnhancedStatusCode(4, 3, 0), "local error, try again later").asking(
                for: record.id)
            record.mta?.answer = .reply
            note(record)
            return record
        }
        guard heldMessages.begin(digest) else {
            transaction.content.discard()
            return unaccepted(record, .overloaded)
        }
        defer { heldMessages.end(digest) }
        // What was deleted, or released and bounced, since is held anew: a second copy rather than none.
        if let known = heldMessages.message(digest, holdsFor: held, at: time.now), isStillHeld(known, for: held) {
            transaction.content.discard()
            record.mta?.notes.append("it is held already, as \(known)")
            note(record)
            return nil
        }
        let items = QueueItems.items(record, transaction.envelope, heldFor: Set(held)).map { item in
            var item = item
            item.edits.append(received)
            item.origin = ItemOrigin(listener: transaction.listener.name, digest: digest)
            return item
        }
        if let refusal = await commit(record, items, of: transaction) { return refusal }
        heldMessages.add(digest, record.id, heldFor: held, at: time.now)
        return nil
    }

    /// Whether a message that was taken over is in the queue for these recipients, or was delivered to them.
    private func isStillHeld(_ messageID: String, for recipients: [Mailbox]) -> Bool {
        let items = queue.items(ofMessage: messageID)
        return recipients.allSatisfy { mailbox in
            items.contains { item in
                item.recipients.contains { recipient in
                    guard recipient.mailbox == mailbox else { return false }
                    switch recipient.state.name {
                    case .queued, .held, .quarantined, .delivered: return true
                    case .bounced, .removed: return false
                    }
                }
            }
        }
    }

    /// What the MTA is told, and what it can't be told.
    private func conclusion(
        _ exchange: MilterExchange, _ decision: Decision, _ settlement: MilterSettlement
    ) -> (MilterConclusion, [String]) {
        switch settlement.action {
        case .reply(let reply): return (MilterConclusion(final: .replyCode(MilterReplyText.written(reply))), [])
        case .discard: return (MilterConclusion(final: .discard), [])
        case .proceed, .hold: break
        }
        var plan = MilterModificationPlan(
            header: decision.message.header, edits: decision.record.edits, options: exchange.options,
            rules: exchange.rules)
        let envelope = EnvelopeEdits(decision.record.edits)
        if let path = envelope.reversePath {
            plan.changeReversePath(to: path, parameters: envelope.reversePathParameters)
        }
        for mailbox in settlement.added {
            let parameters = envelope.parameters(of: mailbox)
            if exchange.paths[mailbox] == nil {
                plan.addRecipient(mailbox, parameters: parameters)
            } else if let parameters {
                plan.leaveOut(parameters, of: mailbox)
            }
        }
        for mailbox in settlement.deleted {
            for path in exchange.paths[mailbox] ?? [] { plan.deleteRecipient(path) }
        }
        var modifications = plan.modifications
        if case .hold(let reason) = settlement.action {
            modifications.append(.quarantine(reason: MilterReplyText.line(reason)))
        }
        return (MilterConclusion(modifications: modifications, final: .proceed), plan.notes)
    }
}
