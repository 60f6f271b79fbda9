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
    }
    private struct Store {
        var files: HistoryFiles
        var index: HistoryIndex
    }

    private let pending = Mutex(Pending())
    private let pendingLimit: Int
    private let thread = CPUPool(threads: 1)
    private let store: Mutex<Store>
    private let logger: Logger
    private let signal: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// Opens the history in a folder; an index that is broken is set aside and made anew from the files.
    ///
    /// - Throws: where the folder can't be used.
    package convenience init(directory: String, logger: Logger) throws {
        try self.init(
            directory: directory, logger: logger, fileLimit: HistoryFiles.fileLimit, pendingLimit: Self.pendingLimit)
    }

    /// - Parameters:
    ///   - fileLimit: octets after which a new file begins.
    ///   - pendingLimit: entries that wait before further refusals are only counted.
    init(directory: String, logger: Logger, fileLimit: UInt64, pendingLimit: Int) throws {
        self.logger = logger
        self.pendingLimit = pendingLimit
        (signal, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let files = try HistoryFiles(directory: directory, fileLimit: fileLimit)
        store = Mutex(Store(files: files, index: try Self.openIndex(files, logger)))
    }

    private static func openIndex(_ files: HistoryFiles, _ logger: Logger) throws -> HistoryIndex {
        let path = files.directory + "/index.sqlite"
        do {
            let index = try HistoryIndex(path: path)
            try fill(index, from: files, logger)
            return index
        } catch {
            logger.error("the index is broken and is made anew", metadata: ["path": "\(path)", "error": "\(error)"])
            return try rebuild(files, logger)
        }
    }

    private static func rebuild(_ files: HistoryFiles, _ logger: Logger) throws -> HistoryIndex {
        let path = files.directory + "/index.sqlite"
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
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

    package func record(_ decision: DecisionRecord) { take(.decision(decision)) }
    package func recordStep(_ step: RecipientStep) { take(.step(step)) }

    private func take(_ entry: HistoryEntry) {
        pending.withLock { pending in
            if pending.entries.count >= pendingLimit, entry.isRefusal {
                pending.dropped += 1
            } else {
                pending.entries.append(entry)
            }
        }
        wake.yield()
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
                defer { pending = Pending() }
                return (pending.entries, pending.dropped)
            }
            if dropped > 0 {
                logger.error(
                    "refusals were not recorded, too many entries waited", metadata: ["refusals": "\(dropped)"])
            }
            let encoded = encode(entries)
            guard !encoded.isEmpty else { return }
            do {
                let places = try store.files.append(encoded.map(\.line))
                do {
                    try store.index.insert(Array(zip(encoded.map(\.entry), places)))
                } catch {
                    logger.error("the index is broken and is made anew", metadata: ["error": "\(error)"])
                    store.index = try Self.rebuild(store.files, logger)
                }
            } catch {
                // They wait for the next time; what came meanwhile stands behind them.
                pending.withLock { $0.entries.insert(contentsOf: entries, at: 0) }
                throw error
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

    package func synchronize() throws {
        try flush()
        try store.withLock { try $0.files.synchronize() }
    }

    /// Whether a decision of that id is there.
    package func contains(_ id: String) throws -> Bool {
        try flush()
        return try store.withLock { try $0.index.contains(id) }
    }

    /// The messages that a query finds, the latest first.
    package func find(_ query: TraceQuery) throws -> [TraceSummary] {
        try flush()
        return try store.withLock { try $0.index.find(query) }
    }

    /// All that is known of one message; `nil` where there is none of that id.
    package func message(_ id: String) throws -> TracedMessage? {
        try flush()
        return try store.withLock { store in
            let places = try store.index.places(of: id.asciiLowercased())
            guard let place = places.decision, case .decision(let decision)? = try Self.entry(place, store.files) else {
                return nil
            }
            let steps = try places.steps.compactMap { place -> RecipientStep? in
                if case .step(let step)? = try Self.entry(place, store.files) { step } else { nil }
            }
            return TracedMessage(decision: decision, steps: steps)
        }
    }

    private static func entry(_ place: HistoryPlace, _ files: HistoryFiles) throws -> HistoryEntry? {
        try files.read(place).map { try JSONDecoder().decode(HistoryEntry.self, from: $0) }
    }

    /// Makes the index anew from the files.
    package func rebuildIndex() throws {
        try flush()
        try store.withLock { store in store.index = try Self.rebuild(store.files, logger) }
    }

    /// Lets go of what is older than the time, and of the oldest where the size is passed.
    package func retire(before time: Timestamp, sizeLimit: Int) throws {
        try store.withLock { store in
            let gone = try store.files.retire(before: time, sizeLimit: sizeLimit)
            if !gone.isEmpty { try store.index.forget(files: gone) }
        }
    }
}
