// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceMilter

/// What a decision comes to where an MTA is told of it: what it does with the message, whom it is to strike from the
/// envelope, and whose copy we hold. Pure.
struct MilterSettlement: Sendable {
    enum Action: Hashable, Sendable {
        /// The MTA goes on, with our edits.
        case proceed
        /// The MTA holds the message, with our edits.
        case hold(reason: String)
        case discard
        case reply(Reply)
    }

    /// The decision, where the protocol could not express it with what is done instead.
    private(set) var record: DecisionRecord
    private(set) var action = Action.proceed
    /// Recipients that leave the MTA's envelope.
    private(set) var deleted: [Mailbox] = []
    /// Recipients that a stage added, and who are to get it from the MTA.
    private(set) var added: [Mailbox] = []
    /// Recipients whose message is held in our journal, before the MTA is answered.
    private(set) var held: [Mailbox] = []
    /// What could not be expressed, and what was done instead, in words.
    private(set) var notes: [String] = []
    private let milter: MilterConfiguration
    private let actions: MilterActions

    /// - Parameters:
    ///   - actions: what the MTA gave the right to.
    init(_ record: DecisionRecord, _ milter: MilterConfiguration, actions: MilterActions) {
        self.record = record
        self.milter = milter
        self.actions = actions
        settle()
    }

    private mutating func settle() {
        if record.disposition >= .defer {
            action = .reply(record.reply)
            return
        }
        let edited = EnvelopeEdits(record.edits)
        let deleted = Set(edited.deleted)
        let added = Set(edited.added)
        unify(but: deleted)
        let mayAdd = actions.contains(.addRecipients)
        let kept = record.recipients.filter {
            $0.disposition == .deliver && !deleted.contains($0.address) && (mayAdd || !added.contains($0.address))
        }
        let quarantined = record.recipients.filter { $0.disposition == .quarantine && !deleted.contains($0.address) }
        if milter.quarantine == .takeOver { held = quarantined.map(\.address) }
        if milter.quarantine == .mta, let reason = quarantined.first.map({ $0.reason ?? "held" }) {
            hold(reason)
        } else if kept.isEmpty, !mayAdd,
            record.recipients.contains(where: { $0.disposition == .deliver && added.contains($0.address) })
        {
            comeAgain("the MTA lets no recipient be added, and nobody else is to get it")
        } else if kept.isEmpty {
            action = .discard
        }
        switch action {
        case .discard, .reply: return
        case .proceed, .hold: break
        }
        let staying = Set((milter.quarantine == .mta ? kept + quarantined : kept).map(\.address))
        // What the MTA gave no right to is asked for all the same, so that the record says that it was not made.
        self.added = mayAdd ? edited.added.filter(staying.contains) : edited.added
        self.deleted = record.recipients.map(\.address).filter { !staying.contains($0) }
    }

    private mutating func hold(_ reason: String) {
        guard actions.contains(.quarantine) else {
            comeAgain("the MTA can't hold a message: its client comes again")
            return
        }
        action = .hold(reason: "\(reason) (id \(record.id))")
    }

    /// What can't be expressed is neither passed nor lost.
    private mutating func comeAgain(_ note: String) {
        notes.append(note)
        held = []
        let reply = Reply(451, EnhancedStatusCode(4, 7, 0), "the message can't be handled now, try again later")
        replace(record.recipients.indices, with: .defer, reason: reply.text)
        record.reply = reply.asking(for: record.id)
        action = .reply(record.reply)
    }

    /// Gives recipients the same disposition where the MTA can't treat them differently.
    ///
    /// - Parameter deleted: recipients that a stage has struck from the envelope, whatever becomes of the others.
    private mutating func unify(but deleted: Set<Mailbox>) {
        let all = record.recipients.indices.filter { !deleted.contains(record.recipients[$0].address) }
        if !actions.contains(.deleteRecipients) {
            unify(all, "the MTA lets no recipient be deleted")
        } else if milter.quarantine == .mta {
            unify(
                all.filter { record.recipients[$0].disposition != .discard },
                "the MTA can hold a message for all its recipients only")
        }
    }

    private mutating func unify(_ indices: [Int], _ why: String) {
        let dispositions = Set(indices.map { record.recipients[$0].disposition })
        guard dispositions.count > 1,
            let common = milter.recipientsDiffer == .strictest ? dispositions.max() : dispositions.min()
        else { return }
        let reason = indices.map { record.recipients[$0] }.first { $0.disposition == common }?.reason
        notes.append(
            "\(why): all get \(common.rawValue) (recipients_differ: \(milter.recipientsDiffer.rawValue))")
        replace(indices, with: common, reason: reason)
    }

    private mutating func replace(_ indices: some Sequence<Int>, with disposition: Disposition, reason: String?) {
        for index in indices where record.recipients[index].disposition != disposition {
            record.recipients[index].disposition = disposition
            record.recipients[index].reason = reason
        }
        record.disposition = record.recipients.map(\.disposition).max() ?? record.disposition
    }
}

/// What edits come to for the envelope.
struct EnvelopeEdits: Sendable {
    private(set) var reversePath: ReversePath?
    private(set) var reversePathParameters: ESMTPParameters?
    private(set) var added: [Mailbox] = []
    private(set) var deleted: [Mailbox] = []
    private var addedParameters: [Mailbox: ESMTPParameters] = [:]

    /// Those of a recipient that was added.
    func parameters(of mailbox: Mailbox) -> ESMTPParameters? { addedParameters[mailbox] }

    init(_ edits: [MessageEdit]) {
        for edit in edits {
            switch edit {
            case .changeReversePath(let path, let parameters):
                reversePath = path
                if let parameters { reversePathParameters = parameters.over(reversePathParameters) }
            case .addRecipient(let mailbox, let parameters):
                deleted.removeAll { $0 == mailbox }
                if added.contains(mailbox) { continue }
                added.append(mailbox)
                addedParameters[mailbox] = parameters
            case .deleteRecipient(let mailbox):
                added.removeAll { $0 == mailbox }
                addedParameters[mailbox] = nil
                if !deleted.contains(mailbox) { deleted.append(mailbox) }
            case .addField, .changeField, .deleteField, .replaceBody: continue
            }
        }
    }
}
