// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Reads the journal at start-up: segments in, live items out. It touches no file; what it can't read it names, and
/// goes on with the rest.
struct Recovery {
    struct Segment: Sendable {
        var number: UInt64
        var source: any ContentSource
    }

    /// Octets of a segment that can't be used, and why.
    struct SetAside: Hashable, Sendable, CustomStringConvertible {
        var segment: UInt64
        var from: Int64
        var to: Int64
        var reason: String

        var description: String { "segment \(segment), octets \(from) to \(to): \(reason)" }
    }

    private(set) var table = QueueTable()
    /// As the next checkpoint will say it; `ends` has every segment that was read.
    private(set) var checkpoint = Checkpoint()
    private(set) var setAside: [SetAside] = []
    /// Whether the disk failed while it was read: read again, it may not.
    private(set) var hasReadErrors = false
    /// Whether the queue was closed in good order.
    private(set) var wasClosed = false

    /// The last batch of segments of which no later one says where they end: whether its sync came back, nobody knows.
    private(set) var unproven: [UInt64: Range<Int64>] = [:]

    private struct Candidate {
        var number: UInt64
        var source: any ContentSource
        var header: SegmentHeader
        var checkpoint: Checkpoint?
        var isWhole: Bool
    }

    /// Starts from the newest checkpoint that is whole and plays what follows it.
    ///
    /// Where a newer segment's checkpoint is damaged, what is whole of it counts, and what is missing in it is taken
    /// from the segments before.
    init(_ segments: [Segment]) {
        // A later checkpoint knows where earlier segments end; the newest says it last.
        var ends: [UInt64: Int64] = [:]
        var candidates: [Candidate] = []
        // Once a whole checkpoint is found, the segments before it count for their content only.
        var hasStart = false
        for segment in segments.sorted(by: { $0.number > $1.number }) {
            guard let candidate = candidate(segment, readsCheckpoint: !hasStart) else { continue }
            ends.merge(candidate.checkpoint?.ends ?? [:]) { newer, _ in newer }
            if let end = ends[candidate.number], end < Int64(SegmentHeader.length) {
                checkpoint.ends[candidate.number] = 0
                continue
            }
            if candidate.isWhole { hasStart = true }
            candidates.append(candidate)
        }
        candidates.reverse()
        let start = candidates.lastIndex { $0.isWhole } ?? candidates.startIndex
        for (index, candidate) in candidates.enumerated() {
            let limit = ends[candidate.number]
            if index < start {
                checkpoint.ends[candidate.number] = limit ?? Int64(candidate.source.length)
            } else {
                play(candidate, limit: limit)
            }
        }
        checkpoint.historyThrough = candidates.compactMap(\.checkpoint?.historyThrough).max() ?? 0
    }

    /// Reads again, so often in all, where the disk fails: next time it may not.
    init(_ segments: [Segment], attempts: Int) {
        self.init(segments)
        for _ in 1..<max(2, attempts) where hasReadErrors { self = Self(segments) }
    }

    private mutating func putAside(_ segment: UInt64, _ from: Int64, _ to: Int64, _ reason: String) {
        setAside.append(SetAside(segment: segment, from: from, to: to, reason: reason))
    }

    /// Reads header and, where it may count, checkpoint.
    private mutating func candidate(_ segment: Segment, readsCheckpoint: Bool) -> Candidate? {
        let length = Int64(segment.source.length)
        do {
            guard let header = SegmentHeader(try segment.source.read(at: 0, count: SegmentHeader.length)),
                header.number == segment.number
            else {
                // A file that ends within its header was cut off while it was made: nothing was promised in it.
                if length > Int64(SegmentHeader.length) {
                    putAside(segment.number, 0, length, "its header is not one of a segment")
                }
                checkpoint.ends[segment.number] = 0
                return nil
            }
            var candidate = Candidate(
                number: segment.number, source: segment.source, header: header, checkpoint: nil, isWhole: false)
            if !readsCheckpoint { return candidate }
            var scanner = SegmentScanner(segment.source, header: header, checksContent: false)
            var seen: UInt64 = 0
            while true {
                guard case .frame(let frame) = try scanner.next() else { return candidate }
                var reader = RecordReader(frame.record)
                switch frame.kind {
                case .checkpoint: candidate.checkpoint = try Checkpoint(&reader)
                case .checkpointMessage: seen += 1
                case .checkpointEnd:
                    candidate.isWhole = candidate.checkpoint?.messageCount == seen
                    return candidate
                case .transaction, .contentMoved, .closed, .ledger: return candidate
                }
            }
        } catch {
            if error is StorageError { hasReadErrors = true }
            putAside(segment.number, 0, length, "can't be read: \(error)")
            checkpoint.ends[segment.number] = length
            return nil
        }
    }

    private mutating func play(_ candidate: Candidate, limit: Int64?) {
        var scanner = SegmentScanner(
            candidate.source, header: candidate.header, limit: limit, checksContent: true)
        do {
            while true {
                switch try scanner.next() {
                case .frame(let frame):
                    if limit == nil { unproven[candidate.number] = frame.batchStart..<frame.end }
                    play(frame, of: candidate.number)
                case .damage(let damage):
                    putAside(candidate.number, damage.from, damage.to, "its checksum is wrong")
                case .end(let offset):
                    checkpoint.ends[candidate.number] = offset
                    return
                }
            }
        } catch {
            if error is StorageError { hasReadErrors = true }
            let length = Int64(candidate.source.length)
            putAside(candidate.number, 0, length, "can't be read to its end: \(error)")
            checkpoint.ends[candidate.number] = limit ?? length
        }
    }

    private mutating func play(_ frame: Frame, of segment: UInt64) {
        wasClosed = frame.kind == .closed
        do {
            var reader = RecordReader(frame.record)
            switch frame.kind {
            case .checkpoint, .closed:
                // Where the last record before it is damaged, this still says how far the ledger reached.
                let read = try Checkpoint(&reader)
                if read.head.length >= checkpoint.head.length { checkpoint.head = read.head }
                checkpoint.nextNumber = max(checkpoint.nextNumber, read.nextNumber)
            case .checkpointMessage:
                table.replace(try Transaction.NewMessage(checkpoint: &reader))
            case .checkpointEnd, .ledger: break
            case .contentMoved:
                let number = try reader.integer(as: UInt64.self)
                _ = table.move(number, toFile: try reader.text())
            case .transaction:
                let ledger = try reader.octets()
                let transaction = try Transaction(&reader, segment: segment, contentOffset: frame.contentOffset)
                try follow(ledger)
                try apply(transaction)
            }
        } catch {
            putAside(segment, frame.offset, frame.end, "\((error as? MalformedRecord)?.what ?? "\(error)")")
        }
    }

    private mutating func follow(_ ledger: ByteBuffer) throws(MalformedRecord) {
        var reader = RecordReader(ledger)
        while !reader.isAtEnd {
            let link = try reader.ledgerLink()
            checkpoint.head = LedgerHead(length: link.record.sequence, hash: link.hash)
        }
    }

    private mutating func apply(_ transaction: Transaction) throws(JournalError) {
        for message in transaction.messages {
            for item in message.items { checkpoint.nextNumber = max(checkpoint.nextNumber, item.id.number + 1) }
            table.replace(message)
        }
        for change in transaction.changes {
            try table.check(change, pending: [:])
            _ = table.apply(change, at: transaction.time)
        }
    }
}
