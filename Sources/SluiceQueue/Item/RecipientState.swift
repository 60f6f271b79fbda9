// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// The state of one recipient of a queue item: always exactly one of six.
package enum RecipientState: Hashable, Sendable {
    /// Waits for its next delivery.
    case queued(attempts: Int, nextAttempt: Timestamp)
    /// Held by an operator, until one releases it.
    case held
    /// Kept for review.
    case quarantined(reason: String, since: Timestamp)
    /// The next hop has taken it over. Final.
    case delivered
    /// Refused by the next hop, or expired. Final.
    case bounced
    /// Deleted by an operator, discarded by rule, or past its time in quarantine. Final.
    case removed

    /// The state without its details.
    package var name: RecipientStep.State {
        switch self {
        case .queued: .queued
        case .held: .held
        case .quarantined: .quarantined
        case .delivered: .delivered
        case .bounced: .bounced
        case .removed: .removed
        }
    }

    package var isFinal: Bool { name.isFinal }

    /// Whether a recipient may pass from this state to that one.
    ///
    /// Nothing follows a final state. What is quarantined leaves only by an operator's release (to `queued`), hold or
    /// removal: it can't be delivered past them. A delivery that was under way when an operator held its recipient
    /// still reports its outcome.
    package func allows(_ next: RecipientState) -> Bool {
        switch self {
        case .queued, .held: true
        case .quarantined:
            switch next {
            case .queued, .held, .quarantined, .removed: true
            case .delivered, .bounced: false
            }
        case .delivered, .bounced, .removed: false
        }
    }
}
