// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// What the journal's thread and everyone who asks share: the table of what is on stable storage, and who hears of it.
final class LiveQueue: Sendable {
    let table: Mutex<QueueTable>
    /// The number that the next item gets.
    let nextNumber: Atomic<UInt64>
    let observer = Mutex<(any QueueObserver)?>(nil)
    /// The ledger's last record, for the witness in the log.
    let head: Mutex<LedgerHead>
    let time: any TimeSource
    private let recorder: any HistoryRecorder

    init(
        table: QueueTable, head: LedgerHead, nextNumber: UInt64, time: any TimeSource, recorder: any HistoryRecorder
    ) {
        self.table = Mutex(table)
        self.head = Mutex(head)
        self.nextNumber = Atomic(nextNumber)
        self.time = time
        self.recorder = recorder
    }

    /// Enters transactions that are on stable storage, and tells of them.
    func enter(_ requests: [TransactionRequest], by head: LedgerHead) {
        var events: [QueueEvent] = []
        var steps: [RecipientStep] = []
        // Before the table knows of a message that is finished at once: its content, with the record behind it, may go then.
        for decision in requests.lazy.flatMap(\.decisions) { recorder.record(decision) }
        table.withLock { table in
            for request in requests {
                let transaction = request.transaction
                for message in transaction.messages {
                    table.insert(message)
                    for item in message.items {
                        events.append(.accepted(item))
                        steps += item.steps
                    }
                }
                var finished: [QueueID: QueueItem] = [:]
                for change in transaction.changes {
                    guard let applied = table.apply(change, at: transaction.time) else { continue }
                    steps += applied.steps
                    if let item = applied.finished { finished[item.id] = item }
                }
                // Looked up after all changes: an event shares the item with the table instead of having a copy.
                for change in transaction.changes {
                    guard let item = finished[change.item] ?? table.items[change.item] else { continue }
                    events.append(.changed(change, item))
                }
            }
        }
        self.head.withLock { $0 = head }
        for step in steps { recorder.recordStep(step) }
        if let observer = observer.withLock({ $0 }) { observer.queueChanged(events) }
    }
}

extension QueueItem {
    /// Every step that its recipients have gone, for the history.
    var steps: [RecipientStep] {
        recipients.flatMap { recipient in recipient.steps.map { recipient.step($0, of: self) } }
    }
}

extension QueuedRecipient {
    func lastStep(of item: QueueItem) -> [RecipientStep] { steps.last.map { [step($0, of: item)] } ?? [] }

    func step(_ step: Step, of item: QueueItem) -> RecipientStep {
        var nextAttempt: Timestamp?
        if case .queued(_, let next) = state, step == steps.last { nextAttempt = next }
        return RecipientStep(
            messageID: item.messageID, queueID: item.id.description, address: mailbox, state: step.state,
            time: step.time, by: step.by, why: step.why, reply: step.reply, nextHop: step.nextHop, attempts: attempts,
            nextAttempt: nextAttempt)
    }
}
