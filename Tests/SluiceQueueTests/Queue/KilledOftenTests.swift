// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("A queue that is killed again and again") struct KilledOftenTests {
    @Test("tells the history at each start what the last run did, and not all that came before")
    func tellsOnce() async throws {
        let fixture = QueueFixture()
        for run in 0..<20 {
            let queue = try fixture.open()
            _ = try await queue.commit(Sample.submission("m\(run)", .queued))
        }
        // Each is told twice: when it was accepted, and after the kill.
        #expect(fixture.history.decisions.count == 39)
        #expect(fixture.segments.count == 20)
        #expect(try fixture.open().segmentsAtStart == 20)
    }

    @Test("tells it again where the history could not be synced")
    func tellsAgain() async throws {
        let fixture = QueueFixture()
        _ = try await fixture.open().commit(Sample.submission("one", .queued))
        fixture.history.failSynchronize(
            with: StorageError(call: "fdatasync", path: "history", code: 5, meaning: "Input/output error"))
        _ = try fixture.open()
        fixture.history.failSynchronize(with: nil)
        _ = try fixture.open()
        #expect(fixture.history.decisions.map(\.id) == ["one", "one", "one"])
        _ = try fixture.open()
        #expect(fixture.history.decisions.count == 3)
    }

    @Test("reads the checkpoints of the newest segments only")
    func readsLittle() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        for number in 0..<30 { _ = try await queue.commit(Sample.submission("m\(number)", .queued)) }
        for _ in 0..<3 { _ = try fixture.open() }
        let few = fixture.disk.calls
        _ = try fixture.open()
        let callsOfFew = fixture.disk.calls - few
        for _ in 0..<30 { _ = try fixture.open() }
        let many = fixture.disk.calls
        let last = try fixture.open()
        let callsOfMany = fixture.disk.calls - many
        // A segment more costs its opening, its sync and its header, not what stands in it.
        #expect(callsOfMany - callsOfFew <= 31 * 7, "\(callsOfFew), \(callsOfMany)")
        #expect(last.items().count == 30)
        #expect(try await last.account().addsUp)
    }

    @Test("needs one upkeep to be rid of the segments, without reading again what the ledger has")
    func upkeep() async throws {
        let fixture = QueueFixture()
        var ids: [QueueID] = []
        for run in 0..<10 {
            let queue = try fixture.open()
            ids += try await queue.commit(Sample.submission("m\(run)", .queued))
            if run > 0 { try await queue.change(ids[run - 1], to: .delivered) }
        }
        let queue = try fixture.open()
        try await queue.maintain(now: fixture.time.now)
        // The last message's segment, and the one that is written to.
        #expect(fixture.segments.count == 2)
        let again = try fixture.reopenAfterPowerCut()
        try await again.maintain(now: fixture.time.now)
        let account = try await again.account()
        #expect(account.accepted == 10 && account.delivered == 9 && account.queued == 1 && account.addsUp)
    }
}
