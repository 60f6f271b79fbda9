// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// A record whose octets have the right checksum but are not what this version writes.
struct MalformedRecord: Error, Hashable, Sendable {
    var what: String
}

/// Reads the fields of a record, in order. Integers are little-endian; every length is checked against what is there.
struct RecordReader: Sendable {
    private var buffer: ByteBuffer

    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    var isAtEnd: Bool { buffer.readableBytes == 0 }

    /// Octets that were not read yet.
    var remaining: Int { buffer.readableBytes }

    mutating func integer<Value: FixedWidthInteger>(as type: Value.Type = Value.self) throws(MalformedRecord) -> Value {
        guard let value = buffer.readInteger(endianness: .little, as: Value.self) else {
            throw MalformedRecord(what: "a record ends in the middle of a number")
        }
        return value
    }

    /// The largest length, offset or running number, and the farthest time in milliseconds: what is added up of such
    /// numbers can't leave the range of an `Int64`.
    static let numberLimit: UInt64 = 1 << 52

    /// A length, an offset or a running number.
    mutating func number() throws(MalformedRecord) -> UInt64 {
        let number = try integer(as: UInt64.self)
        guard number <= Self.numberLimit else {
            throw MalformedRecord(what: "a record holds a number past \(Self.numberLimit)")
        }
        return number
    }

    /// A count of things that take at least one octet each.
    mutating func count() throws(MalformedRecord) -> Int {
        let count = Int(try integer(as: UInt32.self))
        guard count <= buffer.readableBytes else {
            throw MalformedRecord(what: "a record counts more than it holds")
        }
        return count
    }

    mutating func octets() throws(MalformedRecord) -> ByteBuffer {
        let length = try count()
        return try octets(length)
    }

    mutating func octets(_ length: Int) throws(MalformedRecord) -> ByteBuffer {
        guard let slice = buffer.readSlice(length: length) else {
            throw MalformedRecord(what: "a record ends in the middle of its octets")
        }
        return slice
    }

    mutating func text() throws(MalformedRecord) -> String { String(buffer: try octets()) }

    mutating func optionalText() throws(MalformedRecord) -> String? {
        try integer(as: UInt8.self) == 0 ? nil : try text()
    }

    mutating func flag() throws(MalformedRecord) -> Bool { try integer(as: UInt8.self) != 0 }

    mutating func timestamp() throws(MalformedRecord) -> Timestamp {
        let milliseconds = try integer(as: Int64.self)
        guard milliseconds.magnitude <= Self.numberLimit else {
            throw MalformedRecord(what: "a record holds a time past \(Self.numberLimit) ms")
        }
        return Timestamp(milliseconds: milliseconds)
    }

    mutating func mailbox() throws(MalformedRecord) -> Mailbox {
        Mailbox(localPart: try text(), domain: try text())
    }
}

extension ByteBuffer {
    mutating func writeNumber<Value: FixedWidthInteger>(_ value: Value) {
        writeInteger(value, endianness: .little)
    }

    mutating func writeText(_ text: String) {
        writeNumber(UInt32(text.utf8.count))
        writeString(text)
    }

    mutating func writeOptionalText(_ text: String?) {
        writeNumber(UInt8(text == nil ? 0 : 1))
        if let text { writeText(text) }
    }

    mutating func writeFlag(_ flag: Bool) { writeNumber(UInt8(flag ? 1 : 0)) }

    mutating func writeTimestamp(_ time: Timestamp) { writeNumber(time.milliseconds) }

    mutating func writeMailbox(_ mailbox: Mailbox) {
        writeText(mailbox.localPart)
        writeText(mailbox.domain)
    }
}
