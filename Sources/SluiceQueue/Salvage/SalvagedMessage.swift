// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// A message that the recovery could not take up, as far as it can be read out of what was set aside.
package struct SalvagedMessage: Sendable {
    /// What is left of a part.
    package enum Condition: String, Sendable {
        /// It has the checksum that it was stored with.
        case whole
        /// It is there, and some of it may be wrong.
        case damaged
        case missing
    }

    package var messageID: String
    /// The number of its first item.
    package var number: UInt64
    package var acceptedAt: Timestamp
    /// Its items, without the recipients that the ledger knows to be finished.
    package var items: [QueueItem]
    /// Whether envelope and edits have their checksum.
    package var envelope: Condition
    /// As far as it can be read.
    package var content: (any ContentSource)?
    package var contentCondition: Condition
    /// The decision record, where it is whole.
    package var record: DecisionRecord?
    /// Where it was found.
    package var place: String
    /// Whether the place is one at which only Sluice can have written. Where a segment's header is lost, the content of
    /// another message could be made to look like one.
    package var isTrusted: Bool
}
