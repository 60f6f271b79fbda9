// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// A transaction on its way to the journal's thread, encoded as far as that doesn't depend on the others.
struct TransactionRequest: Sendable {
    var transaction: Transaction
    /// The transaction as it is written, but for its ledger part.
    var record: ByteBuffer
    /// The content part, in pieces.
    var content: [ByteBuffer]
    var contentLength: Int
    var contentChecksum: UInt32
    var decisions: [DecisionRecord]
    /// Whether the octets of its new messages count for the quarantine.
    var quarantineOctets: Int64
    /// Asked right before it is written.
    var shouldBegin: (@Sendable () -> Bool)?
    /// A client was told that it failed and comes again, so it must never be written again. Outcomes of deliveries are
    /// facts, which are.
    var isVoidOnFailure: Bool
    var finish: @Sendable (Result<Void, JournalError>) -> Void

    /// About what it takes in a segment.
    var octets: Int { record.readableBytes + contentLength + 256 }
}
