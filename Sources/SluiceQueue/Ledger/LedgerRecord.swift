// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative

/// One link of the ledger: a recipient entered a state. It holds no address and no free text, so that it can be kept
/// longer than what it is about.
struct LedgerRecord: Hashable, Sendable {
    /// Its place in the chain, from 1.
    var sequence: UInt64
    var time: Timestamp
    var item: QueueID
    /// The recipient's place in the item, from 0.
    var recipient: UInt32
    var state: RecipientStep.State
    /// Whether this is the recipient's first state.
    var isAcceptance: Bool
    /// The reply code of the next hop; 0 where there was none.
    var replyCode: UInt16
    /// The number of the message that the item belongs to.
    var message: UInt64
    /// The id of the message, with its acceptance; else empty.
    var messageID: String

    /// What is hashed, and written before the hash.
    func encoded() -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 96)
        buffer.writeNumber(sequence)
        buffer.writeTimestamp(time)
        buffer.writeNumber(item.number)
        buffer.writeNumber(recipient)
        buffer.writeNumber(state.octet)
        buffer.writeFlag(isAcceptance)
        buffer.writeNumber(replyCode)
        buffer.writeNumber(message)
        buffer.writeText(messageID)
        return buffer
    }
}

/// The hash that a record is linked to the one before it by.
struct LedgerHash: Hashable, Sendable, CustomStringConvertible {
    let octets: [UInt8]

    /// What the first record is linked to.
    static let origin = LedgerHash(octets: [UInt8](repeating: 0, count: SHA256Digest.length))

    /// SHA-256 over the hash before and the record.
    init(of record: ByteBuffer, after previous: LedgerHash) {
        var digest = SHA256Digest()
        digest.update(previous.octets)
        digest.update(record)
        octets = digest.finish()
    }

    init(octets: [UInt8]) { self.octets = octets }

    /// In hexadecimal.
    var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// How far the chain reaches: the sequence number and the hash of its last record.
struct LedgerHead: Hashable, Sendable {
    var length: UInt64 = 0
    var hash = LedgerHash.origin

    /// Writes the records of a transaction behind the head, and moves it.
    mutating func append(_ transaction: Transaction, messageOf: (QueueID) -> UInt64, to buffer: inout ByteBuffer) {
        for message in transaction.messages {
            for item in message.items {
                for (number, recipient) in item.recipients.enumerated() {
                    append(
                        LedgerRecord(
                            sequence: length + 1, time: transaction.time, item: item.id, recipient: UInt32(number),
                            state: recipient.state.name, isAcceptance: true, replyCode: 0,
                            message: message.stored.number, messageID: message.stored.messageID), to: &buffer)
                }
            }
        }
        for change in transaction.changes {
            append(
                LedgerRecord(
                    sequence: length + 1, time: transaction.time, item: change.item,
                    recipient: UInt32(clamping: change.recipient), state: change.state.name, isAcceptance: false,
                    replyCode: UInt16(clamping: change.replyCode), message: messageOf(change.item), messageID: ""),
                to: &buffer)
        }
    }

    mutating func append(_ record: LedgerRecord, to buffer: inout ByteBuffer) {
        let encoded = record.encoded()
        hash = LedgerHash(of: encoded, after: hash)
        length = record.sequence
        buffer.writeImmutableBuffer(encoded)
        buffer.writeBytes(hash.octets)
    }
}

/// A record of the ledger as it was read, with the octets that its hash is over.
struct LedgerLink: Sendable {
    var record: LedgerRecord
    var encoded: ByteBuffer
    var hash: LedgerHash
}

extension RecordReader {
    mutating func ledgerLink() throws(MalformedRecord) -> LedgerLink {
        let record = LedgerRecord(
            sequence: try number(), time: try timestamp(), item: QueueID(number: try integer()),
            recipient: try integer(), state: try RecipientStep.State(octet: integer()), isAcceptance: try flag(),
            replyCode: try integer(), message: try integer(), messageID: try text())
        return LedgerLink(
            record: record, encoded: record.encoded(),
            hash: LedgerHash(octets: Array(buffer: try octets(SHA256Digest.length))))
    }
}
