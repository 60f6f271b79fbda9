// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import Synchronization

/// Writes the journal: confined to its thread. It keeps the promise that what it reports as done is on stable storage
/// and that what it reports as failed is never written again.
struct JournalWriter: Sendable {
    private let storage: any Storage
    private let folder: String
    private let configuration: MailQueue.Configuration
    private let logger: Logger
    private let live: LiveQueue

    /// The segment that is appended to; `nil` after a failure, until a new one could be begun.
    private(set) var current: SegmentWriter?
    /// Where earlier segments end, those that are still there.
    private(set) var ends: [UInt64: Int64]
    private(set) var head: LedgerHead
    private(set) var historyThrough: UInt64
    private var nextSegment: UInt64
    /// Where the checkpoint of the current segment ends.
    private var checkpointEnd: Int64 = 0
    private var begunAt = Timestamp(milliseconds: 0)

    init(
        storage: any Storage, folder: String, configuration: MailQueue.Configuration, logger: Logger, live: LiveQueue,
        checkpoint: Checkpoint, nextSegment: UInt64
    ) {
        self.storage = storage
        self.folder = folder
        self.configuration = configuration
        self.logger = logger
        self.live = live
        ends = checkpoint.ends
        head = checkpoint.head
        historyThrough = checkpoint.historyThrough
        self.nextSegment = nextSegment
    }

    func path(ofSegment number: UInt64) -> String { folder + "/" + SegmentName.of(number) }

    // MARK: Segments

    /// Whether the current segment has anything behind its checkpoint and is older than that; after the clock was set
    /// back nobody knows, and it is.
    func isOlder(than age: Duration, at now: Timestamp) -> Bool {
        guard let current else { return false }
        return current.end > checkpointEnd && (now - begunAt > age || now < begunAt)
    }

    /// Begins a new segment with a checkpoint; the one before is ended at its last good sync.
    ///
    /// Once the new file exists the old one is never appended to again: whichever of the two a recovery takes for the
    /// newest, nothing that was acknowledged is missing in it.
    mutating func beginSegment() throws(StorageError) {
        let number = nextSegment
        let path = path(ofSegment: number)
        let file = try storage.open(path, .create)
        nextSegment += 1
        if let current { ends[current.number] = current.end }
        current = nil
        // Should this fail, the file is void, whatever of it the disk has.
        ends[number] = 0
        var segment = SegmentWriter(number: number, file: file, salt: UInt64.random(in: 0...UInt64.max))
        do {
            // The header first: a file that is longer than its header and has none is then always damaged, never torn.
            try segment.synchronize()
            addCheckpoint(to: &segment)
            try segment.synchronize()
            try storage.synchronizeDirectory(folder)
        } catch {
            try? storage.remove(path)  // void in any case, and removed with the retired ones
            throw (error as? SegmentWriter.Failure)?.cause ?? (error as? StorageError)
                ?? StorageError(call: "write", path: path, code: 0, meaning: "\(error)")
        }
        ends[number] = nil
        current = segment
        checkpointEnd = segment.end
        begunAt = live.time.now
    }

    private func addCheckpoint(to segment: inout SegmentWriter) {
        live.table.withLock { table in
            var checkpoint = Checkpoint()
            checkpoint.head = head
            checkpoint.ends = ends
            checkpoint.ends[segment.number] = nil
            checkpoint.historyThrough = historyThrough
            checkpoint.nextNumber = live.nextNumber.load(ordering: .sequentiallyConsistent)
            checkpoint.messageCount = UInt64(table.messages.count)
            segment.add(.checkpoint, [checkpoint.encoded()])
            for number in table.messages.keys.sorted() {
                if let message = table.encodedForCheckpoint(number) { segment.add(.checkpointMessage, [message]) }
            }
            segment.add(.checkpointEnd, [])
        }
    }

