// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore
import SluiceNative
import Synchronization

extension MailQueue {
    /// Begins content that is larger than ``Configuration/inlineLimit``.
    ///
    /// - Throws: ``JournalError`` where the disk fails, or has only that left which is kept for outcomes of deliveries:
    ///   content would eat it long before the journal refuses the message.
    package func stageContent() throws(JournalError) -> StagedContent {
        do throws(StorageError) {
            if try spareSpace() < 0 { throw StorageError.full(contentFiles.stagingFolder) }
            return try contentFiles.stage()
        } catch {
            throw .storage(error)
        }
    }

    /// How much the volume has left beside what is kept for the outcomes of deliveries, in octets, less than zero where
    /// that is not whole; asks the file system.
    package func spareSpace() throws(StorageError) -> Int64 {
        guard configuration.freeSpaceReserve > 0 else { return .max }
        return try storage.freeSpace(contentFiles.stagingFolder) - configuration.freeSpaceReserve
    }

    /// Accepts a message: returns when content, envelope, edits, record and first states are on stable storage.
    ///
    /// Staged content is taken by the call, whether it succeeds or not.
    /// - Parameter shouldBegin: asked on the journal's thread right before the message is written; where it says no,
    ///   nothing is (a client that has gone before the commit begins leaves no message).
    /// - Returns: the ids of the items, in the order of the submission's.
    /// - Throws: ``JournalError``; the message has then not been accepted and never will be.
    package func commit(
        _ submission: Submission, shouldBegin: @escaping @Sendable () -> Bool = { true }
    ) async throws(JournalError) -> [QueueID] {
        let prepared = try await prepare([submission], changes: [])
        try await write(prepared, isVoidOnFailure: true, shouldBegin: shouldBegin)
        return prepared.ids[0]
    }

    /// Records what became of recipients, and accepts new messages (the notification of a bounce) in the same append.
    ///
    /// Either all of it is done or nothing. An outcome is a fact: where the sync fails, it is written once more to a
    /// new segment. Where that fails too this throws, and the caller calls again later; it does not deliver again.
    /// - Returns: the ids of the new items, submission by submission.
    @discardableResult
    package func apply(
        _ changes: [StateChange], adding submissions: [Submission] = []
    ) async throws(JournalError) -> [[QueueID]] {
        if changes.isEmpty && submissions.isEmpty { return [] }
        let prepared = try await prepare(submissions, changes: changes)
        try await write(prepared, isVoidOnFailure: false, shouldBegin: nil)
        return prepared.ids
    }

    /// A transaction with its files written and its records encoded.
    private struct Prepared {
        var transaction: Transaction
        var ids: [[QueueID]] = []
        var content: [ByteBuffer] = []
        var contentLength = 0
        var files: [String] = []
        /// The messages whose content is among what has just come.
        var fresh: [UInt64] = []
        var decisions: [DecisionRecord] = []
        var quarantineOctets: Int64 = 0
    }

    private func prepare(
        _ submissions: [Submission], changes: [StateChange]
    ) async throws(JournalError) -> Prepared {
        let now = live.time.now
        var prepared = Prepared(transaction: Transaction(time: now, changes: changes))
        do throws(JournalError) {
            for submission in submissions { try await add(submission, to: &prepared, at: now) }
        } catch {
            drop(prepared)
            for submission in submissions {
                if case .staged(let staged) = submission.content { staged.discard() }
            }
            throw error
        }
        return prepared
    }

    private func add(
        _ submission: Submission, to prepared: inout Prepared, at now: Timestamp
    ) async throws(JournalError) {
        try submission.check()
        let record = try DecisionRecordCoding.encode(submission.record)
        let first = live.nextNumber.wrappingAdd(UInt64(submission.items.count), ordering: .sequentiallyConsistent)
            .oldValue
        let name = QueueID(number: first).description
        let isQuarantined = submission.isQuarantined
        var stored = StoredContent(
            place: .file(name), length: 0, checksum: 0, recordLength: record.readableBytes,
            recordChecksum: CRC32C.of(record))
        switch submission.content {
        case .memory(let content):
            stored.length = content.readableBytes
            stored.checksum = CRC32C.of(content)
            if isQuarantined || stored.length > configuration.inlineLimit {
                prepared.files.append(name)
                try await onPool { [contentFiles] () throws(StorageError) in
                    try contentFiles.write([content, record], as: name)
                    try contentFiles.synchronizeFolder()
                }
            } else {
                stored.place = .inline(offset: UInt32(prepared.contentLength))
                prepared.content += [content, record]
                prepared.contentLength += content.readableBytes + record.readableBytes
            }
            if submission.isQueued {
                prepared.fresh.append(first)
                fresh.put(content, of: first)
            }
        case .staged(let staged):
            let (length, checksum) = try staged.take()
            stored.length = length
            stored.checksum = checksum
            prepared.files.append(name)
            do throws(JournalError) {
                try await onPool { [contentFiles] () throws(StorageError) in
                    try contentFiles.commit(staged, length: length, record: record, as: name)
                }
            } catch {
                try? storage.remove(staged.file.path)  // it may have been renamed; the next start removes either
                throw error
            }
        }
        let message = StoredMessage(number: first, messageID: submission.messageID, acceptedAt: now, content: stored)
        let items = submission.queueItems(of: message)
        prepared.transaction.messages.append(Transaction.NewMessage(stored: message, items: items))
        prepared.ids.append(items.map(\.id))
        prepared.decisions.append(submission.record)
        if isQuarantined { prepared.quarantineOctets += Int64(stored.length) }
    }

