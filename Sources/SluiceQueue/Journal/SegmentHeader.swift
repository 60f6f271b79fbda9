// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceNative

/// The beginning of a segment, written twice, so that one bad octet doesn't make the whole segment unreadable.
struct SegmentHeader: Hashable, Sendable {
    /// Version 2 can say where an item came from, version 3 what its sender asks of notifications; what earlier versions
    /// wrote reads the same.
    static let version: UInt32 = 3
    private static let readableVersions: ClosedRange<UInt32> = 1...version
    static let copyLength = 64
    /// Where the first frame begins.
    static let length = 2 * copyLength
    private static let magic: UInt64 = 0x314C_4E52_4A53_4C53

    var number: UInt64
    /// Random: it seeds the checksums of the segment's frames.
    var salt: UInt64

    func encoded() -> ByteBuffer {
        var copy = ByteBuffer()
        copy.writeNumber(Self.magic)
        copy.writeNumber(Self.version)
        copy.writeNumber(UInt32(0))
        copy.writeNumber(number)
        copy.writeNumber(salt)
        copy.writeNumber(CRC32C.of(copy))
        copy.writeRepeatingByte(0, count: Self.copyLength - copy.readableBytes)
        // Into a buffer of their own: a copy to which its own original is appended shares its storage with it, and the
        // optimizer (Swift 6.3.1) lets that grow, and move, while it is still read from.
        var both = ByteBufferAllocator().buffer(capacity: Self.length)
        both.writeImmutableBuffer(copy)
        both.writeImmutableBuffer(copy)
        return both
    }

    init(number: UInt64, salt: UInt64) {
        self.number = number
        self.salt = salt
    }

    /// Reads whichever of the two copies is whole.
    ///
    /// - Returns: `nil` where neither is, or where another version wrote them.
    init?(_ buffer: ByteBuffer) {
        for copy in 0..<2 {
            guard let octets = buffer.getSlice(at: buffer.readerIndex + copy * Self.copyLength, length: Self.copyLength)
            else { continue }
            var reader = RecordReader(octets)
            if let header = try? Self(&reader, octets) {  // the other copy may be whole
                self = header
                return
            }
        }
        return nil
    }

    /// The version of a header that this version of Sluice can't read; `nil` where the octets are none, or readable.
    ///
    /// Every version keeps the magic, and its version and checksum where they are.
    static func foreignVersion(_ buffer: ByteBuffer) -> UInt32? {
        for copy in 0..<2 {
            guard let octets = buffer.getSlice(at: buffer.readerIndex + copy * copyLength, length: copyLength),
                octets.getInteger(at: octets.readerIndex, endianness: .little, as: UInt64.self) == magic,
                let version = octets.getInteger(at: octets.readerIndex + 8, endianness: .little, as: UInt32.self),
                let checksum = octets.getInteger(at: octets.readerIndex + 32, endianness: .little, as: UInt32.self),
                let covered = octets.getSlice(at: octets.readerIndex, length: 32), checksum == CRC32C.of(covered)
            else { continue }
            return readableVersions.contains(version) ? nil : version
        }
        return nil
    }

    private init(_ reader: inout RecordReader, _ octets: ByteBuffer) throws(MalformedRecord) {
        let magic = try reader.integer(as: UInt64.self)
        let version = try reader.integer(as: UInt32.self)
        _ = try reader.integer(as: UInt32.self)
        number = try reader.integer()
        salt = try reader.integer()
        let checksum = try reader.integer(as: UInt32.self)
        guard magic == Self.magic, Self.readableVersions.contains(version),
            let covered = octets.getSlice(at: octets.readerIndex, length: 32),
            checksum == CRC32C.of(covered)
        else { throw MalformedRecord(what: "not the header of a segment") }
    }
}
