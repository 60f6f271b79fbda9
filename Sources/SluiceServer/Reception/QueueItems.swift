// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue

/// The queue items of a decision: recipients with different dispositions become separate items over one content.
enum QueueItems {
    /// - Parameter heldFor: only these recipients' items, which were taken over from an MTA; `nil`: all.
    static func items(
        _ record: DecisionRecord, _ envelope: Envelope, heldFor: Set<Mailbox>? = nil
    ) -> [NewItem] {
        var reversePath = envelope.reversePath
        var added: [Mailbox] = []
        var deleted: Set<Mailbox> = []
        for edit in record.edits {
            switch edit {
            case .changeReversePath(let path): reversePath = path
            case .addRecipient(let mailbox): added.append(mailbox)
            case .deleteRecipient(let mailbox): deleted.insert(mailbox)
            case .addField, .changeField, .deleteField, .replaceBody: continue
            }
        }
        var groups: [Disposition: [NewRecipient]] = [:]
        for recipient in record.recipients where heldFor?.contains(recipient.address) ?? true {
            let state: NewRecipient.InitialState
            if deleted.contains(recipient.address) {
                state = .removed(reason: "deleted by a stage")
            } else {
                switch recipient.disposition {
                case .deliver: state = .queued
                case .quarantine: state = .quarantined(reason: recipient.reason ?? "held")
                case .discard: state = .removed(reason: recipient.reason ?? "discarded by rule")
                case .defer, .reject: continue
                }
            }
            groups[recipient.disposition, default: []].append(NewRecipient(recipient.address, state))
        }
        var known = Set(envelope.recipients)
        for mailbox in added where heldFor == nil && known.insert(mailbox).inserted {
            groups[.deliver, default: []].append(NewRecipient(mailbox))
        }
        let edits = record.edits.filter(\.isOfTheContent)
        return groups.sorted { $0.key < $1.key }.map { _, recipients in
            NewItem(
                reversePath: reversePath, recipients: recipients, edits: edits, is8BitMIME: envelope.is8BitMIME,
                isInternationalized: envelope.isInternationalized)
        }
    }
}

extension MessageEdit {
    /// Whether the edit concerns the content, not the envelope.
    fileprivate var isOfTheContent: Bool {
        switch self {
        case .addField, .changeField, .deleteField, .replaceBody: true
        case .changeReversePath, .addRecipient, .deleteRecipient: false
        }
    }
}
