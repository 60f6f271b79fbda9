// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Reads a file of the ledger.
struct LedgerFileReader {
    enum Part {
        /// The head of the chain before the file.
        case head(LedgerHead)
        case link(LedgerLink)
        case damage(String)
    }

    private let source: any ContentSource
    private let file: Ledger.File

    init(storage: any Storage, file: Ledger.File) throws(StorageError) {
        self.file = file
        source = try FileContent(try storage.open(file.path, .read))
    }

    /// Calls `body` with part after part, in order.
    ///
    /// - Throws: where the disk fails; what can be read but is not what was written is a part of its own.
    func read(_ body: (Part) -> Void) throws(StorageError) {
        try scan { part, _ in
            body(part)
            return true
        }
    }

    /// Where a file ends.
    struct End {
        /// The head of the chain behind it, past what is damaged in it.
        var head: LedgerHead?
        var isDamaged = false
        /// Where what was written last begins and ends.
        var lastBatch: Range<Int64>?
    }

    /// Reads the file once, to its end.
    func end() throws(StorageError) -> End {
        var end = End()
        try scan { part, batch in
            switch part {
            case .head(let start): if end.head == nil { end.head = start }
            case .link(let link): end.head = LedgerHead(length: link.record.sequence, hash: link.hash)
            case .damage: end.isDamaged = true
            }
            if let batch { end.lastBatch = batch }
            return true
        }
        return end
    }

    /// The time of the first record; reads no further.
    func firstTime() throws(StorageError) -> Timestamp? {
        var time: Timestamp?
        try scan { part, _ in
            if case .link(let link) = part { time = link.record.time }
            return time == nil
        }
        return time
    }

    /// - Parameter body: is given part after part, each with the batch that it stands in; it says whether to go on.
    private func scan(_ body: (Part, Range<Int64>?) -> Bool) throws(StorageError) {
        do {
            guard let header = SegmentHeader(try source.read(at: 0, count: SegmentHeader.length)) else {
                // A file that ends within its header was cut off while it was made.
                if source.length > SegmentHeader.length {
                    _ = body(.damage("\(file.path): its header is not one of a ledger"), nil)
                }
                return
            }
            var scanner = SegmentScanner(source, header: header, checksContent: false)
            while true {
                switch try scanner.next() {
                case .end: return
                case .damage(let damage):
                    let what = "\(file.path), octets \(damage.from) to \(damage.to): its checksum is wrong"
                    guard body(.damage(what), nil) else { return }
                case .frame(let frame):
                    var reader = RecordReader(frame.record)
                    let batch = frame.batchStart..<frame.end
                    if frame.kind == .checkpoint {
                        guard body(.head(try Checkpoint(&reader).head), batch) else { return }
                    } else {
                        while !reader.isAtEnd {
                            guard body(.link(try reader.ledgerLink()), batch) else { return }
                        }
                    }
                }
            }
        } catch let error as StorageError {
            throw error
        } catch {
            _ = body(.damage("\(file.path): \((error as? MalformedRecord)?.what ?? "\(error)")"), nil)
        }
    }
}
