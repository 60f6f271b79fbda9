// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// The last refusals, for `sluice top`: the history has them all.
final class RecentRefusals: Sendable {
    private static let limit = 20
    private let records = Mutex<[DecisionRecord]>([])

    /// Takes a decision, if it is a refusal.
    func note(_ record: DecisionRecord) {
        switch record.disposition {
        case .deliver, .quarantine, .discard: return
        case .reject, .defer: break
        }
        // Nothing of the evidence is shown, and it may be large.
        let refusal = DecisionRecord(
            id: record.id, time: record.time, listener: record.listener, client: record.client,
            reversePath: record.reversePath, recipients: [], disposition: record.disposition, reply: record.reply)
        records.withLock { records in
            if records.count >= Self.limit { records.removeFirst() }
            records.append(refusal)
        }
    }

    /// The latest first.
    var latest: [DecisionRecord] { records.withLock { $0.reversed() } }
}
