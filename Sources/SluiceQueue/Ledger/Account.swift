// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Every accepted recipient against its state, and whether the chain of state records holds.
package struct Account: Hashable, Sendable {
    package enum Chain: Hashable, Sendable {
        case intact
        /// Where it breaks first, in words.
        case broken(String)
    }

    /// Only what was accepted from then on is counted; the chain is verified as a whole.
    package var since: Timestamp?
    /// Messages.
    package var accepted = 0
    package var queued = 0
    package var held = 0
    package var quarantined = 0
    package var delivered = 0
    package var bounced = 0
    package var removed = 0
    /// Recipients that the ledger and the queue disagree about, and state records that are missing.
    package var unaccounted = 0
    package var chain = Chain.intact

    package init(since: Timestamp? = nil) { self.since = since }

    /// The sum of the seven.
    package var recipients: Int { queued + held + quarantined + delivered + bounced + removed + unaccounted }

    /// Whether nothing is unaccounted for and the chain is intact.
    package var addsUp: Bool { unaccounted == 0 && chain == .intact }

    mutating func count(_ state: RecipientStep.State) {
        switch state {
        case .queued: queued += 1
        case .held: held += 1
        case .quarantined: quarantined += 1
        case .delivered: delivered += 1
        case .bounced: bounced += 1
        case .removed: removed += 1
        }
    }
}
