// SPDX-License-Identifier: Apache-2.0

/// What happened in the queue, once it is on stable storage.
package enum QueueEvent: Hashable, Sendable {
    /// A new item; what is `queued` in it is due.
    case accepted(QueueItem)
    /// A recipient changed its state; the item as it is after all changes of the same transaction, and no longer in
    /// the queue where it is finished.
    case changed(StateChange, QueueItem)
}

/// Hears of every event, in order: the schedule of deliveries, metrics.
package protocol QueueObserver: Sendable {
    /// Called on the journal's thread, before those who asked for the changes go on; it must not block.
    func queueChanged(_ events: [QueueEvent])
}
