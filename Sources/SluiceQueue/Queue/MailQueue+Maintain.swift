// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
package import SluiceCore
import SluiceNative
import Synchronization

extension MailQueue {
    /// Keeps the journal small: begins a new segment where the current one is old, moves content that stays into files
    /// of its own, brings state records of ended segments to the ledger, and lets go of the segments that hold nothing
    /// alive. Called once a minute; a call while one is under way does nothing.
    ///
    /// - Parameter ledgerKeptUntil: the time by which files of the ledger are past theirs, where it is not `now`.
    /// - Throws: ``JournalError``, where the disk or the history fails; nothing is lost, and the next call tries again.
    package func maintain(now: Timestamp, ledgerKeptUntil: Timestamp? = nil) async throws(JournalError) {
        let begins = isMaintaining.withLock { isMaintaining in
            if isMaintaining { return false }
            isMaintaining = true
            return true
        }
        guard begins else { return }
        defer { isMaintaining.withLock { $0 = false } }
        let ended = try await endedSegments(now)
        try await moveContent(of: ended, now)
        try await onPool { [self] () throws(StorageError) in try bringToLedger(ended) }
        try await finishReplay()
        try await retire(ended)
        try await removeUnusedFiles()
        try await onPool { [self] () throws(StorageError) in
            try ledger.prune(before: (ledgerKeptUntil ?? now) - configuration.ledgerKeep)
        }
    }

    /// Stops taking commits, does what waits, and notes that the history has everything, so that the next start needs
    /// not tell it again.
    package func close() async {
        do throws(JournalError) {
            try await onJournal { [self] (writer) throws(StorageError) in
                journal.close()
                // The next start tells the history again.
                if unfinishedReplay.withLock({ $0 != nil }) || historyIsUncertain.withLock({ $0 }) { return }
                do {
                    try recorder.synchronize()
                } catch {
                    // The next start tells the history again.
                    logger.error("the history can't be synchronized", metadata: ["error": "\(error)"])
                    return
                }
                try writer.noteClosed()
            }
        } catch {
            logger.error("the queue was not closed in good order", metadata: ["error": "\(error)"])
        }
    }

