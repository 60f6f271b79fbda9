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
        do {
            guard let header = SegmentHeader(try source.read(at: 0, count: SegmentHeader.length)) else {
                // A file that ends within its header was cut off while it was made.
                if source.length > SegmentHeader.length {
                    body(.damage("\(file.path): its header is not one of a ledger"))
                }
                return
            }
            var scanner = SegmentScanner(source, header: header, checksContent: false)
            while true {
                switch try scanner.next() {
                case .end: return
                case .damage(let damage):
                    body(.damage("\(file.path), octets \(damage.from) to \(damage.to): its checksum is wrong"))
                case .frame(let frame):
                    var reader = RecordReader(frame.record)
                    if frame.kind == .checkpoint {
                        body(.head(try Checkpoint(&reader).head))
                    } else {
                        while !reader.isAtEnd { body(.link(try reader.ledgerLink())) }
                    }
                }
            }
        } catch let error as StorageError {
            throw error
        } catch {
            body(.damage("\(file.path): \((error as? MalformedRecord)?.what ?? "\(error)")"))
        }
    }
}
