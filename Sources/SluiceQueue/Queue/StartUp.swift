// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import Synchronization

/// Opens a queue: folders, recovery, what it sets aside, the first segment, the files that nothing names.
struct StartUp {
    let directory: String
    let storage: any Storage
    let configuration: MailQueue.Configuration
    let logger: Logger
    let recorder: any HistoryRecorder
    let contentFiles: ContentFiles
    let ledger: Ledger
    let live: LiveQueue
    private(set) var writer: JournalWriter
    let setAside: [Recovery.SetAside]
    /// The segments that were there.
    let segmentCount: Int
    /// What the history could not be told, as the disk failed.
    let unfinishedReplay: HistoryReplay?

    /// What can't be read so often is taken for damage.
    private static let readAttempts = 3

    /// Opens the queue to go on with it.
    init(
        directory: String, storage: any Storage, configuration: MailQueue.Configuration, time: any TimeSource,
        recorder: any HistoryRecorder, logger: Logger
    ) throws(StorageError) {
        self.directory = directory
        self.storage = storage
        self.configuration = configuration
        self.logger = logger
        self.recorder = recorder
        let folder = directory + "/journal"
        for name in ["journal", "content", "staged", "ledger", "aside"] {
            try storage.createDirectory(directory + "/" + name)
        }
        try storage.synchronizeDirectory(directory)
        contentFiles = ContentFiles(storage: storage, directory: directory)
        for name in try storage.list(contentFiles.stagingFolder) {
            try storage.remove(contentFiles.stagingFolder + "/" + name)
        }
        ledger = try Ledger(
            storage: storage, directory: directory, fileSize: configuration.ledgerFileSize, logger: logger)
        try ledger.makeDurable()

        let numbers = try storage.list(folder).compactMap { SegmentName.number(of: $0) }.sorted()
        var segments: [Recovery.Segment] = []
        var files: [(number: UInt64, file: any StorageFile)] = []
        for number in numbers {
            let file = try storage.open(folder + "/" + SegmentName.of(number), .write)
            files.append((number, file))
            segments.append(Recovery.Segment(number: number, source: try FileContent(file)))
        }
        let recovery = Recovery(segments, attempts: Self.readAttempts)
        for (number, file) in files { try Self.makeDurable(file, recovery.unproven[number]) }
        setAside = recovery.setAside
        try Self.putAside(recovery.setAside, directory: directory, storage, logger)

        // Numbers are never used twice in a state directory, and seldom after it was emptied; nor is that of a file that
        // waits for its removal.
        let fileNumbers = try storage.list(contentFiles.folder).compactMap { QueueID($0)?.number }
        let nextNumber = max(
            recovery.checkpoint.nextNumber, UInt64(max(0, time.now.milliseconds)) << 10, (fileNumbers.max() ?? 0) + 1)
        segmentCount = numbers.count
        var checkpoint = recovery.checkpoint
        live = LiveQueue(
            table: recovery.table, head: recovery.checkpoint.head, nextNumber: nextNumber, time: time,
            recorder: recorder)
        var historyIsWhole = true
        let replay = HistoryReplay(segments: segments, checkpoint: recovery.checkpoint, contentFiles: contentFiles)
        if !recovery.wasClosed { historyIsWhole = replay.tell(recorder, logger) }
        historyIsWhole = Self.synchronize(recorder, logger) && historyIsWhole
        unfinishedReplay = historyIsWhole ? nil : replay
        // The next start then need not tell it again: killed again and again, it would tell more each time.
        if let last = numbers.last, historyIsWhole { checkpoint.historyThrough = last }
        writer = JournalWriter(
            storage: storage, folder: folder, configuration: configuration, logger: logger, live: live,
            checkpoint: checkpoint, nextSegment: (numbers.last ?? 0) + 1)
        try writer.beginSegment()
        try sweepContentFiles(historyIsWhole: historyIsWhole)
    }

    /// Looks at the queue as it stands on the disk, and changes nothing: a segment that a running server retires
    /// meanwhile is still read, as it is open.
    ///
    /// - Parameter storage: read only.
    init(
        reading directory: String, storage: ReadOnlyStorage, configuration: MailQueue.Configuration,
        time: any TimeSource, recorder: any HistoryRecorder, logger: Logger
    ) throws(StorageError) {
        self.directory = directory
        self.storage = storage
        self.configuration = configuration
        self.logger = logger
        self.recorder = recorder
        let folder = directory + "/journal"
        contentFiles = ContentFiles(storage: storage, directory: directory)
        ledger = try Ledger(
            storage: storage, directory: directory, fileSize: configuration.ledgerFileSize, logger: logger)
        let segments = try Self.openSegments(folder, storage)
        let recovery = Recovery(segments, attempts: Self.readAttempts)
        setAside = recovery.setAside
        segmentCount = segments.count
        live = LiveQueue(
            table: recovery.table, head: recovery.checkpoint.head, nextNumber: recovery.checkpoint.nextNumber,
            time: time, recorder: recorder)
        unfinishedReplay = nil
        if !recovery.wasClosed {
            // What can't be read is in the log; nothing here lasts.
            _ = HistoryReplay(segments: segments, checkpoint: recovery.checkpoint, contentFiles: contentFiles)
                .tell(recorder, logger)
        }
        writer = JournalWriter(
            storage: storage, folder: folder, configuration: configuration, logger: logger, live: live,
            checkpoint: recovery.checkpoint, nextSegment: (segments.last?.number ?? 0) + 1)
    }

