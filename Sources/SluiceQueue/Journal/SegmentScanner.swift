// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative

/// Reads the frames of a segment in order, past damage: sans-I/O but for the content source that it is given.
struct SegmentScanner {
    /// Octets that are no frame although they were once on stable storage.
    struct Damage: Hashable, Sendable {
        var from: Int64
        var to: Int64
    }

    enum Event {
        case frame(Frame)
        case damage(Damage)
        /// Nothing more: `at` is the end of what counts.
        case end(at: Int64)
    }

    private let source: any ContentSource
    private let salt: UInt64
    private let end: Int64
    /// All before it had been synced, if it is known.
    private let limit: Int64?
    private let checksContent: Bool
    private var position = Int64(SegmentHeader.length)
    private var window = ByteBuffer()
    private var windowStart: Int64 = 0
    /// The frame found behind damage.
    private var ready: [Event] = []
    private static let windowLength = 1 << 20

    /// - Parameters:
    ///   - limit: where the segment was sealed; nothing behind it is read.
    ///   - checksContent: whether content parts are read to compare their checksums.
    init(_ source: any ContentSource, header: SegmentHeader, limit: Int64? = nil, checksContent: Bool) {
        self.source = source
        salt = header.salt
        self.limit = limit
        end = min(Int64(source.length), limit ?? .max)
        self.checksContent = checksContent
    }

    /// The next thing found. After `.end` it is `.end` again.
    ///
    /// Octets that are no frame are damage where a later frame says that they had been synced before it was written,
    /// or where the segment is known to have reached further; else they are the torn tail of a batch that was never
    /// acknowledged, and the segment ends there.
    mutating func next() throws -> Event {
        if !ready.isEmpty { return ready.removeFirst() }
        if let frame = try frame(at: position) {
            position = frame.end
            return .frame(frame)
        }
        let gap = position
        var candidate = gap + 8
        while let offset = try nextMagic(from: candidate) {
            if let frame = try frame(at: offset) {
                if frame.batchStart > gap {
                    position = frame.end
                    ready.append(.frame(frame))
                    return .damage(Damage(from: gap, to: offset))
                }
                candidate = frame.end
            } else {
                candidate = offset + 8
            }
        }
        if let limit, gap < limit {
            position = limit
            return .damage(Damage(from: gap, to: limit))
        }
        return .end(at: gap)
    }

    private mutating func bytes(at offset: Int64, count: Int) throws -> ByteBuffer? {
        guard count >= 0, offset >= 0, offset + Int64(count) <= end else { return nil }
        let inWindow = offset - windowStart
        if inWindow >= 0, inWindow + Int64(count) <= Int64(window.readableBytes) {
            return window.getSlice(at: window.readerIndex + Int(inWindow), length: count)
        }
        window = try source.read(at: Int(offset), count: max(count, min(Self.windowLength, Int(end - offset))))
        windowStart = offset
        guard window.readableBytes >= count else { return nil }
        return window.getSlice(at: window.readerIndex, length: count)
    }

    private mutating func nextMagic(from start: Int64) throws -> Int64? {
        var offset = start
        while let word = try bytes(at: offset, count: 4) {
            if word.getInteger(at: word.readerIndex, endianness: .little, as: UInt32.self) == Frame.magic {
                return offset
            }
            offset += 8
        }
        return nil
    }

    /// The frame at an offset, if there is a whole one.
    private mutating func frame(at offset: Int64) throws -> Frame? {
        guard let header = try bytes(at: offset, count: Frame.headerLength) else { return nil }
        var reader = RecordReader(header)
        guard let fields = try? Header(&reader), fields.magic == Frame.magic,  // a short header is no frame
            let kind = UInt8(exactly: fields.kind).flatMap({ Frame.Kind(rawValue: $0) }),
            fields.recordLength <= Frame.lengthLimit, fields.contentLength <= Frame.lengthLimit,
            fields.batchStart <= UInt64(offset),
            let covered = header.getSlice(at: header.readerIndex, length: 32)
        else { return nil }
        var checksum = CRC32C()
        checksum.update(salt)
        checksum.update(UInt64(offset))
        checksum.update(covered)
        guard checksum.value == fields.headerChecksum,
            let record = try bytes(at: offset + Int64(Frame.headerLength), count: Int(fields.recordLength))
        else { return nil }
        checksum.update(record)
        guard checksum.value == fields.checksum else { return nil }
        let contentOffset = offset + Int64(Frame.headerLength) + Int64(fields.recordLength)
        let length = Int(fields.contentLength)
        guard contentOffset + Int64(length) <= end else { return nil }
        if checksContent && length > 0 {
            var checksum = CRC32C()
            try ContentSlice(source, from: Int(contentOffset), length: length).forEachChunk(of: Self.windowLength) {
                checksum.update($0)
            }
            guard checksum.value == fields.contentChecksum else { return nil }
        }
        return Frame(
            kind: kind, offset: offset, batchStart: Int64(fields.batchStart), record: record,
            contentOffset: contentOffset, contentLength: length,
            end: offset + Int64(Frame.paddedLength(record: Int(fields.recordLength), content: length)))
    }

    private struct Header {
        let magic: UInt32
        let kind: UInt32
        let recordLength: UInt32
        let contentLength: UInt32
        let batchStart: UInt64
        let contentChecksum: UInt32
        let checksum: UInt32
        let headerChecksum: UInt32

        init(_ reader: inout RecordReader) throws(MalformedRecord) {
            magic = try reader.integer()
            kind = try reader.integer()
            recordLength = try reader.integer()
            contentLength = try reader.integer()
            batchStart = try reader.integer()
            contentChecksum = try reader.integer()
            _ = try reader.integer(as: UInt32.self)
            checksum = try reader.integer()
            headerChecksum = try reader.integer()
        }
    }
}
