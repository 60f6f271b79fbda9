// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore

extension MailQueue {
    /// The messages that can be read out of what was set aside and out of damaged segments, and of which a recipient is
    /// not finished as far as the ledger knows. Nothing is changed. What is in the queue is not among them, nor what was
    /// brought back before.
    package func salvage() async throws(JournalError) -> [SalvagedMessage] {
        let ends = try await onJournal { (writer) throws(StorageError) in
            var ends = writer.ends
            if let current = writer.current { ends[current.number] = current.end }
            return ends
        }
        return try await onPool { [self] () throws(StorageError) in try Salvage(self, ends: ends).messages() }
    }

    /// Brings a message back into the queue, held, as a new one under its old id.
    ///
    /// - Parameters:
    ///   - record: its decision record.
    ///   - by: who does it.
    /// - Returns: the ids of its new items.
    /// - Throws: ``JournalError``; `invalid` where its content is not whole.
    package func requeue(
        _ message: SalvagedMessage, record: DecisionRecord, by: String
    ) async throws(JournalError) -> [QueueID] {
        guard let content = message.content, message.contentCondition == .whole else {
            throw .invalid("the content of \(message.messageID) is \(message.contentCondition.rawValue)")
        }
        let items = message.items.map { item in
            NewItem(
                reversePath: item.reversePath,
                recipients: item.recipients.filter { !$0.state.isFinal }.map { NewRecipient($0.mailbox, .held) },
                edits: item.edits, is8BitMIME: item.is8BitMIME, isInternationalized: item.isInternationalized,
                origin: item.origin, dsn: item.dsn)
        }.filter { !$0.recipients.isEmpty }
        let submission = Submission(
            messageID: message.messageID, content: try copy(content), items: items, record: record)
        let ids = try await commit(submission)
        let changes = ids.flatMap { id in
            (item(id)?.recipients ?? []).indices.map {
                StateChange(item: id, recipient: $0, state: .held, by: by, why: "salvaged from \(message.place)")
            }
        }
        try await apply(changes)
        try await onPool { [self] () throws(StorageError) in try noteRequeued(message.number) }
        return ids
    }

    private func copy(_ content: any ContentSource) throws(JournalError) -> Submission.Content {
        do {
            if content.length <= configuration.inlineLimit { return .memory(try content.readAll()) }
            let staged = try stageContent()
            try content.forEachChunk(of: 256 << 10) { try staged.append($0) }
            return .staged(staged)
        } catch {
            throw error as? JournalError ?? (error as? StorageError).map { .storage($0) } ?? .damaged("\(error)")
        }
    }

    private func noteRequeued(_ number: UInt64) throws(StorageError) {
        let path = AsidePath.requeued(in: directory)
        let isKnown = storage.exists(path)
        let file = try storage.open(path, isKnown ? .write : .create)
        try file.write(ByteBuffer(string: "\(number)\n"), at: try file.size())
        try file.synchronize()
        if !isKnown { try storage.synchronizeDirectory(directory + "/aside") }
    }
}
