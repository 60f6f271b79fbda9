// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

/// Where a line of the history stands.
struct HistoryPlace: Hashable, Sendable {
    var file: Int64
    var offset: Int64
    var length: Int64
}

/// One line of the history.
enum HistoryEntry: Codable, Sendable {
    case decision(DecisionRecord)
    case step(RecipientStep)

    /// Whether it is about a message that was never accepted.
    var isRefusal: Bool {
        if case .decision(let decision) = self { decision.disposition >= .defer } else { false }
    }
}

/// The files of the history: JSON lines, appended to and never changed but for refusals that go when it is full; a new
/// file begins at 64 MiB.
///
/// Not thread-safe: its owner serialises the calls.
struct HistoryFiles {
    static let fileLimit: UInt64 = 64 << 20
    /// No line is longer; what is longer is no line of ours.
    static let lineLimit = 16 << 20

    let directory: String
    private let fileLimit: UInt64
    /// The file that is written to.
    private(set) var number: Int64
    private var handle: FileHandle
    private var size: UInt64
    private let sync: @Sendable (FileHandle) throws -> Void
    /// The sync of the file that is written to has failed: a later one would succeed without having written what this one
    /// could not, so the file is not used any more.
    private var hasFailed = false
    /// A file that was left behind could not be synced, and nobody was told yet.
    private var hasUntoldFailure = false

    /// Opens the folder, made where it is missing, and goes on after the last file.
    ///
    /// - Parameters:
    ///   - beginsFile: whether it goes on in a new file, and leaves the ones that are there as they are.
    ///   - sync: makes durable what was written.
    /// - Throws: ``HistoryError`` where another version wrote it, before anything is touched.
    init(
        directory: String, fileLimit: UInt64 = Self.fileLimit, beginsFile: Bool = false,
        sync: @escaping @Sendable (FileHandle) throws -> Void = { try $0.synchronize() }
    ) throws {
        self.directory = directory
        self.fileLimit = fileLimit
        self.sync = sync
        try HistoryFormat.check(directory)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try HistoryFormat.note(directory)
        let last = try Self.numbers(in: directory).last
        number = beginsFile ? (last ?? 0) + 1 : last ?? 1
        (handle, size) = try Self.open(Self.path(directory, number))
        // A line that a crash cut short must not swallow the next one.
        if size > 0, try Self.lastOctet(Self.path(directory, number), size) != 0x0A {
            try handle.write(contentsOf: Data("\n".utf8))
            size += 1
        }
    }

    static func path(_ directory: String, _ number: Int64) -> String {
        let digits = String(number)
        return "\(directory)/history-\(String(repeating: "0", count: max(0, 8 - digits.utf8.count)))\(digits).jsonl"
    }

    static func numbers(in directory: String) throws -> [Int64] {
        try FileManager.default.contentsOfDirectory(atPath: directory)
            .filter { $0.hasPrefix("history-") && $0.hasSuffix(".jsonl") }
            .compactMap { Int64($0.dropFirst(8).dropLast(6)) }.sorted()
    }

