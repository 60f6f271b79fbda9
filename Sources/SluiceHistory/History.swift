// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Logging
package import SluiceCore
import SluiceNative
import Synchronization

/// The history: decision records and recipients' steps, kept in files and found again by an index.
///
/// Written behind: ``record(_:)`` only takes a note; ``run()`` writes. What was accepted stands in the journal until
/// ``synchronize()`` has said that it is on stable storage here; what was refused was never accepted, and a crash may
/// cost the last second of it.
package final class History: HistoryRecorder {
    /// Where more entries than this wait to be written, further refusals are only counted. What was accepted is kept:
    /// the journal holds it as long.
    static let pendingLimit = 50_000

    private struct Pending {
        var entries: [HistoryEntry] = []
        var dropped = 0
        /// Since the history was opened.
        var droppedInAll: Int64 = 0
    }
    private struct Store {
        var files: HistoryFiles
        var index: HistoryIndex
        /// The index lacks something that the files have: it is taken in before the index is asked or told more.
        var isBehind = false
    }

    private let pending = Mutex(Pending())
    private let pendingLimit: Int
    private let thread = CPUPool(threads: 1)
    private let store: Mutex<Store>
    private let logger: Logger
    private let signal: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// A folder of our own that goes with the history; `nil` where it is the history's.
    private let scratch: ScratchFolder?

    /// Opens the history in a folder; an index that is broken is made anew from the files.
    ///
    /// - Throws: where the folder can't be used; ``HistoryError`` where a later version wrote it, before anything is
    ///   touched.
    package convenience init(directory: String, logger: Logger) throws {
        try self.init(
            directory: directory, logger: logger, fileLimit: HistoryFiles.fileLimit, pendingLimit: Self.pendingLimit)
    }

    /// Reads a history and changes nothing in its folder: the index is copied, or made where it is broken, in a
    /// temporary folder, which also gets what the journal tells.
    ///
    /// - Parameter directory: may be missing.
    package convenience init(reading directory: String, logger: Logger) throws {
        try HistoryFormat.check(directory)
        let scratch = try ScratchFolder(of: directory)
        try self.init(
            directory: scratch.path, logger: logger, fileLimit: HistoryFiles.fileLimit, pendingLimit: .max,
            scratch: scratch)
    }

    /// - Parameters:
    ///   - fileLimit: octets after which a new file begins.
    ///   - pendingLimit: entries that wait before further refusals are only counted.
    ///   - sync: makes durable what was written to a file.
    init(
        directory: String, logger: Logger, fileLimit: UInt64, pendingLimit: Int, scratch: ScratchFolder? = nil,
        sync: @escaping @Sendable (FileHandle) throws -> Void = { try $0.synchronize() }
    ) throws {
        self.logger = logger
        self.pendingLimit = pendingLimit
        self.scratch = scratch
        (signal, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let files = try HistoryFiles(
            directory: directory, fileLimit: fileLimit, beginsFile: scratch != nil, sync: sync)
        try files.removeUnfinished()
        store = Mutex(Store(files: files, index: try Self.openIndex(files, logger)))
    }

    private static func openIndex(_ files: HistoryFiles, _ logger: Logger) throws -> HistoryIndex {
        let path = files.directory + "/index.sqlite"
        do {
            let index = try HistoryIndex(path: path)
            for file in try index.rewriting() {
                try index.beginRewrite(of: file)
                var entries: [(HistoryEntry, HistoryPlace)] = []
                try files.forEachLine(of: file) { line, place in
                    // What can't be read was named when it was found.
                    if let entry = try? JSONDecoder().decode(HistoryEntry.self, from: line) {
                        entries.append((entry, place))
                    }
                }
                try index.endRewrite(of: file, entries)
            }
            try fill(index, from: files, logger)
            return index
        } catch {
            logger.error("the index is broken and is made anew", metadata: ["path": "\(path)", "error": "\(error)"])
            return try rebuild(files, logger)
        }
    }

    private static func rebuild(_ files: HistoryFiles, _ logger: Logger) throws -> HistoryIndex {
        let path = files.directory + "/index.sqlite"
        for suffix in ["", "-wal", "-shm", "-journal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
        let index = try HistoryIndex(path: path)
        try fill(index, from: files, logger)
        return index
    }

    /// Takes in what the files hold and the index does not: all for a new one, else what came before a crash.
    private static func fill(_ index: HistoryIndex, from files: HistoryFiles, _ logger: Logger) throws {
        var batch: [(HistoryEntry, HistoryPlace)] = []
        var unreadable = 0
        try files.forEachLine(after: try index.progress()) { line, place in
            if line.isEmpty { return }
            do {
                batch.append((try JSONDecoder().decode(HistoryEntry.self, from: line), place))
            } catch {
                unreadable += 1
            }
            if batch.count >= 1000 {
                try index.insert(batch)
                batch = []
            }
        }
        try index.insert(batch)
        if unreadable > 0 {
            logger.warning("lines of the history can't be read", metadata: ["lines": "\(unreadable)"])
        }
    }

    /// Makes the index whole where it lacks something; it is made anew where that fails, or where its file has gone.
    ///
    /// - Throws: where there is no room for it; it is tried again before its next use.
    private func catchUp(_ store: inout Store) throws {
        if store.index.isInPlace {
            if !store.isBehind { return }
            do {
                try Self.fill(store.index, from: store.files, logger)
                store.isBehind = false
                return
            } catch  where !HistoryIndex.isFull(error) {
                logger.error("the index is broken and is made anew", metadata: ["error": "\(error)"])
            }
        } else {
            logger.error("the index has gone and is made anew")
        }
        store.isBehind = true
        store.index = try Self.rebuild(store.files, logger)
        store.isBehind = false
    }

    /// Asks the index; where it can't answer, it is made anew and asked once more.
    private func asking<Value>(_ body: (HistoryFiles, HistoryIndex) throws -> Value) throws -> Value {
        try flush()
        return try store.withLock { store in
            try catchUp(&store)
            do {
                return try body(store.files, store.index)
            } catch {
                logger.error("the index is broken and is made anew", metadata: ["error": "\(error)"])
                store.isBehind = true
                store.index = try Self.rebuild(store.files, logger)
                store.isBehind = false
                return try body(store.files, store.index)
            }
        }
    }

    package func record(_ decision: DecisionRecord) { take(.decision(decision)) }
    package func recordStep(_ step: RecipientStep) { take(.step(step)) }

    private func take(_ entry: HistoryEntry) {
        pending.withLock { pending in
            if pending.entries.count >= pendingLimit, entry.isRefusal {
                pending.dropped += 1
                pending.droppedInAll += 1
            } else {
                pending.entries.append(entry)
            }
        }
        wake.yield()
    }

    /// How many entries wait to be written, and how many refusals were not taken since the history was opened.
    package var figures: (pending: Int, dropped: Int64) {
        pending.withLock { ($0.entries.count, $0.droppedInAll) }
    }

    /// How long entries are collected before they are written, so that many share one transaction of the index. Whoever
    /// asks for something has them written at once.
    private static let collecting = Duration.milliseconds(200)

    /// Writes what waits, until the task is cancelled; then once more.
    package func run() async {
        for await _ in signal {
            do {
                try await Task.sleep(for: Self.collecting)
                try await perform { try $0.flush() }
            } catch is CancellationError {
                break
            } catch {
                logger.error("the history can't be written", metadata: ["error": "\(error)"])
            }
        }
        do { try flush() } catch { logger.error("the history can't be written", metadata: ["error": "\(error)"]) }
    }

    /// Does what waits for the disk, or searches for long, on a thread of the history's own: a search of millions of
    /// records must not keep a task's thread from those who receive mail.
    package func perform<Value: Sendable>(_ body: @escaping @Sendable (History) throws -> Value) async throws -> Value {
        try await thread.run { try body(self) }
    }

    /// Writes what waits.
    package func flush() throws {
        try store.withLock { store in
            let (entries, dropped) = pending.withLock { pending in
                defer { pending = Pending(droppedInAll: pending.droppedInAll) }
                return (pending.entries, pending.dropped)
            }
            if dropped > 0 {
                logger.error(
                    "refusals were not recorded, too many entries waited", metadata: ["refusals": "\(dropped)"])
            }
            let encoded = encode(entries)
            guard !encoded.isEmpty else { return }
            let places: [HistoryPlace]
            do {
                places = try store.files.append(encoded.map(\.line))
            } catch {
                // They wait for the next time; what came meanwhile stands behind them.
                pending.withLock { $0.entries.insert(contentsOf: entries, at: 0) }
                throw error
            }
            do {
                let isWhole = !store.isBehind && store.index.isInPlace
                if isWhole {
                    try store.index.insert(Array(zip(encoded.map(\.entry), places)))
                } else {
                    try catchUp(&store)
                }
            } catch {
                // The files have it: the index takes it in before it is asked again.
                logger.error("the index can't be written", metadata: ["error": "\(error)"])
                store.isBehind = true
            }
        }
    }

    /// The lines of entries. One that can't be written (a number that JSON has not) is named and left out: it must not
    /// hold up all that comes behind it.
    private func encode(_ entries: [HistoryEntry]) -> [(entry: HistoryEntry, line: Data)] {
        return entries.compactMap { entry in
            do {
                return (entry, Data(try JSONEncoding.octets(of: entry)))
            } catch {
                logger.error("an entry of the history can't be encoded", metadata: ["error": "\(error)"])
                return nil
            }
        }
    }

    /// Returns when what was recorded so far is on stable storage.
    ///
    /// - Throws: where it is not; what was recorded since the last time may then be lost, and is to be told again: it goes
    ///   to a new file.
    package func synchronize() throws {
        try flush()
        try store.withLock { try $0.files.synchronize() }
    }

    /// Writes what waits, and says which files there are and how far they reach now. They don't change up to there, and
    /// stay until ``retire(before:sizeLimit:)`` is called.
    package func mark() throws -> [MarkedHistoryFile] {
        try flush()
        return try store.withLock { store in
            let ended = try store.files.ended().map { file in
                MarkedHistoryFile(
                    name: (file.path as NSString).lastPathComponent, length: Int64(file.size), isEnded: true)
            }
            let current = HistoryFiles.path("", store.files.number).dropFirst()
            let length = Int64(store.files.currentSize)
            return ended + [MarkedHistoryFile(name: String(current), length: length, isEnded: false)]
        }
    }

    /// Whether a decision of that id is there.
    package func contains(_ id: String) throws -> Bool { try asking { _, index in try index.contains(id) } }

    /// The messages that a query finds, the latest first.
    package func find(_ query: TraceQuery) throws -> [TraceSummary] { try asking { _, index in try index.find(query) } }

    /// All that is known of one message; `nil` where there is none of that id.
    package func message(_ id: String) throws -> TracedMessage? {
        let id = id.asciiLowercased()
        do {
            return try asking { files, index in try Self.message(id, files, index) }
        } catch let error as MisplacedEntry {
            // The index was made anew, and still: the files have no such line any more.
            logger.error("the history is damaged", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// The index says that something stands where it doesn't.
    private struct MisplacedEntry: Error {
        let place: HistoryPlace
    }

    private static func message(_ id: String, _ files: HistoryFiles, _ index: HistoryIndex) throws -> TracedMessage? {
        let places = try index.places(of: id)
        guard let place = places.decision else { return nil }
        guard case .decision(let decision)? = entry(place, files), decision.id == id else {
            throw MisplacedEntry(place: place)
        }
        let steps = try places.steps.map { place in
            guard case .step(let step)? = entry(place, files), step.messageID == id else {
                throw MisplacedEntry(place: place)
            }
            return step
        }
        return TracedMessage(decision: decision, steps: steps)
    }

    private static func entry(_ place: HistoryPlace, _ files: HistoryFiles) -> HistoryEntry? {
        // What can't be read or is no entry is not what the index says.
        (try? files.read(place)).flatMap { try? JSONDecoder().decode(HistoryEntry.self, from: $0) }
    }

    /// Makes the index anew from the files.
    package func rebuildIndex() throws {
        try flush()
        try store.withLock { store in
            store.isBehind = true
            store.index = try Self.rebuild(store.files, logger)
            store.isBehind = false
        }
    }

    /// Lets go of what is older than the time. Where the size is passed, the oldest refusals go first, then the oldest
    /// of all; never what is written to.
    package func retire(before time: Timestamp, sizeLimit: Int) throws {
        try store.withLock { store in
            try catchUp(&store)
            for file in try store.files.ended() where file.modified < time { try Self.remove(file, store) }
            var ended = try store.files.ended()
            var total = ended.map(\.size).reduce(store.files.currentSize, +)
            if total <= sizeLimit { return }
            let refusals = try store.index.refusalOctets()
            for file in ended where total > sizeLimit && refusals[file.number, default: 0] > 0 {
                try dropRefusals(file, store)
                total -= refusals[file.number, default: 0]
            }
            ended = try store.files.ended()
            total = ended.map(\.size).reduce(store.files.currentSize, +)
            for file in ended where total > sizeLimit {
                try Self.remove(file, store)
                total -= file.size
            }
        }
    }

    private static func remove(_ file: HistoryFiles.Ended, _ store: Store) throws {
        try FileManager.default.removeItem(atPath: file.path)
        try store.index.forget(files: [file.number])
    }

    private func dropRefusals(_ file: HistoryFiles.Ended, _ store: Store) throws {
        try store.index.beginRewrite(of: file.number)
        var entries: [HistoryEntry?] = []
        let kept = try store.files.rewrite(file) { line in
            // What can't be read stays for a person to look at.
            let entry = try? JSONDecoder().decode(HistoryEntry.self, from: line)
            if let entry, entry.isRefusal { return false }
            entries.append(entry)
            return true
        }
        let known = zip(entries, kept).compactMap { entry, place in entry.map { ($0, place) } }
        try store.index.endRewrite(of: file.number, known)
        logger.notice(
            "the history is full: refusals go", metadata: ["file": "\(file.number)", "kept": "\(kept.count)"])
    }
}
