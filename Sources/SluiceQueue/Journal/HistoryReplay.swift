// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceNative

/// After a crash: tells the history again what stands in the journal and may not have reached the history's files.
struct HistoryReplay: Sendable {
    let segments: [Recovery.Segment]
    let checkpoint: Checkpoint
    let contentFiles: ContentFiles

    /// - Returns: whether the history was told all; where the disk failed meanwhile, the upkeep tells it again.
    func tell(_ recorder: any HistoryRecorder, _ logger: Logger) -> Bool {
        var isWhole = true
        for segment in segments where segment.number > checkpoint.historyThrough {
            do {
                try tell(segment, recorder)
            } catch {
                // Damage the recovery has named; the history goes without what stands behind it.
                logger.error(
                    "the history may lack records of a segment",
                    metadata: ["segment": "\(segment.number)", "error": "\(error)"])
                if error is StorageError { isWhole = false }
            }
        }
        return isWhole
    }

    private func tell(_ segment: Recovery.Segment, _ recorder: any HistoryRecorder) throws {
        guard let header = SegmentHeader(try segment.source.read(at: 0, count: SegmentHeader.length)) else { return }
        var scanner = SegmentScanner(
            segment.source, header: header, limit: checkpoint.ends[segment.number], checksContent: false)
        var addresses: [QueueID: QueueItem] = [:]
        while true {
            guard let frame = try scanner.nextFrame() else { return }
            var reader = RecordReader(frame.record)
            switch frame.kind {
            case .checkpointMessage:
                for item in try Transaction.NewMessage(checkpoint: &reader).items { addresses[item.id] = item }
            case .transaction:
                _ = try reader.octets()
                let transaction = try Transaction(
                    &reader, segment: segment.number, contentOffset: frame.contentOffset)
                for message in transaction.messages {
                    for item in message.items { addresses[item.id] = item }
                    if let record = try record(of: message.stored, in: segment) { recorder.record(record) }
                    for step in message.items.flatMap(\.steps) { recorder.recordStep(step) }
                }
                for change in transaction.changes {
                    guard var item = addresses[change.item], item.recipients.indices.contains(change.recipient)
                    else { continue }
                    item.recipients[change.recipient].enter(change.state, change.step(at: transaction.time))
                    addresses[change.item] = item.isFinished ? nil : item
                    for step in item.recipients[change.recipient].lastStep(of: item) { recorder.recordStep(step) }
                }
            case .checkpoint, .checkpointEnd, .contentMoved, .closed, .ledger: break
            }
        }
    }

    /// The decision record behind the content of a message; nothing where its file has gone, as that is removed only
    /// when the history has the record on stable storage.
    private func record(of message: StoredMessage, in segment: Recovery.Segment) throws -> DecisionRecord? {
        let length = message.content.length
        let octets: ByteBuffer
        switch message.content.place {
        case .inline: return nil
        case .segment(_, let offset):
            octets = try segment.source.read(at: Int(offset) + length, count: message.content.recordLength)
        case .file(let name):
            let file: any StorageFile
            do throws(StorageError) {
                file = try contentFiles.storage.open(contentFiles.path(name), .read)
            } catch  where error.code == 2 {
                return nil
            }
            octets = try file.read(at: Int64(length), count: message.content.recordLength)
        }
        guard CRC32C.of(octets) == message.content.recordChecksum else { return nil }
        return try DecisionRecordCoding.decode(octets)
    }
}

extension SegmentScanner {
    /// The next frame, past damage.
    mutating func nextFrame() throws -> Frame? {
        while true {
            switch try next() {
            case .frame(let frame): return frame
            case .damage: continue
            case .end: return nil
            }
        }
    }
}

extension StateChange {
    func step(at time: Timestamp) -> QueuedRecipient.Step {
        QueuedRecipient.Step(
            time: time, state: state.name, by: by, why: why, reply: reply, nextHop: nextHop)
    }
}