    private static func open(_ path: String) throws -> (FileHandle, UInt64) {
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            else {
                throw HistoryError(message: "\(path): can't be made")
            }
            // Its name has to survive a crash too, or synchronize() would promise too much.
            guard let folder = FileHandle(forReadingAtPath: (path as NSString).deletingLastPathComponent) else {
                throw HistoryError(message: "\(path): its folder can't be opened")
            }
            try folder.synchronize()
            try folder.close()
        }
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw HistoryError(message: "\(path): can't be opened")
        }
        return (handle, try handle.seekToEnd())
    }

    private static func lastOctet(_ path: String, _ size: UInt64) throws -> UInt8? {
        guard let reading = FileHandle(forReadingAtPath: path) else { return nil }
        try reading.seek(toOffset: size - 1)
        return try reading.read(upToCount: 1)?.first
    }

    /// Appends lines, each without its line end, and says where each stands.
    mutating func append(_ lines: [Data]) throws -> [HistoryPlace] {
        if size >= fileLimit && !hasFailed {
            do { try sync(handle) } catch { (hasFailed, hasUntoldFailure) = (true, true) }  // synchronize() tells it
        }
        if size >= fileLimit || hasFailed { try beginNext() }
        var block = Data()
        var places: [HistoryPlace] = []
        for line in lines {
            places.append(
                HistoryPlace(file: number, offset: Int64(size) + Int64(block.count), length: Int64(line.count)))
            block.append(line)
            block.append(0x0A)
        }
        do {
            try handle.write(contentsOf: block)
            size += UInt64(block.count)
        } catch {
            // What was written in part is cut off again, so that offsets hold.
            try handle.truncate(atOffset: size)
            throw error
        }
        return places
    }

    private mutating func beginNext() throws {
        // The next one is opened first: where that fails, this one stays.
        let (next, nextSize) = try Self.open(Self.path(directory, number + 1))
        try? handle.close()  // synced, or given up
        number += 1
        (handle, size, hasFailed) = (next, nextSize, false)
    }

    /// Returns when all is on stable storage that was appended since it last threw.
    ///
    /// - Throws: once for each sync that failed, here or when a file was full. What was appended between the last good one
    ///   and this may then be lost, whatever a later sync says; whoever can has to tell it again.
    mutating func synchronize() throws {
        if hasUntoldFailure {
            hasUntoldFailure = false
            throw HistoryError(message: "\(directory): a file that was full could not be synced")
        }
        if hasFailed { try beginNext() }
        do { try sync(handle) } catch {
            hasFailed = true
            throw error
        }
    }

    func read(_ place: HistoryPlace) throws -> Data? {
        guard place.length <= Self.lineLimit,
            let reading = FileHandle(forReadingAtPath: Self.path(directory, place.file))
        else { return nil }
        defer { try? reading.close() }  // It was only read.
        try reading.seek(toOffset: UInt64(place.offset))
        return try reading.read(upToCount: Int(place.length))
    }

    /// Calls `body` with every line of every file, from the oldest on, or from behind `start`.
    ///
    /// - Throws: ``HistoryError`` where the files end before `start`: then the index knows of lines that were lost.
    func forEachLine(
        after start: (file: Int64, offset: Int64)? = nil, _ body: (Data, HistoryPlace) throws -> Void
    ) throws {
        if let start, start.file > number || (start.file == number && UInt64(max(0, start.offset)) > size) {
            throw HistoryError(message: "the index is ahead of the files")
        }
        for number in try Self.numbers(in: directory) where number >= start?.file ?? 0 {
            let offset = start.flatMap { $0.file == number ? max(0, $0.offset) : nil } ?? 0
            try forEachLine(of: number, from: offset, body)
        }
    }

    /// Calls `body` with every line of one file, from an offset on.
    func forEachLine(of number: Int64, from start: Int64 = 0, _ body: (Data, HistoryPlace) throws -> Void) throws {
        guard let reading = FileHandle(forReadingAtPath: Self.path(directory, number)) else { return }
        defer { try? reading.close() }  // It was only read.
        var rest = Data()
        var offset = start
        if offset > 0 { try reading.seek(toOffset: UInt64(offset)) }
        while let chunk = try reading.read(upToCount: 1 << 20), !chunk.isEmpty {
            rest.append(chunk)
            while let end = rest.firstIndex(of: 0x0A) {
                let line = rest[rest.startIndex..<end]
                try body(Data(line), HistoryPlace(file: number, offset: offset, length: Int64(line.count)))
                offset += Int64(line.count) + 1
                rest = rest[rest.index(after: end)...]
            }
            if rest.count > Self.lineLimit { break }
            rest = Data(rest)
        }
    }

    /// A file that is not written to any more.
    struct Ended {
        var number: Int64
        var path: String
        var size: Int
        /// When its last line was written.
        var modified: Timestamp
    }

    /// The files that are not written to any more, oldest first.
    func ended() throws -> [Ended] {
        try Self.numbers(in: directory).filter { $0 != number }.map { number in
            let path = Self.path(directory, number)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let modified = attributes[.modificationDate] as? Date ?? .distantFuture
            return Ended(
                number: number, path: path, size: (attributes[.size] as? NSNumber)?.intValue ?? 0,
                modified: Timestamp(milliseconds: Int64(min(modified.timeIntervalSince1970, 1e15) * 1000)))
        }
    }

    /// Octets of the file that is written to.
    var currentSize: Int { Int(clamping: size) }
}

/// What went wrong with the history.
package struct HistoryError: Error, CustomStringConvertible {
    package let message: String
    /// Whether a later version of Sluice wrote it, and this one must not touch it.
    package let isOtherVersion: Bool

    init(message: String, isOtherVersion: Bool = false) {
        self.message = message
        self.isOtherVersion = isOtherVersion
    }

    package var description: String { message }
}
