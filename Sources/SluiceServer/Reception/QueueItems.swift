// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue

/// The queue items of a decision: recipients with different dispositions become separate items over one content.
enum QueueItems {
    /// - Parameter heldFor: only these recipients' items, which were taken over from an MTA; `nil`: all.
    static func items(
        _ record: DecisionRecord, _ envelope: Envelope, heldFor: Set<Mailbox>? = nil
    ) -> [NewItem] {
        let edited = envelope.applying(record.edits)
        let remaining = Set(edited.recipients)
        var groups: [Disposition: [NewRecipient]] = [:]
        for recipient in record.recipients where heldFor?.contains(recipient.address) ?? true {
            let state: NewRecipient.InitialState
            if remaining.contains(recipient.address) {
                switch recipient.disposition {
                case .deliver: state = .queued
                case .quarantine: state = .quarantined(reason: recipient.reason ?? "held")
                case .discard: state = .removed(reason: recipient.reason ?? "discarded by rule")
                case .defer, .reject: continue
                }
            } else {
                state = .removed(reason: "deleted by a stage")
            }
            groups[recipient.disposition, default: []].append(NewRecipient(recipient.address, state))
        }
        let edits = record.edits.filter(\.isOfTheContent)
        return groups.sorted { $0.key < $1.key }.map { _, recipients in
            NewItem(
                reversePath: edited.reversePath, recipients: recipients, edits: edits, is8BitMIME: envelope.is8BitMIME,
                isInternationalized: envelope.isInternationalized, dsn: edited.dsn?.only(recipients.map(\.mailbox)))
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
