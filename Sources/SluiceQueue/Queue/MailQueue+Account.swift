// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore
import Synchronization

extension MailQueue {
    /// Adds up what was accepted against what became of it, from the ledger, the journal and the live queue, and
    /// verifies the chain. It reads all of the ledger, off the journal's thread.
    ///
    /// - Parameter since: count only what was accepted from then on.
    package func account(since: Timestamp? = nil) async throws(JournalError) -> Account {
        let snapshot = try await snapshot()
        return try await onPool { () throws(StorageError) in try snapshot.audit(since: since) }
    }

    private func snapshot() async throws(JournalError) -> AccountSnapshot {
        let result: Result<AccountSnapshot, JournalError> = await withCheckedContinuation { continuation in
            let error = journal.submit(
                .work { [storage, ledger, live] writer in
                    continuation.resume(returning: .success(AccountSnapshot(storage, ledger, live, writer)))
                })
            if let error { continuation.resume(returning: .failure(error)) }
        }
        return try result.get()
    }
}

/// All that an account is made from, as it was between two batches. Segments are open, so that they may be retired
/// meanwhile.
struct AccountSnapshot: Sendable {
    private struct Segment: Sendable {
        var number: UInt64
        var source: any ContentSource
        var end: Int64
    }

    private let storage: any Storage
    private let files: [Ledger.File]
    private var segments: [Segment] = []
    private let items: [QueueID: QueueItem]
    private let head: LedgerHead
    private var unreadable: [String] = []

    init(_ storage: any Storage, _ ledger: Ledger, _ live: LiveQueue, _ writer: JournalWriter) {
        self.storage = storage
        files = ledger.files
        items = live.table.withLock { $0.items }
        head = writer.head
        var ends = writer.ends
        if let current = writer.current { ends[current.number] = current.end }
        for (number, end) in ends.sorted(by: { $0.key < $1.key }) where end > 0 {
            do throws(StorageError) {
                let source = try FileContent(try storage.open(writer.path(ofSegment: number), .read))
                segments.append(Segment(number: number, source: source, end: end))
            } catch {
                unreadable.append("\(error)")
            }
        }
    }

    func audit(since: Timestamp?) throws(StorageError) -> Account {
        var audit = Audit(since: since)
        for (index, file) in files.enumerated() {
            let next = index + 1 < files.count ? files[index + 1].first : .max
            try LedgerFileReader(storage: storage, file: file).read { part in
                switch part {
                case .head(let head): audit.begin(after: head)
                case .link(let link): if link.record.sequence < next { audit.add(link) }
                case .damage(let what): audit.damaged(what)
                }
            }
        }
        for what in unreadable { audit.damaged(what) }
        for segment in segments { try add(segment, to: &audit) }
        var live: [RecipientKey: RecipientStep.State] = [:]
        for item in items.values {
            for (number, recipient) in item.recipients.enumerated() where !recipient.state.isFinal {
                live[RecipientKey(item: item.id, recipient: number)] = recipient.state.name
            }
        }
        return audit.finish(live: live, acceptedAt: { items[$0]?.acceptedAt }, head: head)
    }

    /// Damage in a segment breaks the chain only where state records are missing for it, which the chain itself shows.
    private func add(_ segment: Segment, to audit: inout Audit) throws(StorageError) {
        do {
            guard let header = SegmentHeader(try segment.source.read(at: 0, count: SegmentHeader.length)) else {
                return
            }
            var scanner = SegmentScanner(segment.source, header: header, limit: segment.end, checksContent: false)
            while let frame = try scanner.nextFrame() {
                guard frame.kind == .transaction else { continue }
                var reader = RecordReader(frame.record)
                var links = RecordReader(try reader.octets())
                while !links.isAtEnd { audit.add(try links.ledgerLink()) }
            }
        } catch let error as StorageError {
            throw error
        } catch {
            audit.damaged("segment \(segment.number): \((error as? MalformedRecord)?.what ?? "\(error)")")
        }
    }
}
