// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative

/// Reads records out of a segment that the recovery set aside in part or in whole: those that are whole, and those of
/// which a checksum is wrong but whose fields still follow one another as they should.
///
/// A frame is looked for only where one has to begin, or where its header's checksum, seeded with the segment's salt,
/// says so; content that was made to look like a frame is found only where the segment's header is lost.
struct SegmentCarver {
    /// A record that was read.
    struct Piece {
        var messages: [Transaction.NewMessage] = []
        /// Its ledger records.
        var links: [LedgerLink] = []
        var offset: Int64
        var isWhole: Bool
        var isTrusted: Bool
    }

    private let source: any ContentSource
    private let number: UInt64
    private let end: Int64
    private let header: SegmentHeader?

    /// - Parameter limit: where the segment was ended; what stands behind it never counted. Of one whose header is lost
    ///   the recovery reads nothing, which says nothing of its end.
    init(_ source: any ContentSource, number: UInt64, limit: Int64?) throws {
        self.source = source
        self.number = number
        header = SegmentHeader(try source.read(at: 0, count: SegmentHeader.length))
        let isUnknown = header == nil && limit == 0
        end = isUnknown ? Int64(source.length) : min(Int64(source.length), limit ?? .max)
    }

    /// Everything that can be read, in order.
    func pieces() throws -> [Piece] {
        guard let header else { return try piecesWithoutHeader() }
        var pieces: [Piece] = []
        var scanner = SegmentScanner(source, header: header, limit: end, checksContent: false)
        while true {
            switch try scanner.next() {
            case .end: return pieces
            case .frame(let frame):
                if let read = piece(
                    kind: frame.kind, record: frame.record, at: frame.offset, isWhole: true, isTrusted: true)
                {
                    pieces.append(read.piece)
                }
            case .damage(let damage): pieces += try carve(damage.from, damage.to)
            }
        }
    }

    /// The scanner has found no frame here. Where the damage begins a frame began, whatever its checksums say; what
    /// follows it in the gap began where it ends.
    private func carve(_ from: Int64, _ to: Int64) throws -> [Piece] {
        var pieces: [Piece] = []
        var position = from
        while position + Int64(Frame.headerLength) < to {
            guard let read = try piece(at: position, before: to, isTrusted: true) else { break }
            pieces.append(read.piece)
            position = read.end
        }
        return pieces
    }

    private func piecesWithoutHeader() throws -> [Piece] {
        var pieces: [Piece] = []
        var position = Int64(SegmentHeader.length)
        while position + Int64(Frame.headerLength) < end {
            if try hasMagic(at: position), let read = try piece(at: position, before: end, isTrusted: false) {
                pieces.append(read.piece)
                position = max(read.end, position + 8)
            } else {
                position += 8
            }
        }
        return pieces
    }

    private func hasMagic(at offset: Int64) throws -> Bool {
        let word = try source.read(at: Int(offset), count: 4)
        return word.getInteger(at: word.readerIndex, endianness: .little, as: UInt32.self) == Frame.magic
    }

    /// The frame that begins at an offset, by its fields alone: they say themselves where the record ends.
    private func piece(at offset: Int64, before limit: Int64, isTrusted: Bool) throws -> (piece: Piece, end: Int64)? {
        let length = Int(min(limit - offset, Int64(Frame.headerLength + Frame.lengthLimit)))
        let octets = try source.read(at: Int(offset), count: length)
        guard let kindNumber = octets.getInteger(at: octets.readerIndex + 4, endianness: .little, as: UInt32.self),
            let contentLength = octets.getInteger(at: octets.readerIndex + 12, endianness: .little, as: UInt32.self),
            let record = octets.getSlice(
                at: octets.readerIndex + Frame.headerLength, length: octets.readableBytes - Frame.headerLength)
        else { return nil }
        let known = UInt8(exactly: kindNumber).flatMap { Frame.Kind(rawValue: $0) }
        for kind in known.map({ [$0] }) ?? [.transaction, .checkpointMessage] {
            guard let read = piece(kind: kind, record: record, at: offset, isWhole: false, isTrusted: isTrusted) else {
                continue
            }
            // The length of the content part, unless that is what is damaged.
            let contents = read.piece.messages.map(\.stored.content).filter { content in
                if case .segment(number, _) = content.place { true } else { false }
            }
            let needed = kind == .transaction ? contents.reduce(0) { $0 + $1.length + $1.recordLength } : 0
            let content = Int64(contentLength) < limit - offset ? max(Int(contentLength), needed) : needed
            return (read.piece, offset + Int64(Frame.paddedLength(record: read.length, content: content)))
        }
        return nil
    }

    /// Decodes a record that may be longer than it should.
    private func piece(
        kind: Frame.Kind, record: ByteBuffer, at offset: Int64, isWhole: Bool, isTrusted: Bool
    ) -> (piece: Piece, length: Int)? {
        var piece = Piece(offset: offset, isWhole: isWhole, isTrusted: isTrusted)
        var reader = RecordReader(record)
        do {
            switch kind {
            case .transaction:
                var ledger = RecordReader(try reader.octets())
                while !ledger.isAtEnd { piece.links.append(try ledger.ledgerLink()) }
                var transaction = try Transaction(&reader, segment: number, contentOffset: 0)
                let length = record.readableBytes - reader.remaining
                for index in transaction.messages.indices {
                    guard case .segment(number, let inline) = transaction.messages[index].stored.content.place else {
                        continue
                    }
                    transaction.messages[index].stored.content.place = .segment(
                        number, offset: offset + Int64(Frame.headerLength + length) + inline)
                }
                piece.messages = transaction.messages
                return (piece, length)
            case .checkpointMessage:
                piece.messages = [try Transaction.NewMessage(checkpoint: &reader)]
                return (piece, record.readableBytes - reader.remaining)
            case .checkpoint, .checkpointEnd, .contentMoved, .closed, .ledger: return nil
            }
        } catch {
            return nil  // not to be read: what can't be is what the caller goes without
        }
    }
}
