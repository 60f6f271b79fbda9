// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import SluiceCore
import Testing

@testable import SluiceHistory

@Suite("A broken index", .serialized) struct BrokenIndexTests {
    enum Breakage: String, CaseIterable, Sendable {
        case garbage, truncated, halved, missing, newer, emptied, locked

        /// Breaks the index; what is returned holds the lock.
        func apply(to path: String) throws -> DatabaseQueue? {
            switch self {
            case .garbage: try Data(repeating: 0x5A, count: 5000).write(to: URL(filePath: path))
            case .truncated: try Data().write(to: URL(filePath: path))
            case .halved:
                let octets = try Data(contentsOf: URL(filePath: path))
                try octets.prefix(octets.count / 2).write(to: URL(filePath: path))
            case .missing:
                for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
                    try FileManager.default.removeItem(atPath: path + suffix)
                }
            case .newer:
                try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
            case .emptied:
                try DatabaseQueue(path: path).write {
                    try $0.execute(sql: "DROP TABLE message; DROP TABLE step; DROP TABLE recipient")
                }
            case .locked:
                var configuration = Configuration()
                configuration.allowsUnsafeTransactions = true
                let holder = try DatabaseQueue(path: path, configuration: configuration)
                try holder.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
                return holder
            }
            return nil
        }
    }

    @Test("is made anew at the start, whatever is wrong with it", arguments: Breakage.allCases)
    func atStart(_ breakage: Breakage) throws {
        let fixture = HistoryFixture()
        var history: History? = try fixture.open()
        for number in 0..<20 {
            history?.record(HistoryFixture.decision("id\(number)", after: Int64(number)))
            history?.recordStep(HistoryFixture.step("id\(number)", .delivered))
        }
        try history?.synchronize()
        history = nil
        let holder = try breakage.apply(to: fixture.index)
        let again = try fixture.open()
        #expect(try again.find(TraceQuery()).count == 20)
        #expect(try again.message("id7")?.steps.count == 1)
        again.record(HistoryFixture.decision("later"))
        #expect(try again.message("later") != nil)
        withExtendedLifetime(holder) {}
    }

    @Test("is made anew while it is in use, by who writes and by who asks", arguments: Breakage.allCases)
    func whileRunning(_ breakage: Breakage) throws {
        for asksFirst in [false, true] {
            let fixture = HistoryFixture()
            let history = try fixture.open()
            for number in 0..<20 { history.record(HistoryFixture.decision("id\(number)", after: Int64(number))) }
            try history.synchronize()
            let holder = try breakage.apply(to: fixture.index)
            if asksFirst { #expect(try history.message("id3")?.decision.id == "id3") }
            history.record(HistoryFixture.decision("later", after: 100))
            try history.flush()
            #expect(try history.find(TraceQuery()).map(\.id).first == "later", "\(breakage), \(asksFirst)")
            #expect(try history.find(TraceQuery()).count == 21, "\(breakage), \(asksFirst)")
            #expect(try fixture.lines.count == 21, "the files are told once")
            withExtendedLifetime(holder) {}
        }
    }

    @Test("that says that something stands where it doesn't is found out when it is asked")
    func misplaced() throws {
        let fixture = HistoryFixture()
        var history: History? = try fixture.open()
        for name in ["aaa", "bbb"] {
            history?.record(HistoryFixture.decision(name))
            history?.recordStep(HistoryFixture.step(name, .queued))
        }
        try history?.synchronize()
        history = nil
        try DatabaseQueue(path: fixture.index).write { try $0.execute(sql: "UPDATE message SET offset = 5") }
        let again = try fixture.open()
        #expect(try again.message("bbb")?.decision.id == "bbb")
        #expect(try again.message("aaa")?.steps.count == 1)
    }

    @Test("is not asked where the line itself is damaged: the message is not known any more, and others are")
    func damagedLine() throws {
        let fixture = HistoryFixture()
        var history: History? = try fixture.open()
        for name in ["aaa", "bbb"] { history?.record(HistoryFixture.decision(name)) }
        try history?.synchronize()
        history = nil
        let path = try #require(try fixture.files.first)
        var octets = try Data(contentsOf: URL(filePath: path))
        octets[3] = 0xFF
        try octets.write(to: URL(filePath: path))
        let again = try fixture.open()
        #expect(try again.message("aaa") == nil)
        #expect(try again.message("bbb") != nil)
    }
}
