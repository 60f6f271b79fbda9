// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import Synchronization
import Testing

@testable import SluiceHistory

/// A disk's sync that fails as often as it is told, and then succeeds without having written anything.
private final class FailingSync: Sendable {
    private let failures = Mutex(0)
    private let synced = Mutex<[Int]>([])

    func fail(_ times: Int) { failures.withLock { $0 = times } }

    /// The size of each file when it was synced.
    var sizes: [Int] { synced.withLock { $0 } }

    func synchronize(_ file: FileHandle) throws {
        let fails = failures.withLock { failures in
            defer { failures = max(0, failures - 1) }
            return failures > 0
        }
        if fails { throw StorageError(call: "fsync", path: "history", code: 5, meaning: "Input/output error") }
        let size = try Int(file.offset())
        synced.withLock { $0.append(size) }
    }
}

@Suite("Where its sync has failed the history") struct FailedSyncTests {
    private let fixture = HistoryFixture()
    private let sync = FailingSync()

    private func open(fileLimit: UInt64 = 64 << 20) throws -> History {
        try History(
            directory: fixture.directory, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fileLimit: fileLimit, pendingLimit: 1000, sync: { [sync] in try sync.synchronize($0) })
    }

    @Test("goes on in a new file, as a later sync of the old one would say nothing")
    func newFile() throws {
        let history = try open()
        history.record(HistoryFixture.decision("aaa"))
        try history.synchronize()
        history.record(HistoryFixture.decision("bbb"))
        sync.fail(1)
        #expect(throws: StorageError.self) { try history.synchronize() }
        // Told again, it stands in a file whose sync has come back.
        history.record(HistoryFixture.decision("bbb"))
        try history.synchronize()
        let files = try fixture.files
        #expect(files.count == 2)
        #expect(try String(contentsOfFile: files[1], encoding: .utf8).contains("\"bbb\""))
        #expect(sync.sizes.last ?? 0 > 0)
        try FileManager.default.removeItem(atPath: files[0])
        try fixture.remove()
        #expect(try fixture.open().contains("bbb"))
    }

    @Test("begins another file for each sync that fails, also where nothing was written since")
    func again() throws {
        let history = try open()
        history.record(HistoryFixture.decision("aaa"))
        sync.fail(3)
        for _ in 0..<3 { #expect(throws: StorageError.self) { try history.synchronize() } }
        try history.synchronize()
        #expect(try fixture.files.count == 4)
        #expect(try fixture.open().contains("aaa"))
    }

    @Test("says so at its next sync where the failure met a file that was full, and only once")
    func fullFile() throws {
        let history = try open(fileLimit: 100)
        history.record(HistoryFixture.decision("aaa"))
        try history.flush()
        sync.fail(1)
        history.record(HistoryFixture.decision("bbb"))
        try history.flush()
        #expect(try fixture.files.count == 2)
        #expect(throws: HistoryError.self) { try history.synchronize() }
        try history.synchronize()
        #expect(try history.find(TraceQuery()).count == 2)
    }

    @Test("marks which files there are and how far they reach, with what waited")
    func mark() throws {
        let history = try open(fileLimit: 100)
        for id in ["aaa", "bbb", "ccc"] {
            history.record(HistoryFixture.decision(id))
            try history.flush()
        }
        history.record(HistoryFixture.decision("ddd"))
        let marked = try history.mark()
        #expect(marked.map(\.isEnded) == [true, true, true, false])
        history.record(HistoryFixture.decision("eee"))
        try history.flush()
        for (file, id) in zip(marked, ["aaa", "bbb", "ccc", "ddd"]) {
            let data = try #require(FileManager.default.contents(atPath: fixture.directory + "/" + file.name))
            let text = String(decoding: data.prefix(Int(file.length)), as: UTF8.self)
            #expect(text.hasSuffix("\n") && text.contains("\"\(id)\"") && !text.contains("\"eee\""))
        }
    }
}
