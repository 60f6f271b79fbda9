// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Decides, request after request of a batch, whether it can be done, given those before it.
struct Admission {
    private var pending: [RecipientKey: RecipientState] = [:]
    private var quarantined: Int64 = 0
    private let limit: Int64

    /// - Parameter limit: octets that may be in quarantine.
    init(limit: Int64) { self.limit = limit }

    /// - Throws: where a change is not possible, or the quarantine would be fuller than it may be. Nothing of the
    ///   request is then done.
    mutating func admit(_ request: TransactionRequest, _ table: QueueTable) throws(JournalError) {
        if request.quarantineOctets > 0 {
            guard table.quarantinedOctets + quarantined + request.quarantineOctets <= limit else {
                throw .quarantineFull(limit: limit)
            }
        }
        var pending = pending
        for change in request.transaction.changes {
            try table.check(change, pending: pending)
            pending[RecipientKey(item: change.item, recipient: change.recipient)] = change.state
        }
        self.pending = pending
        quarantined += request.quarantineOctets
    }
}
