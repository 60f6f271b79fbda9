// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import Synchronization

/// The files that the state records go to when their segment is retired, and where they stay longer than any content.
///
/// A file begins with the head of the chain before it, so that the oldest can be dropped without breaking the rest.
final class Ledger: Sendable {
    struct File: Hashable, Sendable {
        /// The sequence number of its first record; its name.
        var first: UInt64
        var path: String
    }

    private struct State {
        var files: [File] = []
        /// Cut off while they were made: they must not stand for what the ones before them hold.
        var void: Set<File> = []
        var writer: SegmentWriter?
        /// The last record on stable storage in the ledger's files.
        var head = LedgerHead()
        /// The file that ended with it when they were found, and where in it what was written last stands.
        var newest: (file: File, lastBatch: Range<Int64>?)?
        /// The time of the first record of files, those that were looked at for it.
        var firstTimes: [File: Timestamp] = [:]
    }

    private let storage: any Storage
    private let directory: String
    private let folder: String
    private let fileSize: Int64
    private let logger: Logger
    private let state: Mutex<State>

    private static let prefix = "ledger-"
    /// A file of more octets has records.
    private static let smallSize: Int64 = 4096

    /// Finds out how far the files reach.
    init(storage: any Storage, directory: String, fileSize: Int64, logger: Logger) throws(StorageError) {
        self.storage = storage
        self.fileSize = fileSize
        self.logger = logger
        self.directory = directory
        folder = directory + "/ledger"
        var state = State()
        state.files = try storage.list(folder).compactMap { [folder] name in
            guard name.hasPrefix(Self.prefix), let first = UInt64(name.dropFirst(Self.prefix.utf8.count), radix: 16)
            else { return nil }
            return File(first: first, path: folder + "/" + name)
        }.sorted { $0.first < $1.first }
        for file in state.files.reversed() {
            if state.newest != nil, try storage.open(file.path, .read).size() > Self.smallSize { continue }
            let end = try LedgerFileReader(storage: storage, file: file).end()
            if let head = end.head {
                if state.newest != nil { continue }
                state.head = head
                state.newest = (file, end.lastBatch)
            } else if !end.isDamaged {
                state.void.insert(file)
            }
        }
        state.files.removeAll { [void = state.void] in void.contains($0) }
        self.state = Mutex(state)
    }

    /// Makes sure that what was found is on stable storage, before anything relies on it: of what a process wrote that was
    /// killed, or whose sync failed, the last may stand in the cache alone, and not even be written by a sync any more.
    /// So the last batch is written once more in its place; all before it had been synced when that was begun.
    func makeDurable() throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            if let (file, batch) = state.newest {
                let open = try storage.open(file.path, .write)
                if let batch {
                    try open.write(try open.read(at: batch.lowerBound, count: batch.count), at: batch.lowerBound)
                }
                try open.synchronize()
            }
            for file in state.void { try storage.remove(file.path) }
            state.void = []
            try storage.synchronizeDirectory(folder)
        }
    }

    /// The last sequence number that has reached the ledger's files.
    var length: UInt64 { state.withLock { $0.head.length } }

    /// The files, oldest first.
    var files: [File] { state.withLock { $0.files } }

    /// Appends the records of one segment, those that are not in the ledger yet, and syncs once.
    ///
    /// - Parameter blocks: the ledger parts of its transactions, in order.
    func append(_ blocks: [ByteBuffer]) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            var head = state.head
            var fresh: [ByteBuffer] = []
            for block in blocks {
                var reader = RecordReader(block)
                var rest = ByteBuffer()
                while !reader.isAtEnd {
                    guard let link = try? reader.ledgerLink() else { break }  // the recovery has named it
                    guard link.record.sequence > head.length else { continue }
                    rest.writeImmutableBuffer(link.encoded)
                    rest.writeBytes(link.hash.octets)
                    head = LedgerHead(length: link.record.sequence, hash: link.hash)
                }
                if rest.readableBytes > 0 { fresh.append(rest) }
            }
            if fresh.isEmpty { return }
            var writer = try self.writer(&state)
            // Until the sync is known to be good the file is not touched again: a new one begins where this one was.
            state.writer = nil
            for block in fresh { writer.add(.ledger, [block]) }
            do throws(SegmentWriter.Failure) {
                try writer.synchronize()
            } catch {
                // So that a start after a crash doesn't take for durable what only the cache has.
                try? writer.file.truncate(to: writer.end)
                throw error.cause
            }
            state.writer = writer
            state.head = head
        }
    }

    private func writer(_ state: inout State) throws(StorageError) -> SegmentWriter {
        if let writer = state.writer, writer.end < fileSize { return writer }
        let file = File(
            first: state.head.length + 1,
            path: folder + "/" + Self.prefix + SegmentName.hexadecimal(state.head.length + 1))
        if storage.exists(file.path) {
            // Of an attempt that got no further, or unreadable: what should stand in it is written again now.
            let length = try storage.open(file.path, .read).size()
            if length > Self.smallSize {
                let name = "/aside/ledger-\(SegmentName.hexadecimal(file.first))-\(UInt64.random(in: 0...UInt64.max))"
                try storage.rename(file.path, to: directory + name)
            } else {
                try storage.remove(file.path)
            }
            state.files.removeAll { $0 == file }
        }
        var writer = SegmentWriter(
            number: file.first, file: try storage.open(file.path, .create), salt: UInt64.random(in: 0...UInt64.max))
        var checkpoint = Checkpoint()
        checkpoint.head = state.head
        do throws(SegmentWriter.Failure) {
            try writer.synchronize()
            writer.add(.checkpoint, [checkpoint.encoded()])
            try writer.synchronize()
        } catch {
            throw error.cause
        }
        try storage.synchronizeDirectory(folder)
        state.files.append(file)
        return writer
    }

    /// Removes files of which every record is older than a time; the newest file stays.
    func prune(before time: Timestamp) throws(StorageError) {
        while true {
            let files = files
            guard files.count > 1 else { return }
            // The first record of the next file is the earliest that could follow the last of this one.
            guard let next = try firstTime(of: files[1]), next < time else { return }
            // One after the other also on stable storage: were only the later of two gone after a power cut, the chain
            // would be broken between them.
            try storage.synchronizeDirectory(folder)
            try storage.remove(files[0].path)
            state.withLock { state in
                state.files.removeAll { $0 == files[0] }
                state.firstTimes[files[0]] = nil
            }
            logger.info("a file of the ledger is past its time", metadata: ["file": "\(files[0].path)"])
        }
    }

    /// The time of a file's first record, read once; `nil` where it has none that can be read.
    private func firstTime(of file: File) throws(StorageError) -> Timestamp? {
        if let known = state.withLock({ $0.firstTimes[file] }) { return known }
        let time = try LedgerFileReader(storage: storage, file: file).firstTime()
        state.withLock { $0.firstTimes[file] = time }
        return time
    }
}
