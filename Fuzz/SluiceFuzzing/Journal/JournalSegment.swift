// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceNative

/// A segment of the journal as `docs/journal.md` has it, written and read here once more: what is fuzzed stands behind
/// checksums, which no change at random would leave right.
struct JournalSegment {
    struct Frame {
        var kind: UInt8
        var record: [UInt8]
        var content: [UInt8] = []
        /// Whether the frame begins a batch: all before it had been synced.
        var beginsBatch = true
    }

    private static let magic: UInt64 = 0x314C_4E52_4A53_4C53
    private static let frameMagic: UInt32 = 0x4C53_4A46
    private static let headerLength = 40
    private static let firstFrame = 128

    private(set) var octets: ByteBuffer
    private let salt: UInt64
    private var batchStart = UInt64(firstFrame)

    init(number: UInt64, salt: UInt64 = 0x5A17) {
        self.salt = salt
        var header = ByteBuffer()
        header.writeInteger(Self.magic, endianness: .little)
        header.writeInteger(UInt32(3), endianness: .little)
        header.writeInteger(UInt32(0))
        header.writeInteger(number, endianness: .little)
        header.writeInteger(salt, endianness: .little)
        header.writeInteger(CRC32C.of(header), endianness: .little)
        header.writeRepeatingByte(0, count: 64 - header.readableBytes)
        octets = ByteBuffer()
        for _ in 0..<2 { octets.writeImmutableBuffer(header) }
    }

    mutating func add(_ frame: Frame) {
        let offset = UInt64(octets.readableBytes)
        if frame.beginsBatch { batchStart = offset }
        var header = ByteBuffer()
        header.writeInteger(Self.frameMagic, endianness: .little)
        header.writeInteger(UInt32(frame.kind), endianness: .little)
        header.writeInteger(UInt32(frame.record.count), endianness: .little)
        header.writeInteger(UInt32(frame.content.count), endianness: .little)
        header.writeInteger(batchStart, endianness: .little)
        header.writeInteger(CRC32C.of(ByteBuffer(bytes: frame.content)), endianness: .little)
        header.writeInteger(UInt32(0))
        var checksum = CRC32C()
        checksum.update(salt)
        checksum.update(offset)
        checksum.update(header)
        let ofHeader = checksum.value
        checksum.update(ByteBuffer(bytes: frame.record))
        header.writeInteger(checksum.value, endianness: .little)
        header.writeInteger(ofHeader, endianness: .little)
        octets.writeImmutableBuffer(header)
        octets.writeBytes(frame.record)
        octets.writeBytes(frame.content)
        octets.writeRepeatingByte(0, count: (8 - octets.readableBytes & 7) & 7)
    }

    /// The frames of a segment that is whole.
    static func frames(of octets: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        let buffer = ByteBuffer(bytes: octets)
        func number(_ offset: Int) -> Int {
            buffer.getInteger(at: offset, endianness: .little, as: UInt32.self).map { Int($0) } ?? 0
        }
        var offset = firstFrame
        while offset + headerLength <= octets.count, number(offset) == Int(frameMagic) {
            let record = offset + headerLength
            let content = record + number(offset + 8)
            let end = content + number(offset + 12)
            guard end <= octets.count else { break }
            frames.append(
                Frame(
                    kind: UInt8(truncatingIfNeeded: number(offset + 4)), record: Array(octets[record..<content]),
                    content: Array(octets[content..<end]), beginsBatch: number(offset + 16) == offset))
            offset = (end + 7) & ~7
        }
        return frames
    }
}
