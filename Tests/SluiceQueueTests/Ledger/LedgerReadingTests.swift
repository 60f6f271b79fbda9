// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceQueue

/// Counts what is read of the ledger's files.
private final class CountingStorage: Storage {
    private final class File: StorageFile {
        let file: any StorageFile
        let count: @Sendable (Int) -> Void
        init(_ file: any StorageFile, _ count: @escaping @Sendable (Int) -> Void) {
            self.file = file
            self.count = count
        }
        var path: String { file.path }
        func size() throws(StorageError) -> Int64 { try file.size() }
        func read(at offset: Int64, count: Int) throws(StorageError) -> ByteBuffer {
            let octets = try file.read(at: offset, count: count)
            self.count(octets.readableBytes)
            return octets
        }
        func write(_ buffer: ByteBuffer, at offset: Int64) throws(StorageError) { try file.write(buffer, at: offset) }
        func synchronize() throws(StorageError) { try file.synchronize() }
        func truncate(to size: Int64) throws(StorageError) { try file.truncate(to: size) }
    }

    let disk: SimulatedDisk
    let octets = Mutex(0)

    init(_ disk: SimulatedDisk) { self.disk = disk }

    func open(_ path: String, _ mode: StorageOpenMode) throws(StorageError) -> any StorageFile {
        let file = try disk.open(path, mode)
        guard path.contains("/ledger-") else { return file }
        return File(file) { [self] read in octets.withLock { $0 += read } }
    }
    func list(_ directory: String) throws(StorageError) -> [String] { try disk.list(directory) }
    func createDirectory(_ path: String) throws(StorageError) { try disk.createDirectory(path) }
    func rename(_ from: String, to: String) throws(StorageError) { try disk.rename(from, to: to) }
    func remove(_ path: String) throws(StorageError) { try disk.remove(path) }
    func exists(_ path: String) -> Bool { disk.exists(path) }
    func synchronizeDirectory(_ path: String) throws(StorageError) { try disk.synchronizeDirectory(path) }
    func freeSpace(_ path: String) throws(StorageError) -> Int64 { try disk.freeSpace(path) }
}

@Suite("The files of the ledger") struct LedgerReadingTests {
    @Test("are read once at a start, the newest alone, and past their time only to the first record of the next")
    func once() async throws {
        var fixture = QueueFixture()
        fixture.configuration.ledgerFileSize = 20_000
        let queue = try fixture.open()
        for round in 0..<6 {
            let names = (0..<400).map { NewRecipient(Sample.mailbox("r\(round)-\($0)"), .held) }
            _ = try await queue.commit(Sample.submission("m\(round)", to: names))
            fixture.time.advance(by: .seconds(3700))
            try await queue.maintain(now: fixture.time.now)
        }
        await queue.close()
        let files = fixture.disk.files.filter { $0.hasPrefix("/state/ledger/") }.sorted()
        #expect(files.count >= 4)
        let newest = try #require(fixture.disk.octets(of: files[files.count - 1])?.count)
        let storage = CountingStorage(fixture.disk)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let ledger = try Ledger(storage: storage, directory: "/state", fileSize: 20_000, logger: logger)
        try ledger.makeDurable()
        #expect(ledger.length == 2400)
        // Once to find its end, and the last batch, which is written again.
        #expect(storage.octets.withLock { $0 } <= 2 * newest + 1000)

        storage.octets.withLock { $0 = 0 }
        let early = Timestamp(milliseconds: 0)
        try ledger.prune(before: early)
        let first = storage.octets.withLock { $0 }
        for _ in 0..<100 { try ledger.prune(before: early) }
        #expect(storage.octets.withLock { $0 } == first, "it remembers")
        #expect(ledger.files.count == files.count)
        try ledger.prune(before: fixture.time.now)
        #expect(ledger.files.count < files.count)
    }
}
