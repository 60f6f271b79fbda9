// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Why the queue did not do what it was asked. Nothing of what was asked has then been done.
package enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The disk failed before anything was promised (no space, an I/O error): a client may try again.
    case storage(StorageError)
    /// The sync failed: what waited for it is void and will never be written again. A client may try again.
    case notDurable(StorageError)
    /// The quarantine is full: what would be held is not accepted.
    case quarantineFull(limit: Int64)
    /// More waits for the journal than its limit allows.
    case overloaded
    /// The client went before the commit began.
    case clientGone
    case unknownItem(QueueID)
    case unknownRecipient(QueueID, Int)
    case impossibleTransition(QueueID, recipient: Int, from: RecipientStep.State, to: RecipientStep.State)
    /// The submission has no item, an item has no recipient, or something is larger than a record can be.
    case invalid(String)
    /// What was stored does not have the checksum that it was stored with.
    case damaged(String)
    /// Another version of Sluice wrote the file, in a format that this one doesn't know. Nothing was touched.
    case otherVersion(path: String, UInt32)
    case closed

    /// Whether the same request may succeed later.
    package var isTransient: Bool {
        switch self {
        case .storage, .notDurable, .quarantineFull, .overloaded, .closed: true
        case .clientGone, .unknownItem, .unknownRecipient, .impossibleTransition, .invalid, .damaged,
            .otherVersion:
            false
        }
    }

    package var description: String {
        switch self {
        case .storage(let error): "the journal can't write: \(error)"
        case .notDurable(let error): "the journal can't make it durable: \(error)"
        case .quarantineFull(let limit): "the quarantine is full (\(limit) octets)"
        case .overloaded: "too much waits for the journal"
        case .clientGone: "the client has gone"
        case .unknownItem(let id): "no queue item \(id)"
        case .unknownRecipient(let id, let number): "queue item \(id) has no recipient \(number)"
        case .impossibleTransition(let id, let recipient, let from, let to):
            "recipient \(recipient) of queue item \(id) is \(from.rawValue) and can't become \(to.rawValue)"
        case .invalid(let why): "not a submission: \(why)"
        case .damaged(let what): "damaged: \(what)"
        case .otherVersion(let path, let version):
            "\(path) has the format \(version), this version of Sluice writes \(SegmentHeader.version)"
        case .closed: "the queue is closed"
        }
    }
}
