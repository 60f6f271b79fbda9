// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// What is written in one record, all of it or nothing: changes of state, and new messages with their items.
struct Transaction: Hashable, Sendable {
    struct NewMessage: Hashable, Sendable {
        var stored: StoredMessage
        var items: [QueueItem]
    }

    var time: Timestamp
    var changes: [StateChange] = []
    var messages: [NewMessage] = []

    /// The record but for its ledger part, which only the journal's thread can write.
    func encoded() -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 512)
        buffer.writeTimestamp(time)
        buffer.writeNumber(UInt32(changes.count))
        for change in changes { buffer.writeChange(change) }
        buffer.writeNumber(UInt32(messages.count))
        for message in messages {
            buffer.writeMessage(message.stored)
            buffer.writeNumber(UInt32(message.items.count))
            for item in message.items { buffer.writeItem(item) }
        }
        return buffer
    }

    init(time: Timestamp, changes: [StateChange] = [], messages: [NewMessage] = []) {
        self.time = time
        self.changes = changes
        self.messages = messages
    }

    /// - Parameters:
    ///   - segment: the segment that the record stands in.
    ///   - contentOffset: where in it the content part of the record begins.
    init(_ reader: inout RecordReader, segment: UInt64, contentOffset: Int64) throws(MalformedRecord) {
        time = try reader.timestamp()
        for _ in 0..<(try reader.count()) { changes.append(try reader.change()) }
        for _ in 0..<(try reader.count()) {
            var stored = try reader.message()
            stored.resolve(segment: segment, contentOffset: contentOffset)
            var message = NewMessage(stored: stored, items: [])
            for _ in 0..<(try reader.count()) { message.items.append(try reader.item(of: stored)) }
            messages.append(message)
        }
    }
}

extension StoredMessage {
    /// Turns a place within a record into one within a segment.
    mutating func resolve(segment: UInt64, contentOffset: Int64) {
        if case .inline(let offset) = content.place {
            content.place = .segment(segment, offset: contentOffset + Int64(offset))
        }
    }
}

extension ByteBuffer {
    mutating func writeMessage(_ message: StoredMessage) {
        writeNumber(message.number)
        writeText(message.messageID)
        writeTimestamp(message.acceptedAt)
        switch message.content.place {
        case .inline(let offset):
            writeNumber(UInt8(0))
            writeNumber(offset)
        case .segment(let number, let offset):
            writeNumber(UInt8(1))
            writeNumber(number)
            writeNumber(offset)
        case .file(let name):
            writeNumber(UInt8(2))
            writeText(name)
        }
        writeNumber(Int64(message.content.length))
        writeNumber(message.content.checksum)
        writeNumber(UInt32(message.content.recordLength))
        writeNumber(message.content.recordChecksum)
    }

    fileprivate mutating func writeChange(_ change: StateChange) {
        writeNumber(change.item.number)
        writeNumber(UInt32(clamping: change.recipient))
        writeState(change.state)
        writeNumber(UInt16(clamping: change.replyCode))
        writeOptionalText(change.reply)
        writeOptionalText(change.nextHop)
        writeText(change.by)
        writeText(change.why)
    }
}

extension RecordReader {
    mutating func message() throws(MalformedRecord) -> StoredMessage {
        let number = try self.number()
        let messageID = try text()
        let acceptedAt = try timestamp()
        let kind = try integer(as: UInt8.self)
        let place: StoredContent.Place
        switch kind {
        case 0: place = .inline(offset: try integer())
        case 1: place = .segment(try self.number(), offset: Int64(try self.number()))
        case 2: place = .file(try text())
        default: throw MalformedRecord(what: "no place of content has the number \(kind)")
        }
        let length = Int(try self.number())
        let content = StoredContent(
            place: place, length: length, checksum: try integer(), recordLength: Int(try integer(as: UInt32.self)),
            recordChecksum: try integer())
        return StoredMessage(number: number, messageID: messageID, acceptedAt: acceptedAt, content: content)
    }

    fileprivate mutating func change() throws(MalformedRecord) -> StateChange {
        StateChange(
            item: QueueID(number: try integer()), recipient: Int(try integer(as: UInt32.self)), state: try state(),
            replyCode: Int(try integer(as: UInt16.self)), reply: try optionalText(), nextHop: try optionalText(),
            by: try text(), why: try text())
    }
}