    /// Begins a segment where there is none, or where the current one is full.
    private mutating func ensureSegment() throws(StorageError) {
        if let current, current.end < max(configuration.segmentSize, 2 * checkpointEnd) { return }
        do throws(StorageError) {
            try beginSegment()
        } catch {
            // Where not even the file could be made, a full segment is still better than none.
            if current == nil { throw error }
            logger.warning("the journal goes on in a full segment", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Notes

    /// Writes that the queue is closed in good order, and where the ledger's chain ends.
    mutating func noteClosed() throws(StorageError) {
        var checkpoint = Checkpoint()
        checkpoint.head = head
        try note(.closed, [[checkpoint.encoded()]])
    }

    /// Writes that the content of messages stands in files of their own now.
    mutating func noteMoved(_ moved: [(UInt64, String)]) throws(StorageError) {
        try note(
            .contentMoved,
            moved.map { number, name in
                var record = ByteBuffer()
                record.writeNumber(number)
                record.writeText(name)
                return [record]
            })
    }

    private mutating func note(_ kind: Frame.Kind, _ records: [[ByteBuffer]]) throws(StorageError) {
        if records.isEmpty { return }
        try ensureSegment()
        guard var segment = current else { return }
        for record in records { segment.add(kind, record) }
        do throws(SegmentWriter.Failure) {
            try segment.synchronize()
        } catch {
            _ = recover(from: error, segment)
            throw error.cause
        }
        current = segment
    }

    /// A segment is no longer there.
    mutating func forget(_ number: UInt64) { ends[number] = nil }

    /// The history has everything up to the end of that segment on stable storage.
    mutating func historyReaches(_ number: UInt64) { historyThrough = max(historyThrough, number) }

    // MARK: Batches

    /// Writes requests with one sync and finishes each of them.
    mutating func write(_ requests: [TransactionRequest]) {
        var requests = requests
        var outcomes: [(TransactionRequest, Result<Void, JournalError>)] = []
        var isRepeated = false
        while !requests.isEmpty {
            let result = writeOnce(requests, isRepeated: isRepeated)
            outcomes += result.outcomes
            guard let failure = result.failure else { break }
            let repeatable = isRepeated ? [] : result.written.filter { !$0.isVoidOnFailure }
            let failed = isRepeated ? result.written : result.written.filter(\.isVoidOnFailure)
            outcomes += failed.map { ($0, .failure(failure)) }
            requests = repeatable
            isRepeated = true
        }
        for (request, outcome) in outcomes { request.finish(outcome) }
    }

    private struct BatchResult {
        /// Requests that are settled.
        var outcomes: [(TransactionRequest, Result<Void, JournalError>)] = []
        /// Requests that the failure met, as they were asked: where their content stood in the failed batch says nothing.
        var written: [TransactionRequest] = []
        var failure: JournalError?
    }

    private mutating func writeOnce(_ requests: [TransactionRequest], isRepeated: Bool) -> BatchResult {
        var result = BatchResult()
        let isFull: Bool
        do throws(StorageError) {
            isFull = try isVolumeFull()
            try ensureSegment()
        } catch {
            return BatchResult(written: requests, failure: .storage(error))
        }
        guard var segment = current else { return BatchResult(written: requests, failure: .closed) }
        var admission = Admission(limit: configuration.quarantineSize)
        var newHead = head
        var placed: [TransactionRequest] = []
        for request in requests {
            if isFull && request.isVoidOnFailure {
                result.outcomes.append((request, .failure(.storage(.full(folder)))))
                continue
            }
            if !isRepeated, let shouldBegin = request.shouldBegin, !shouldBegin() {
                result.outcomes.append((request, .failure(.clientGone)))
                continue
            }
            do throws(JournalError) {
                try live.table.withLock { table throws(JournalError) in try admission.admit(request, table) }
            } catch {
                result.outcomes.append((request, .failure(error)))
                continue
            }
            result.written.append(request)
            placed.append(add(request, to: &segment, &newHead))
        }
        if result.written.isEmpty { return result }
        let begun = ContinuousClock.now
        do throws(SegmentWriter.Failure) {
            try segment.synchronize()
        } catch {
            JournalMetrics.failed()
            result.failure = recover(from: error, segment)
            return result
        }
        JournalMetrics.synced(placed.count, in: .now - begun)
        current = segment
        head = newHead
        live.enter(placed, by: head)
        result.outcomes += result.written.map { ($0, .success(())) }
        result.written = []
        return result
    }

    /// Whether the volume has less left than what is kept for the outcomes of deliveries.
    private func isVolumeFull() throws(StorageError) -> Bool {
        if configuration.freeSpaceReserve <= 0 { return false }
        return try storage.freeSpace(folder) < configuration.freeSpaceReserve
    }

    /// Adds a request to the batch, and notes where its content stands.
    private func add(
        _ request: TransactionRequest, to segment: inout SegmentWriter, _ head: inout LedgerHead
    ) -> TransactionRequest {
        var ledger = ByteBufferAllocator().buffer(capacity: 192)
        live.table.withLock { table in
            head.append(request.transaction, messageOf: { table.items[$0]?.messageNumber ?? 0 }, to: &ledger)
        }
        var length = ByteBuffer()
        length.writeNumber(UInt32(ledger.readableBytes))
        let contentOffset = segment.add(
            .transaction, [length, ledger, request.record], content: request.content,
            contentLength: request.contentLength, contentChecksum: request.contentChecksum)
        var placed = request
        for index in placed.transaction.messages.indices {
            placed.transaction.messages[index].stored.resolve(segment: segment.number, contentOffset: contentOffset)
        }
        return placed
    }

    /// Makes sure that nothing of a failed batch counts.
    private mutating func recover(from failure: SegmentWriter.Failure, _ segment: SegmentWriter) -> JournalError {
        switch failure {
        case .write(let error):
            do throws(StorageError) {
                try segment.repair()
                logger.error("the journal could not be written", metadata: ["error": "\(error)"])
            } catch let second {
                seal(segment, because: second)
            }
            return .storage(error)
        case .synchronize(let error):
            seal(segment, because: error)
            return .notDurable(error)
        }
    }

    /// Ends a segment at its last good sync; a new one says so on stable storage before anybody is told of the failure,
    /// if the disk lets it.
    private mutating func seal(_ segment: SegmentWriter, because error: StorageError) {
        logger.critical(
            "a segment of the journal is sealed",
            metadata: ["segment": "\(segment.number)", "end": "\(segment.end)", "error": "\(error)"])
        ends[segment.number] = segment.end
        current = nil
        do throws(StorageError) {
            try beginSegment()
        } catch {
            logger.critical("no new segment can be begun", metadata: ["error": "\(error)"])
            // Nothing can be promised of such a disk; but a start after a mere kill then finds nothing that is void.
            try? segment.file.truncate(to: segment.end)
        }
    }
}