    /// Work on the journal's thread.
    func onJournal<Value: Sendable>(
        _ body: @escaping @Sendable (inout JournalWriter) throws(StorageError) -> Value
    ) async throws(JournalError) -> Value {
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            let error = journal.submit(
                .work { writer in
                    do throws(StorageError) {
                        continuation.resume(returning: .success(try body(&writer)))
                    } catch {
                        continuation.resume(returning: .failure(.storage(error)))
                    }
                })
            if let error { continuation.resume(returning: .failure(error)) }
        }
        return try result.get()
    }

    /// The segments that are not written to any more, and where they end.
    private func endedSegments(_ now: Timestamp) async throws(JournalError) -> [UInt64: Int64] {
        let age = configuration.segmentAge
        return try await onJournal { (writer) throws(StorageError) in
            if writer.isOlder(than: age, at: now) || writer.current == nil { try writer.beginSegment() }
            return writer.ends
        }
    }

    /// Moves content out of ended segments: what was accepted so long ago may stay for days. So does what was accepted
    /// later than now, as the clock was set back.
    private func moveContent(of ended: [UInt64: Int64], _ now: Timestamp) async throws(JournalError) {
        let moving = live.table.withLock { table in
            table.messages.values.map(\.stored).filter { stored in
                guard case .segment(let number, _) = stored.content.place else { return false }
                guard ended[number] != nil else { return false }
                return stored.acceptedAt < now - configuration.moveAfter || stored.acceptedAt > now
            }
        }
        for start in stride(from: 0, to: moving.count, by: 256) {
            let part = Array(moving[start..<min(start + 256, moving.count)])
            let moved = try await onPool { [self] () throws(StorageError) in try copy(part) }
            try await onJournal { [live] (writer) throws(StorageError) in
                try writer.noteMoved(moved)
                live.table.withLock { table in
                    for (number, name) in moved { _ = table.move(number, toFile: name) }
                }
            }
        }
    }

    /// Copies contents with their records into files, durable with their folder when it returns.
    private func copy(_ messages: [StoredMessage]) throws(StorageError) -> [(UInt64, String)] {
        var moved: [(UInt64, String)] = []
        for message in messages {
            guard case .segment(let number, let offset) = message.content.place else { continue }
            let file = try storage.open(directory + "/journal/" + SegmentName.of(number), .read)
            let octets = try file.read(at: offset, count: message.content.length + message.content.recordLength)
            let content = octets.getSlice(at: octets.readerIndex, length: message.content.length)
            guard let content, CRC32C.of(content) == message.content.checksum else {
                // It stays where it is, so that its segment is kept for a person to look at.
                if damagedMessages.withLock({ $0.insert(message.number).inserted }) {
                    logger.critical("content in the journal is damaged", metadata: ["message": "\(message.messageID)"])
                }
                continue
            }
            let name = QueueID(number: message.number).description
            try contentFiles.write([octets], as: name)
            moved.append((message.number, name))
        }
        if !moved.isEmpty { try contentFiles.synchronizeFolder() }
        return moved
    }

    private func bringToLedger(_ ended: [UInt64: Int64]) throws(StorageError) {
        let numbers = ended.keys.sorted()
        for (index, number) in numbers.enumerated() {
            guard let end = ended[number], end > 0 else { continue }
            if ledgerThrough.withLock({ $0 >= number }) { continue }
            let next = index + 1 < numbers.count ? numbers[index + 1] : 0
            if ended[next, default: 0] > 0, try ledgerReaches(beginOf: next) { continue }
            let source = try FileContent(try storage.open(directory + "/journal/" + SegmentName.of(number), .read))
            var blocks: [ByteBuffer] = []
            var octets = 0
            do {
                guard let header = SegmentHeader(try source.read(at: 0, count: SegmentHeader.length)) else { continue }
                var scanner = SegmentScanner(source, header: header, limit: end, checksContent: false)
                while let frame = try scanner.nextFrame() {
                    guard frame.kind == .transaction else { continue }
                    var reader = RecordReader(frame.record)
                    // Copied: a slice would keep all that was read at once with it, and so in the end the segment.
                    let block = ByteBuffer(bytes: try reader.octets().readableBytesView)
                    blocks.append(block)
                    octets += block.readableBytes
                    if octets >= configuration.ledgerPart {
                        try ledger.append(blocks)
                        (blocks, octets) = ([], 0)
                    }
                }
            } catch {
                throw error as? StorageError
                    ?? StorageError(call: "read", path: SegmentName.of(number), code: 0, meaning: "\(error)")
            }
            try ledger.append(blocks)
            ledgerThrough.withLock { $0 = max($0, number) }
        }
    }

    /// Whether the ledger has all that came before a segment, by the head in its checkpoint: after a restart the
    /// segments that are only kept for their content need not be read again.
    private func ledgerReaches(beginOf number: UInt64) throws(StorageError) -> Bool {
        let source = try FileContent(try storage.open(directory + "/journal/" + SegmentName.of(number), .read))
        do {
            guard let header = SegmentHeader(try source.read(at: 0, count: SegmentHeader.length)) else { return false }
            var scanner = SegmentScanner(source, header: header, checksContent: false)
            guard case .frame(let frame) = try scanner.next(), frame.kind == .checkpoint else { return false }
            var reader = RecordReader(frame.record)
            return try Checkpoint(&reader).head.length <= ledger.length
        } catch {
            if let error = error as? StorageError { throw error }
            return false  // the recovery has named it; the segment before is read whole
        }
    }

    /// Tells the history what it could not be told at the start, or may have lost when its sync failed.
    private func finishReplay() async throws(JournalError) {
        if historyIsUncertain.withLock({ $0 }) {
            let replay = try await onJournal { [self] (writer) throws(StorageError) in
                var checkpoint = Checkpoint()
                checkpoint.ends = writer.ends
                checkpoint.historyThrough = writer.historyThrough
                let segments = try StartUp.openSegments(directory + "/journal", storage)
                return HistoryReplay(segments: segments, checkpoint: checkpoint, contentFiles: contentFiles)
            }
            unfinishedReplay.withLock { $0 = replay }
        }
        guard let replay = unfinishedReplay.withLock({ $0 }) else { return }
        try await onPool { [self] () throws(StorageError) in
            guard replay.tell(recorder, logger) else {
                throw StorageError(
                    call: "read", path: directory + "/journal", code: 5,
                    meaning: "the history can't be told yet what stands there")
            }
            historyIsUncertain.withLock { $0 = false }
            try synchronizeHistory()
        }
        unfinishedReplay.withLock { $0 = nil }
    }

    /// Lets go of ended segments in which nothing alive stands, once the history is on stable storage.
    private func retire(_ ended: [UInt64: Int64]) async throws(JournalError) {
        let retirable = live.table.withLock { table in
            var numbers = Set(ended.keys)
            for message in table.messages.values {
                if case .segment(let number, _) = message.stored.content.place { numbers.remove(number) }
            }
            return numbers.sorted()
        }
        guard let last = ended.keys.max(), !retirable.isEmpty else { return }
        try await onPool { [self] () throws(StorageError) in try synchronizeHistory() }
        try await onJournal { [self] (writer) throws(StorageError) in
            for number in retirable {
                let path = writer.path(ofSegment: number)
                if storage.exists(AsidePath.reason(number, in: directory)) && storage.exists(path) {
                    try noteEnd(number, writer.ends[number])
                    try storage.rename(path, to: AsidePath.segment(number, in: directory))
                    try storage.synchronizeDirectory(directory + "/aside")
                } else if storage.exists(path) {
                    try storage.remove(path)
                }
                writer.forget(number)
                _ = readers.withLock { $0.removeValue(forKey: number) }
            }
            writer.historyReaches(last)
            try storage.synchronizeDirectory(directory + "/journal")
        }
    }

    /// Keeps beside a segment that is set aside where it ended.
    private func noteEnd(_ number: UInt64, _ end: Int64?) throws(StorageError) {
        let path = AsidePath.end(number, in: directory)
        guard let end, !storage.exists(path) else { return }
        let file = try storage.open(path, .create)
        try file.write(ByteBuffer(string: "\(end)\n"), at: 0)
        try file.synchronize()
    }

    private func synchronizeHistory() throws(StorageError) {
        do {
            try recorder.synchronize()
        } catch {
            // A sync that comes back the next time says nothing of what this one has not written.
            historyIsUncertain.withLock { $0 = true }
            throw error as? StorageError
                ?? StorageError(call: "synchronize", path: "history", code: 0, meaning: "\(error)")
        }
    }

    /// Removes content files of messages that are finished, once the history has their decision records, which stand
    /// behind the content, on stable storage.
    private func removeUnusedFiles() async throws(JournalError) {
        let names = live.table.withLock { $0.takeUnusedFiles() }
        if names.isEmpty { return }
        let removed = Atomic(0)
        do throws(JournalError) {
            try await onPool { [self] () throws(StorageError) in
                try synchronizeHistory()
                for name in names {
                    try contentFiles.remove(name)
                    removed.add(1, ordering: .relaxed)
                }
            }
        } catch {
            live.table.withLock { $0.addUnusedFiles(Array(names[removed.load(ordering: .relaxed)...])) }
            throw error
        }
    }
}
