// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// A segment (or a file of the ledger) that is appended to, batch by batch.
struct SegmentWriter: Sendable {
    let number: UInt64
    let file: any StorageFile
    private let salt: UInt64
    /// The last good sync: all before it is on stable storage, nothing behind it counts.
    private(set) var end: Int64 = 0
    private var pieces: [ByteBuffer] = []
    private var pending: Int64 = 0
    /// Whether the last piece is a buffer of ours, which may grow, and not someone's content.
    private var tailIsOurs = false

    /// Larger pieces are written from where they are, without a copy.
    private static let copyLimit = 16 << 10

    /// Begins an empty file: the first batch is its header, to be synced before the first frame is added.
    init(number: UInt64, file: any StorageFile, salt: UInt64) {
        self.number = number
        self.file = file
        self.salt = salt
        add(SegmentHeader(number: number, salt: salt).encoded())
    }

    /// Octets of the batch that is being put together.
    var pendingOctets: Int64 { pending }

    /// Adds a frame to the batch.
    ///
    /// - Returns: where in the segment its content part begins.
    @discardableResult
    mutating func add(
        _ kind: Frame.Kind, _ record: [ByteBuffer], content: [ByteBuffer] = [], contentLength: Int = 0,
        contentChecksum: UInt32 = 0
    ) -> Int64 {
        let header = Frame.header(
            kind, salt: salt, offset: end + pending, batchStart: end, record: record,
            contentLength: contentLength, contentChecksum: contentChecksum)
        let start = pending
        add(header)
        for part in record { add(part) }
        let contentOffset = end + pending
        for part in content { add(part) }
        let padding = (8 - Int(pending - start) & 7) & 7
        if padding > 0 { add(ByteBuffer(repeating: 0, count: padding)) }
        return contentOffset
    }

    private mutating func add(_ part: ByteBuffer) {
        pending += Int64(part.readableBytes)
        let isSmall = part.readableBytes <= Self.copyLimit
        if let last = pieces.indices.last, isSmall, tailIsOurs, pieces[last].readableBytes < 1 << 20 {
            pieces[last].writeImmutableBuffer(part)
        } else if isSmall {
            var piece = ByteBufferAllocator().buffer(capacity: 4096)
            piece.writeImmutableBuffer(part)
            pieces.append(piece)
        } else {
            pieces.append(part)
        }
        tailIsOurs = isSmall
    }

    /// Why a batch is not on stable storage.
    enum Failure: Error {
        /// Nothing of it counts; the segment can be repaired by ``repair()``.
        case write(StorageError)
        /// Nothing of it counts, and nothing can be said of the file any more: the segment has to be sealed.
        case synchronize(StorageError)
    }

    /// Writes the batch and syncs it. On failure the batch is dropped.
    mutating func synchronize() throws(Failure) {
        let batch = pieces
        let length = pending
        drop()
        do throws(StorageError) {
            var offset = end
            for piece in batch {
                try file.write(piece, at: offset)
                offset += Int64(piece.readableBytes)
            }
        } catch {
            throw .write(error)
        }
        do throws(StorageError) {
            try file.synchronize()
        } catch {
            throw .synchronize(error)
        }
        end += length
    }

    mutating func drop() {
        pieces = []
        pending = 0
    }

    /// Cuts off what a failed write has left.
    ///
    /// - Throws: where that fails too; the segment then has to be sealed.
    func repair() throws(StorageError) {
        try file.truncate(to: end)
        try file.synchronize()
    }
}
