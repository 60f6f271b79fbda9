// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Where the content of a message stands, and with it, right behind, its decision record as JSON.
struct StoredContent: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        /// Behind the record of a transaction that is being written: so many octets into its content part.
        case inline(offset: UInt32)
        /// In a segment of the journal.
        case segment(UInt64, offset: Int64)
        /// In a file of its own, by its name in the content folder.
        case file(String)
    }

    var place: Place
    /// Octets of the content.
    var length: Int
    /// CRC-32C of the content.
    var checksum: UInt32
    var recordLength: Int
    var recordChecksum: UInt32
}

/// A message that the journal holds, as long as one of its items is alive.
struct StoredMessage: Hashable, Sendable {
    /// The number of its first item.
    var number: UInt64
    var messageID: String
    var acceptedAt: Timestamp
    var content: StoredContent
}
