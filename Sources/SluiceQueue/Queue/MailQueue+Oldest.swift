// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import Synchronization

extension MailQueue {
    /// When the oldest message with a recipient in each state was accepted; a state that no recipient is in is missing.
    package func oldest() -> [RecipientStep.State: Timestamp] { live.table.withLock(\.oldest) }
}

extension QueueTable {
    var oldest: [RecipientStep.State: Timestamp] {
        var oldest: [RecipientStep.State: Timestamp] = [:]
        for item in items.values {
            for recipient in item.recipients where !recipient.state.isFinal {
                let state = recipient.state.name
                if oldest[state].map({ item.acceptedAt < $0 }) ?? true { oldest[state] = item.acceptedAt }
            }
        }
        return oldest
    }
}
