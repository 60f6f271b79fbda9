// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// What a segment begins with, besides the live messages: all that is needed to go on without the segments before.
struct Checkpoint: Hashable, Sendable {
    /// The last record of the ledger so far.
    var head = LedgerHead()
    /// The number that the next item gets.
    var nextNumber: UInt64 = 1
    /// Where the segments before this one end, those of them that may still be there: their last good sync. Nothing
    /// behind it counts, whatever a disk that failed has kept of it.
    var ends: [UInt64: Int64] = [:]
    /// The history has all decisions and steps of this segment and those before, on stable storage.
    var historyThrough: UInt64 = 0
    /// The messages that follow.
    var messageCount: UInt64 = 0

    init() {}

    func encoded() -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeNumber(head.length)
        buffer.writeBytes(head.hash.octets)
        buffer.writeNumber(nextNumber)
        buffer.writeNumber(historyThrough)
        buffer.writeNumber(messageCount)
        buffer.writeNumber(UInt32(ends.count))
        for (number, end) in ends.sorted(by: { $0.key < $1.key }) {
            buffer.writeNumber(number)
            buffer.writeNumber(end)
        }
        return buffer
    }

    init(_ reader: inout RecordReader) throws(MalformedRecord) {
        head.length = try reader.number()
        head.hash = LedgerHash(octets: Array(buffer: try reader.octets(LedgerHash.origin.octets.count)))
        nextNumber = try reader.number()
        historyThrough = try reader.number()
        messageCount = try reader.integer()
        for _ in 0..<(try reader.count()) { ends[try reader.number()] = Int64(try reader.number()) }
    }
}

extension QueueTable {
    /// A live message with its items, for a checkpoint.
    func encodedForCheckpoint(_ number: UInt64) -> ByteBuffer? {
        guard let message = messages[number] else { return nil }
        var buffer = ByteBuffer()
        buffer.writeMessage(message.stored)
        let items = message.items.compactMap { self.items[$0] }
        buffer.writeNumber(UInt32(items.count))
        for item in items { buffer.writeItem(item) }
        return buffer
    }
}

extension Transaction.NewMessage {
    /// A message of a checkpoint.
    init(checkpoint reader: inout RecordReader) throws(MalformedRecord) {
        let stored = try reader.message()
        self.init(stored: stored, items: [])
        for _ in 0..<(try reader.count()) { items.append(try reader.item(of: stored)) }
    }
}
