// SPDX-License-Identifier: Apache-2.0
package import Logging
package import NIOCore
package import SluiceCore
import SluiceNative
import Synchronization

/// The queue: every message that was accepted and is not finished, on stable storage, and in memory what is needed to
/// deliver it.
///
/// What `commit` or `apply` report as done survives a power cut; what they report as failed was not done. Reads never
/// touch the journal's thread.
package final class MailQueue: Sendable {
    let storage: any Storage
    let directory: String
    let configuration: Configuration
    let logger: Logger
    let live: LiveQueue
    let journal: JournalThread
    let contentFiles: ContentFiles
    let ledger: Ledger
    let recorder: any HistoryRecorder
    /// Where files are written and synced that are not the journal's segments.
    let pool = CPUPool(threads: 4)
    /// What has just come, for its first delivery.
    let fresh = FreshContent(limit: 16 << 20)
    /// Segments that content is read from.
    let readers = Mutex<[UInt64: any StorageFile]>([:])
    let isMaintaining = Mutex(false)
    /// Messages of which the log has said that their content is damaged.
    let damagedMessages = Mutex<Set<UInt64>>([])
    /// The last segment whose state records are in the ledger.
    let ledgerThrough = Mutex<UInt64>(0)
    /// What the history is still to be told of what was found at the start; until then nothing goes that it needs for that.
    let unfinishedReplay: Mutex<HistoryReplay?>
    /// The history could not be synced: what it was told since the last time may be lost, and is to be told again.
    let historyIsUncertain = Mutex(false)
    /// What could not be read when the queue was opened, in words.
    package let setAside: [String]

    /// The segments that were there when the queue was opened: a journal that was killed again and again has many, and
    /// wants its upkeep soon.
    package let segmentsAtStart: Int

    /// Opens the queue of a state directory and recovers what was in it.
    ///
    /// The caller holds the directory's lock. What can't be read is set aside, named in the log and in ``setAside``.
    /// - Throws: ``JournalError/storage(_:)`` where the disk doesn't let it write, ``JournalError/otherVersion(path:_:)``
    ///   before anything is touched.
    package static func open(
        directory: String, storage: any Storage, configuration: Configuration = Configuration(), time: any TimeSource,
        recorder: any HistoryRecorder, logger: Logger
    ) throws(JournalError) -> MailQueue {
        try StateFormat.check(directory, storage)
        do throws(StorageError) {
            let startUp = try StartUp(
                directory: directory, storage: storage, configuration: configuration, time: time, recorder: recorder,
                logger: logger)
            return MailQueue(startUp)
        } catch {
            throw .storage(error)
        }
    }

    /// Reads the queue of a state directory as it stands, and changes nothing; what would change it is refused.
    ///
    /// No lock is needed. Of a queue that a server writes to meanwhile it is a snapshot: each message is in it whole or
    /// not at all.
    /// - Parameter recorder: is told what the journal holds and the history may not have.
    package static func read(
        directory: String, storage: any Storage, configuration: Configuration = Configuration(), time: any TimeSource,
        recorder: any HistoryRecorder, logger: Logger
    ) throws(JournalError) -> MailQueue {
        let storage = ReadOnlyStorage(storage)
        try StateFormat.check(directory, storage)
        do throws(StorageError) {
            return MailQueue(
                try StartUp(
                    reading: directory, storage: storage, configuration: configuration, time: time, recorder: recorder,
                    logger: logger))
        } catch {
            throw .storage(error)
        }
    }

    private init(_ startUp: StartUp) {
        storage = startUp.storage
        directory = startUp.directory
        configuration = startUp.configuration
        logger = startUp.logger
        live = startUp.live
        contentFiles = startUp.contentFiles
        ledger = startUp.ledger
        recorder = startUp.recorder
        unfinishedReplay = Mutex(startUp.unfinishedReplay)
        setAside = startUp.setAside.map(\.description)
        segmentsAtStart = startUp.segmentCount
        journal = JournalThread(startUp.writer, limit: startUp.configuration.waitingLimit)
    }

    /// Says who hears of the events from now on.
    package func setObserver(_ observer: (any QueueObserver)?) { live.observer.withLock { $0 = observer } }

    // MARK: Reading

    package func item(_ id: QueueID) -> QueueItem? { live.table.withLock { $0.items[id] } }

    /// All live items, in the order in which they were accepted.
    package func items() -> [QueueItem] {
        live.table.withLock { Array($0.items.values) }.sorted { $0.id < $1.id }
    }

    /// The live items of a message.
    package func items(ofMessage messageID: String) -> [QueueItem] {
        live.table.withLock { table in
            (table.numbers[messageID] ?? []).flatMap { table.messages[$0]?.items ?? [] }.compactMap { table.items[$0] }
        }
    }

    package func statistics() -> QueueStatistics {
        live.table.withLock { table in
            QueueStatistics(
                recipients: table.counts.filter { $0.value > 0 }, items: table.items.count,
                messages: table.messages.count, octets: table.octets, quarantinedOctets: table.quarantinedOctets,
                oldest: table.items.values.lazy.map(\.acceptedAt).min())
        }
    }

    /// The ledger's witness: how many records it has, and the hash of the last in hexadecimal. Logged every minute, it
    /// shows later whether the ledger was shortened or written anew.
    package func ledgerWitness() -> (length: UInt64, head: String) {
        live.head.withLock { ($0.length, $0.hash.description) }
    }

    /// The content of an item's message as it was received. Blocks on the disk.
    ///
    /// - Throws: ``JournalError/damaged(_:)`` where it is not what was stored, ``JournalError/unknownItem(_:)``,
    ///   ``JournalError/storage(_:)``.
    package func content(of id: QueueID) throws(JournalError) -> any ContentSource {
        let (content, stored) = try storedContent(of: id)
        return try verified(content, stored.checksum, isSmall: stored.length <= configuration.inlineLimit)
    }

    /// As ``content(of:)``, for one who reads all of it: what is large is verified while it is read, and the read that
    /// reaches its end throws ``JournalError/damaged(_:)`` where it is not what was stored.
    package func contentToSend(of id: QueueID) throws(JournalError) -> any ContentSource {
        let (content, stored) = try storedContent(of: id)
        if stored.length <= configuration.inlineLimit { return try verified(content, stored.checksum, isSmall: true) }
        return VerifiedContent(content, checksum: stored.checksum) { [logger] damage in
            logger.critical("content is damaged", metadata: ["item": "\(id)", "reason": "\(damage)"])
        }
    }

    /// The content of an item's message where it has just come and is still in memory; only once, then it is on disk
    /// alone. Doesn't block.
    package func takeFreshContent(of id: QueueID) -> ByteBuffer? {
        live.table.withLock { $0.items[id]?.messageNumber }.flatMap { fresh.take($0) }
    }

    private func storedContent(of id: QueueID) throws(JournalError) -> (any ContentSource, StoredContent) {
        try reading { table in
            table.items[id].flatMap { table.messages[$0.messageNumber]?.stored.content }
        } _: { (stored, file, offset) throws(JournalError) in
            do throws(StorageError) {
                return (try FileContent(file, from: offset, length: stored.length), stored)
            } catch {
                throw .storage(error)
            }
        } orThrow: {
            .unknownItem(id)
        }
    }

    /// The decision record of a message, while one of its items is alive. Blocks on the disk.
    package func record(of messageID: String) throws(JournalError) -> DecisionRecord? {
        guard live.table.withLock({ $0.numbers[messageID] != nil }) else { return nil }
        return try reading { table in
            table.numbers[messageID]?.first.flatMap { table.messages[$0]?.stored.content }
        } _: { (stored, file, offset) throws(JournalError) in
            let octets: ByteBuffer
            do throws(StorageError) {
                octets = try file.read(at: offset + Int64(stored.length), count: stored.recordLength)
            } catch {
                throw .storage(error)
            }
            guard CRC32C.of(octets) == stored.recordChecksum else {
                throw .damaged("the decision record of message \(messageID)")
            }
            return try DecisionRecordCoding.decode(octets)
        } orThrow: {
            .closed
        }
    }

    private func verified(
        _ content: any ContentSource, _ checksum: UInt32, isSmall: Bool
    ) throws(JournalError) -> any ContentSource {
        do {
            var actual = CRC32C()
            if isSmall {
                let buffer = try content.readAll()
                actual.update(buffer)
                if actual.value == checksum { return MemoryContent(buffer) }
            } else {
                try content.forEachChunk { actual.update($0) }
                if actual.value == checksum { return content }
            }
        } catch {
            throw (error as? StorageError).map { .storage($0) } ?? .damaged("\(error)")
        }
        throw .damaged("content of \(content.length) octets")
    }

    /// Finds where something stands and reads it there; it may move from its segment to a file meanwhile.
    private func reading<Value>(
        _ find: (QueueTable) -> StoredContent?,
        _ read: (StoredContent, any StorageFile, Int64) throws(JournalError) -> Value,
        orThrow missing: () -> JournalError
    ) throws(JournalError) -> Value {
        var last: StoredContent?
        while true {
            guard let stored = live.table.withLock({ find($0) }) else { throw missing() }
            let place: (file: any StorageFile, offset: Int64)
            do throws(StorageError) {
                place = try open(stored.place)
            } catch {
                if stored == last { throw .storage(error) }
                last = stored
                continue
            }
            return try read(stored, place.file, place.offset)
        }
    }

    private func open(_ place: StoredContent.Place) throws(StorageError) -> (any StorageFile, Int64) {
        switch place {
        case .inline(let offset): preconditionFailure("content at \(offset) of a record that was never written")
        case .file(let name): return (try storage.open(contentFiles.path(name), .read), 0)
        case .segment(let number, let offset):
            if let file = readers.withLock({ $0[number] }) { return (file, offset) }
            let file = try storage.open(directory + "/journal/" + SegmentName.of(number), .read)
            readers.withLock { $0[number] = file }
            return (file, offset)
        }
    }
}
