// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@testable import SluiceHistory

@Suite("After a crash the history") struct HistoryRecoveryTests {
    private let fixture = HistoryFixture()

    private func write(_ ids: [String]) throws {
        let history = try fixture.open()
        for (number, id) in ids.enumerated() { history.record(HistoryFixture.decision(id, after: Int64(number))) }
        try history.synchronize()
    }

    private func found() throws -> [String] { try fixture.open().find(TraceQuery(limit: 1000)).map(\.id).sorted() }

    private func cut(_ octets: Int) throws {
        let file = try #require(try fixture.files.last)
        let handle = try #require(FileHandle(forWritingAtPath: file))
        let end = try handle.seekToEnd()
        try handle.truncate(atOffset: end - UInt64(octets))
        try handle.close()
    }

    @Test("does not let a line that was cut short swallow the next one")
    func cutLine() throws {
        try write(["aaa", "bbb"])
        try cut(20)
        try write(["ccc"])
        #expect(try found() == ["aaa", "ccc"])
        try fixture.remove()
        #expect(try found() == ["aaa", "ccc"])
    }

    @Test("makes a broken index anew from the files")
    func broken() throws {
        try write(["aaa", "bbb"])
        try fixture.remove(index: ["-wal", "-shm"])
        try Data("this is no database, but long enough to be taken for one".utf8).write(
            to: URL(fileURLWithPath: fixture.index))
        #expect(try found() == ["aaa", "bbb"])
    }

    @Test("makes an index anew whose pages are damaged, or that is missing")
    func damaged() throws {
        try write((0..<200).map { "id\($0)" })
        try fixture.remove(index: ["-wal", "-shm"])
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: fixture.index)[.size] as? NSNumber
        ).intValue
        let handle = try #require(FileHandle(forWritingAtPath: fixture.index))
        try handle.seek(toOffset: UInt64(min(4096, size / 2)))
        try handle.write(contentsOf: Data(repeating: 0xA5, count: max(0, size - 4096)))
        try handle.close()
        #expect(try found().count == 200)
        try fixture.remove()
        #expect(try found().count == 200)
    }

    @Test("makes an index of another version anew")
    func otherVersion() throws {
        try write(["aaa"])
        let handle = try #require(FileHandle(forUpdatingAtPath: fixture.index))
        try fixture.remove(index: ["-wal", "-shm"])
        try handle.seek(toOffset: 60)  // user_version, big-endian
        try handle.write(contentsOf: Data([0, 0, 0, 99]))
        try handle.close()
        #expect(try found() == ["aaa"])
    }

    @Test("takes in the lines that were written before the index knew of them")
    func indexBehind() throws {
        try write(["aaa"])
        let copy = try Data(contentsOf: URL(fileURLWithPath: fixture.index))
        try write(["bbb", "ccc"])
        try fixture.remove()
        try copy.write(to: URL(fileURLWithPath: fixture.index))
        #expect(try found() == ["aaa", "bbb", "ccc"])
    }

    @Test("forgets what the index knows and the files have lost, and finds it again once the journal tells it again")
    func indexAhead() throws {
        let step = HistoryFixture.step("bbb", .queued)
        try write(["aaa", "bbb"])
        var history: History? = try fixture.open()
        history?.recordStep(step)
        try history?.synchronize()
        history = nil
        let lines = try fixture.lines
        let lost = lines.dropFirst().reduce(0) { $0 + $1.utf8.count + 1 }
        try cut(lost)
        let next = try fixture.open()
        #expect(try next.find(TraceQuery()).map(\.id) == ["aaa"])
        #expect(try next.message("bbb") == nil)
        next.record(HistoryFixture.decision("bbb", after: 1))
        next.recordStep(step)
        #expect(try next.message("bbb")?.steps == [step])
    }

    @Test("reads past lines that are none of ours")
    func foreignLines() throws {
        try write(["aaa"])
        let file = try #require(try fixture.files.last)
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("\n\u{0}\u{0}\u{0}\n{\"decision\": {}}\nnonsense\n".utf8))
        try handle.close()
        try write(["bbb"])
        try fixture.remove()
        #expect(try found() == ["aaa", "bbb"])
    }

    @Test("is a clear error where its folder can't be used")
    func noFolder() throws {
        try Data().write(to: URL(fileURLWithPath: fixture.directory))
        #expect(throws: (any Error).self) { try fixture.open() }
    }
}