    /// What a killed process wrote may not be on stable storage yet, and is about to be relied on; where its sync had
    /// failed, another would not write it any more, so the last batch is written again in its place.
    private static func makeDurable(_ file: any StorageFile, _ batch: Range<Int64>?) throws(StorageError) {
        if let batch {
            try file.write(try file.read(at: batch.lowerBound, count: batch.count), at: batch.lowerBound)
        }
        try file.synchronize()
    }

    /// Opens all segments; where one goes between the listing and its opening, all anew.
    static func openSegments(
        _ folder: String, _ storage: any Storage
    ) throws(StorageError) -> [Recovery.Segment] {
        var attempts = 0
        while true {
            do throws(StorageError) {
                var segments: [Recovery.Segment] = []
                for number in try storage.list(folder).compactMap({ SegmentName.number(of: $0) }).sorted() {
                    let file = try storage.open(folder + "/" + SegmentName.of(number), .read)
                    segments.append(Recovery.Segment(number: number, source: try FileContent(file)))
                }
                return segments
            } catch {
                attempts += 1
                if attempts >= 5 { throw error }
            }
        }
    }

    /// - Returns: whether the history has all that it was told on stable storage.
    private static func synchronize(_ recorder: any HistoryRecorder, _ logger: Logger) -> Bool {
        do {
            try recorder.synchronize()
            return true
        } catch {
            // The next start tells it again.
            logger.error("the history can't be synchronized", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Names what can't be read, in the log and beside the segment, which is kept for a person to look at.
    private static func putAside(
        _ damages: [Recovery.SetAside], directory: String, _ storage: any Storage, _ logger: Logger
    ) throws(StorageError) {
        for damage in damages {
            logger.critical("a part of the journal is set aside", metadata: ["what": "\(damage)"])
            let path = AsidePath.reason(damage.segment, in: directory)
            let isKnown = storage.exists(path)
            let file = try storage.open(path, isKnown ? .write : .create)
            try file.write(ByteBuffer(string: "\(damage)\n"), at: try file.size())
            try file.synchronize()
        }
        if !damages.isEmpty { try storage.synchronizeDirectory(directory + "/aside") }
    }

    /// Content files that no live message names are removed; where a part of the journal is unreadable, they may belong
    /// to what stood there, and are set aside.
    ///
    /// - Parameter historyIsWhole: whether the history has the decision records in them on stable storage; else they go
    ///   with the upkeep, which tells it again first.
    private func sweepContentFiles(historyIsWhole: Bool) throws(StorageError) {
        let used = live.table.withLock { table in
            Set(
                table.messages.values.compactMap { message -> String? in
                    if case .file(let name) = message.stored.content.place { name } else { nil }
                })
        }
        _ = live.table.withLock { $0.takeUnusedFiles() }
        for name in try storage.list(contentFiles.folder) where !used.contains(name) {
            if !setAside.isEmpty {
                try storage.rename(contentFiles.path(name), to: directory + "/aside/" + AsidePath.contentPrefix + name)
            } else if historyIsWhole {
                try storage.remove(contentFiles.path(name))
            } else {
                live.table.withLock { $0.addUnusedFiles([name]) }
            }
        }
    }
}

/// Where what can't be read is kept.
enum AsidePath {
    static func reason(_ segment: UInt64, in directory: String) -> String {
        directory + "/aside/" + SegmentName.of(segment) + ".reason"
    }

    static func segment(_ segment: UInt64, in directory: String) -> String {
        directory + "/aside/" + SegmentName.of(segment)
    }

    /// Where the segment ended, in digits: what stands behind it never counted.
    static func end(_ segment: UInt64, in directory: String) -> String {
        directory + "/aside/" + SegmentName.of(segment) + ".end"
    }

    /// The messages that were brought back into the queue, a number a line.
    static func requeued(in directory: String) -> String { directory + "/aside/requeued" }

    static let contentPrefix = "content-"
}
