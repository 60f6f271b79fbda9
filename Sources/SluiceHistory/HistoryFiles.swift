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

/// The files of the history: JSON lines, appended to and never changed; a new file begins at 64 MiB.
///
/// Not thread-safe: its owner serialises the calls.
struct HistoryFiles {
    static let fileLimit: UInt64 = 64 << 20
    /// No line is longer; what is longer is no line of ours.
    static let lineLimit = 16 << 20

    let directory: String
    private let fileLimit: UInt64
    private var number: Int64
    private var handle: FileHandle
    private var size: UInt64

    /// Opens the folder, made where it is missing, and goes on after the last file.
    init(directory: String, fileLimit: UInt64 = Self.fileLimit) throws {
        self.directory = directory
        self.fileLimit = fileLimit
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        number = try Self.numbers(in: directory).last ?? 1
        (handle, size) = try Self.open(Self.path(directory, number))
        // A line that a crash cut short must not swallow the next one.
        if size > 0, try Self.lastOctet(Self.path(directory, number), size) != 0x0A {
            try handle.write(contentsOf: Data("\n".utf8))
            size += 1
        }
    }

    private static func path(_ directory: String, _ number: Int64) -> String {
        let digits = String(number)
        return "\(directory)/history-\(String(repeating: "0", count: max(0, 8 - digits.utf8.count)))\(digits).jsonl"
    }

    private static func numbers(in directory: String) throws -> [Int64] {
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
        if size >= fileLimit {
            try handle.synchronize()
            // The next one is opened first: where that fails, this one goes on.
            let (next, nextSize) = try Self.open(Self.path(directory, number + 1))
            try handle.close()
            number += 1
            (handle, size) = (next, nextSize)
        }
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

    func synchronize() throws { try handle.synchronize() }

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
            guard let reading = FileHandle(forReadingAtPath: Self.path(directory, number)) else { continue }
            defer { try? reading.close() }  // It was only read.
            var rest = Data()
            var offset: Int64 = 0
            if let start, start.file == number {
                offset = start.offset
                try reading.seek(toOffset: UInt64(max(0, offset)))
            }
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
    }

    /// Deletes whole files whose last line is older than the time, then the oldest until the size fits; never the last file.
    ///
    /// - Returns: the numbers of the files that went.
    func retire(before time: Timestamp, sizeLimit: Int) throws -> [Int64] {
        var files: [(number: Int64, path: String, size: Int, modified: Date)] = []
        for number in try Self.numbers(in: directory) where number != self.number {
            let path = Self.path(directory, number)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            files.append(
                (
                    number, path, (attributes[.size] as? NSNumber)?.intValue ?? 0,
                    attributes[.modificationDate] as? Date ?? .distantFuture
                ))
        }
        var total = files.map(\.size).reduce(Int(size), +)
        var gone: [Int64] = []
        for file in files
        where file.modified.timeIntervalSince1970 * 1000 < Double(time.milliseconds) || total > sizeLimit {
            try FileManager.default.removeItem(atPath: file.path)
            total -= file.size
            gone.append(file.number)
        }
        return gone
    }
}

/// What went wrong with the history.
package struct HistoryError: Error, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}
