// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@testable import SluiceHistory

@Suite("The history") struct HistoryTests {
    private let fixture = HistoryFixture()

    @Test("gives a message back whole: the decision record and every step, in order")
    func whole() throws {
        let history = try fixture.open()
        let decision = HistoryFixture.decision("aaa", messageID: "<m@a.test>")
        history.record(decision)
        let steps = [
            HistoryFixture.step("aaa", .queued), HistoryFixture.step("aaa", .queued, after: 5, attempts: 1),
            HistoryFixture.step("aaa", .delivered, after: 9, attempts: 2),
        ]
        for step in steps { history.recordStep(step) }
        history.recordStep(HistoryFixture.step("bbb", .queued))
        let traced = try #require(try history.message("AAA"))
        #expect(traced.decision == decision)
        #expect(traced.steps == steps)
        #expect(try history.message("bbb") == nil)
        #expect(try history.contains("aaa"))
        #expect(try !history.contains("bbb"))
    }

    @Test("changes nothing when the journal tells a step again")
    func replay() throws {
        let history = try fixture.open()
        history.record(HistoryFixture.decision("aaa"))
        for _ in 0..<3 {
            history.recordStep(HistoryFixture.step("aaa", .queued))
            history.recordStep(HistoryFixture.step("aaa", .delivered, after: 1, attempts: 1))
            try history.flush()
        }
        #expect(try history.message("aaa")?.steps.map(\.state) == [.queued, .delivered])
        try history.rebuildIndex()
        #expect(try history.message("aaa")?.steps.map(\.state) == [.queued, .delivered])
    }

    @Test("replaces a decision that is told again, with all its recipients")
    func replaced() throws {
        let history = try fixture.open()
        history.record(
            HistoryFixture.decision("aaa", recipients: [Mailbox(localPart: "old", domain: "example.org")]))
        history.record(HistoryFixture.decision("aaa", .quarantine))
        var query = TraceQuery()
        query.recipient = "old@example.org"
        #expect(try history.find(query).isEmpty)
        #expect(try history.find(TraceQuery()).map(\.disposition) == [.quarantine])
        #expect(try history.message("aaa")?.decision.disposition == .quarantine)
    }

    @Test("is written when synchronize returns, with a file mode that keeps others out")
    func synchronized() throws {
        let history = try fixture.open()
        history.record(HistoryFixture.decision("aaa"))
        #expect(try fixture.lines.isEmpty)
        try history.synchronize()
        #expect(try fixture.lines.count == 1)
        let attributes = try FileManager.default.attributesOfItem(atPath: try #require(try fixture.files.first))
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    @Test("is written behind by its task, and once more when that ends")
    func writtenBehind() async throws {
        let history = try fixture.open()
        let task = Task { await history.run() }
        history.record(HistoryFixture.decision("aaa"))
        let end = ContinuousClock.now + .seconds(10)
        while try fixture.lines.isEmpty, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try fixture.lines.count == 1)
        history.record(HistoryFixture.decision("bbb"))
        task.cancel()
        await task.value
        #expect(try fixture.lines.count == 2)
    }

    @Test("leaves out an entry that JSON can't hold, and writes those behind it")
    func unwritable() throws {
        let history = try fixture.open()
        var odd = HistoryFixture.decision("aaa")
        odd.score = .nan
        history.record(odd)
        history.record(HistoryFixture.decision("bbb"))
        try history.flush()
        #expect(try history.message("aaa") == nil)
        #expect(try history.message("bbb")?.decision.id == "bbb")
    }

    @Test("goes on where an earlier process ended")
    func reopened() throws {
        var history: History? = try fixture.open()
        history?.record(HistoryFixture.decision("aaa"))
        try history?.synchronize()
        history = nil
        let next = try fixture.open()
        next.record(HistoryFixture.decision("bbb", after: 1))
        #expect(try next.find(TraceQuery()).map(\.id) == ["bbb", "aaa"])
        #expect(try next.message("aaa")?.decision == HistoryFixture.decision("aaa"))
    }

    @Test("only counts refusals where too many entries wait, and keeps all that was accepted")
    func flood() throws {
        let fixture = HistoryFixture(pendingLimit: 3)
        let history = try fixture.open()
        for number in 0..<10 { history.record(HistoryFixture.decision("refused\(number)", .reject)) }
        history.record(HistoryFixture.decision("aaa", .deliver))
        history.recordStep(HistoryFixture.step("aaa", .queued))
        #expect(history.figures == (5, 7))
        try history.flush()
        #expect(history.figures == (0, 7), "what was not taken is counted for as long as it runs")
        #expect(try history.find(TraceQuery()).count == 4)
        #expect(try history.message("aaa")?.steps.count == 1)
    }

    @Test("lets go of whole files by age, and of the oldest by size, never of the one it writes to")
    func retirement() throws {
        let fixture = HistoryFixture(fileLimit: 1)
        let history = try fixture.open()
        for number in 0..<4 {
            history.record(HistoryFixture.decision("id\(number)", after: Int64(number)))
            history.recordStep(HistoryFixture.step("id\(number)", .queued))
            try history.synchronize()
        }
        #expect(try fixture.files.count == 4)
        try history.retire(before: HistoryFixture.start, sizeLimit: .max)
        #expect(try fixture.files.count == 4)
        let old = Date(timeIntervalSince1970: Double(HistoryFixture.start.seconds - 100))
        try FileManager.default.setAttributes(
            [.modificationDate: old], ofItemAtPath: try #require(try fixture.files.first))
        try history.retire(before: HistoryFixture.start, sizeLimit: .max)
        #expect(try history.find(TraceQuery()).map(\.id) == ["id3", "id2", "id1"])
        #expect(try history.message("id0") == nil)
        #expect(try history.message("id1")?.steps.count == 1)
        try history.retire(before: HistoryFixture.start, sizeLimit: 0)
        #expect(try history.find(TraceQuery()).map(\.id) == ["id3"])
        #expect(try fixture.files.count == 1)
    }
}
