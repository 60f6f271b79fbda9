// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@testable import SluiceHistory

@Suite("A full history") struct FullHistoryTests {
    /// Files of ten decisions each, every second one a refusal; the last file is the one that is written to.
    private func filled(_ fixture: HistoryFixture, files: Int) throws -> History {
        let history = try fixture.open()
        for number in 0..<files * 10 {
            let refused = number.isMultiple(of: 2)
            let id = "\(refused ? "refused" : "accepted")\(number)"
            history.record(HistoryFixture.decision(id, refused ? .reject : .deliver, after: Int64(number)))
            if !refused { history.recordStep(HistoryFixture.step(id, .delivered)) }
            if number % 10 == 9 { try history.synchronize() }
        }
        return history
    }

    private func size(_ fixture: HistoryFixture) throws -> Int {
        try fixture.files.reduce(0) {
            $0 + ((try FileManager.default.attributesOfItem(atPath: $1)[.size] as? Int) ?? 0)
        }
    }

    @Test("lets the oldest refusals go first, and keeps what was accepted, found as before")
    func refusalsFirst() throws {
        let fixture = HistoryFixture(fileLimit: 1)
        let history = try filled(fixture, files: 5)
        let all = try size(fixture)
        let first = try #require(try fixture.files.first)
        let old = Date(timeIntervalSince1970: Double(HistoryFixture.start.seconds + 7))
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: first)
        try history.retire(before: HistoryFixture.start, sizeLimit: all - 1000)
        var query = TraceQuery(limit: 1000)
        query.disposition = .reject
        let left = try history.find(query).map(\.id)
        // Those of the first file are enough.
        #expect(left.count == 20 && !left.contains("refused0") && left.contains("refused10"))
        #expect(try fixture.files.count == 5)
        #expect(try size(fixture) <= all - 1000)
        let modified = try FileManager.default.attributesOfItem(atPath: first)[.modificationDate] as? Date
        #expect(modified == old, "a file is as old as its last line")
        for number in stride(from: 1, to: 50, by: 2) {
            let message = try #require(try history.message("accepted\(number)"))
            #expect(message.steps.count == 1)
        }
        // No refusal but those of the last file is left; then whole files go.
        try history.retire(before: HistoryFixture.start, sizeLimit: all * 4 / 5)
        #expect(try history.find(query).count <= 10)
        #expect(try history.message("accepted1") != nil)
        try history.retire(before: HistoryFixture.start, sizeLimit: 0)
        #expect(try history.message("accepted1") == nil && history.message("accepted49") != nil)
        #expect(try fixture.files.count == 1)
    }

    @Test("finds what it kept after a restart and in an index that is made anew")
    func restarted() throws {
        let fixture = HistoryFixture(fileLimit: 1)
        var history: History? = try filled(fixture, files: 3)
        try history?.retire(before: HistoryFixture.start, sizeLimit: try size(fixture) * 4 / 5)
        let found = try history?.find(TraceQuery(limit: 1000)).map(\.id)
        history = nil
        for breaks in [false, true] {
            if breaks { try fixture.remove() }
            let again = try fixture.open()
            #expect(try again.find(TraceQuery(limit: 1000)).map(\.id) == found)
            #expect(try again.message("accepted3")?.steps.count == 1)
        }
    }

    @Test("is whole after a crash in the middle of writing a file anew")
    func interrupted() throws {
        let fixture = HistoryFixture(fileLimit: 1)
        var history: History? = try filled(fixture, files: 3)
        history = nil
        let index = try HistoryIndex(path: fixture.index)
        try index.beginRewrite(of: 1)
        let leftover = try #require(try fixture.files.first) + ".new"
        try Data("half a li".utf8).write(to: URL(filePath: leftover))
        history = try fixture.open()
        #expect(!FileManager.default.fileExists(atPath: leftover))
        #expect(try history?.find(TraceQuery(limit: 1000)).count == 30)
        #expect(try history?.message("accepted1")?.steps.count == 1)
    }

    @Test("keeps the later of two decisions under one id, wherever the earlier one stands")
    func toldAgain() throws {
        let fixture = HistoryFixture(fileLimit: 1)
        let history = try fixture.open()
        history.record(HistoryFixture.decision("aaa", .deliver))
        history.record(HistoryFixture.decision("refused", .reject))
        try history.synchronize()
        history.record(HistoryFixture.decision("aaa", .quarantine))
        try history.synchronize()
        history.record(HistoryFixture.decision("bbb"))
        try history.synchronize()
        try history.retire(before: HistoryFixture.start, sizeLimit: try size(fixture) - 1)
        #expect(try history.find(TraceQuery()).map(\.id).contains("refused") == false)
        #expect(try history.message("aaa")?.decision.disposition == .quarantine)
    }
}