    private func write(
        _ prepared: Prepared, isVoidOnFailure: Bool, shouldBegin: (@Sendable () -> Bool)?
    ) async throws(JournalError) {
        let record = prepared.transaction.encoded()
        guard record.readableBytes < Frame.lengthLimit / 2, prepared.contentLength < Frame.lengthLimit else {
            drop(prepared)
            throw .invalid("larger than a record can be")
        }
        var checksum = CRC32C()
        for part in prepared.content { checksum.update(part) }
        let contentChecksum = checksum.value
        let result: Result<Void, JournalError> = await withCheckedContinuation { continuation in
            let request = TransactionRequest(
                transaction: prepared.transaction, record: record, content: prepared.content,
                contentLength: prepared.contentLength, contentChecksum: contentChecksum,
                decisions: prepared.decisions, quarantineOctets: prepared.quarantineOctets, shouldBegin: shouldBegin,
                isVoidOnFailure: isVoidOnFailure, finish: { continuation.resume(returning: $0) })
            if let error = journal.submit(.transaction(request)) { continuation.resume(returning: .failure(error)) }
        }
        do throws(JournalError) {
            try result.get()
        } catch {
            drop(prepared)
            throw error
        }
    }

    /// A transaction that was not written: the next maintenance removes its files.
    private func drop(_ prepared: Prepared) {
        for number in prepared.fresh { _ = fresh.take(number) }
        if !prepared.files.isEmpty { live.table.withLock { $0.addUnusedFiles(prepared.files) } }
    }

    /// Calls that block on the disk, on a thread of the queue's.
    func onPool<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(JournalError) -> Value {
        do {
            return try await pool.run(body)
        } catch let error as StorageError {
            throw .storage(error)
        } catch is CancellationError {
            throw .closed
        } catch {
            throw .overloaded
        }
    }
}

extension Submission {
    func check() throws(JournalError) {
        guard !messageID.isEmpty, messageID.utf8.count <= 255 else { throw .invalid("a message id of no fit length") }
        guard !items.isEmpty else { throw .invalid("no item") }
        guard items.allSatisfy({ !$0.recipients.isEmpty }) else { throw .invalid("an item without a recipient") }
    }

    /// Whether it goes to anybody now.
    var isQueued: Bool {
        items.contains { item in
            item.recipients.contains { if case .queued = $0.state { true } else { false } }
        }
    }

    var isQuarantined: Bool {
        items.contains { item in
            item.recipients.contains { if case .quarantined = $0.state { true } else { false } }
        }
    }

    /// The items as they enter the queue.
    func queueItems(of message: StoredMessage) -> [QueueItem] {
        items.enumerated().map { index, item in
            QueueItem(
                id: QueueID(number: message.number + UInt64(index)), messageID: messageID,
                messageNumber: message.number, acceptedAt: message.acceptedAt, reversePath: item.reversePath,
                is8BitMIME: item.is8BitMIME, isInternationalized: item.isInternationalized, edits: item.edits,
                size: message.content.length, origin: item.origin, dsn: item.dsn,
                recipients: item.recipients.map { $0.queued(at: message.acceptedAt) })
        }
    }
}

extension NewRecipient {
    func queued(at time: Timestamp) -> QueuedRecipient {
        let (state, why): (RecipientState, String) =
            switch self.state {
            case .queued: (.queued(attempts: 0, nextAttempt: time), "accepted")
            case .held: (.held, "accepted, and held")
            case .quarantined(let reason): (.quarantined(reason: reason, since: time), reason)
            case .removed(let reason): (.removed, reason)
            }
        return QueuedRecipient(
            mailbox: mailbox, state: state,
            steps: [QueuedRecipient.Step(time: time, state: state.name, by: "relay", why: why)])
    }
}
