// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceNative

/// How records stand in a segment: a header of 40 octets, the record, its content part, zeros up to a multiple of 8.
///
/// The checksum is seeded with the segment's salt and the frame's offset, so that octets which a stranger sent, or
/// which stood elsewhere, never pass for a record. The header has one of its own, so that a search for the next frame
/// behind damage costs little whatever it meets.
struct Frame: Hashable, Sendable {
    enum Kind: UInt8, Sendable {
        /// The checkpoint begins: the head of the ledger, the next number, where earlier segments end.
        case checkpoint = 1
        /// A message of the checkpoint, with its items.
        case checkpointMessage = 2
        /// The checkpoint is whole.
        case checkpointEnd = 3
        case transaction = 4
        /// The content of a message moved to a file of its own.
        case contentMoved = 5
        /// The queue was closed in good order, and the history is on stable storage.
        case closed = 6
        /// Records of the ledger, in a file of the ledger.
        case ledger = 7
    }

    var kind: Kind
    /// Where in the segment the frame begins.
    var offset: Int64
    /// Where the batch that it was written with begins: all before that was on stable storage by then.
    var batchStart: Int64
    var record: ByteBuffer
    var contentOffset: Int64
    var contentLength: Int
    var end: Int64

    static let headerLength = 40
    static let magic: UInt32 = 0x4C53_4A46
    /// No record and no content part is larger.
    static let lengthLimit = 64 << 20

    static func paddedLength(record: Int, content: Int) -> Int {
        (headerLength + record + content + 7) & ~7
    }

    /// The header of a frame.
    static func header(
        _ kind: Kind, salt: UInt64, offset: Int64, batchStart: Int64, record: [ByteBuffer], contentLength: Int,
        contentChecksum: UInt32
    ) -> ByteBuffer {
        let recordLength = record.reduce(0) { $0 + $1.readableBytes }
        var header = ByteBufferAllocator().buffer(capacity: headerLength)
        header.writeNumber(magic)
        header.writeNumber(UInt32(kind.rawValue))
        header.writeNumber(UInt32(recordLength))
        header.writeNumber(UInt32(contentLength))
        header.writeNumber(UInt64(batchStart))
        header.writeNumber(contentChecksum)
        header.writeNumber(UInt32(0))
        var checksum = CRC32C()
        checksum.update(salt)
        checksum.update(UInt64(offset))
        checksum.update(header)
        let headerChecksum = checksum.value
        for part in record { checksum.update(part) }
        header.writeNumber(checksum.value)
        header.writeNumber(headerChecksum)
        return header
    }
}
