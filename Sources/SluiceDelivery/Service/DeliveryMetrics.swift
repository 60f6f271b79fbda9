// SPDX-License-Identifier: Apache-2.0
import Metrics
import SluiceCore
import SluiceQueue

/// What is counted of deliveries.
enum DeliveryMetrics {
    /// What an attempt brings for a recipient.
    private enum Outcome: String, CaseIterable {
        case delivered, deferred, bounced
    }

    /// The class of a next hop's reply (RFC 5321 §4.2.1).
    private enum ReplyClass: String, CaseIterable {
        case positive = "2yz"
        case transient = "4yz"
        case permanent = "5yz"
        /// It said nothing: there was no connection, or the time was over.
        case none

        init(code: Int) {
            self =
                switch code {
                case 200..<300: .positive
                case 400..<500: .transient
                case 500..<600: .permanent
                default: .none
                }
        }
    }

    private static let deliveries = Dictionary(
        uniqueKeysWithValues: Outcome.allCases.map { outcome in
            (
                outcome,
                Dictionary(
                    uniqueKeysWithValues: ReplyClass.allCases.map { reply in
                        (
                            reply,
                            Counter(
                                label: "sluice_deliveries_total",
                                dimensions: [("outcome", outcome.rawValue), ("reply", reply.rawValue)])
                        )
                    })
            )
        })
    private static let attemptTime = Metrics.Timer(label: "sluice_delivery_attempt_duration_seconds")
    private static let delay = Metrics.Timer(label: "sluice_delivery_delay_seconds")

    /// Counts what became of a recipient.
    static func count(_ change: StateChange, of settled: SettledRecipients) {
        let outcome: Outcome
        switch change.state {
        case .delivered: outcome = .delivered
        case .queued: outcome = .deferred
        case .bounced: outcome = .bounced
        case .held, .quarantined, .removed: return
        }
        deliveries[outcome]?[ReplyClass(code: change.replyCode)]?.increment()
        // The clock may have been set back since.
        if outcome == .delivered {
            delay.recordMilliseconds(max(0, (settled.time - settled.item.acceptedAt).wholeMilliseconds))
        }
    }

    /// One attempt, over one connection or several.
    static func attempted(in duration: Duration) { attemptTime.recordMicroseconds(duration.wholeMicroseconds) }
}
