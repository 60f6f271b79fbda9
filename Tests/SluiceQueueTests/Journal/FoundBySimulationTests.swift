// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("What the simulated disk has found") struct FoundBySimulationTests {
    private static let inputOutput = DiskFault.inputOutput.code

    @Test("a notification that had to be written again is read from where it stands now")
    func notificationWrittenAgain() async throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let fixture = QueueFixture(disk: SimulatedDisk(seed: seed))
            let queue = try fixture.open()
            let id = try await queue.commit(Sample.submission("one", .queued))[0]
            fixture.disk.failNext("fdatasync", on: "segment-", code: Self.inputOutput)
            let bounce = StateChange(item: id, recipient: 0, state: .bounced, replyCode: 550, by: "delivery")
            let notice = try await queue.apply([bounce], adding: [Sample.submission("notice", .queued)])[0][0]
            for again in [queue, try fixture.reopenAfterPowerCut(), try fixture.reopenAfterPowerCut()] {
                #expect(try again.octets(of: notice) == Sample.content("notice"))
                #expect(try again.record(of: "notice")?.id == "notice")
            }
        }
    }

    @Test("a decision record behind content in a file is told to the history again after a kill")
    func decisionsInFiles() async throws {
        let fixture = QueueFixture()
        _ = try await fixture.open().commit(Sample.submission("one", .quarantined(reason: "spam")))
        _ = try fixture.open()
        #expect(fixture.history.decisions.map(\.id) == ["one", "one"])
    }

    @Test("content files stay until the history has their decision records on stable storage")
    func contentFilesWaitForTheHistory() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .quarantined(reason: "spam")))[0]
        try await queue.change(id, to: .removed)
        let error = StorageError(call: "fdatasync", path: "history", code: 5, meaning: "Input/output error")
        fixture.history.failSynchronize(with: error)
        await #expect(throws: JournalError.self) { try await queue.maintain(now: fixture.time.now) }
        let again = try fixture.open()
        #expect(fixture.contentFiles.count == 1)
        // The number of a file that waits for its removal is not given again.
        let later = try await again.commit(Sample.submission("two", .quarantined(reason: "spam")))[0]
        fixture.history.failSynchronize(with: nil)
        try await again.maintain(now: fixture.time.now)
        #expect(fixture.contentFiles == ["/state/content/\(later)"])
        #expect(try again.octets(of: later) == Sample.content("two"))
    }

    @Test("the history is told again where the disk failed while it was told")
    func historyAfterReadErrors() async throws {
        let fixture = QueueFixture()
        _ = try await fixture.open().commit(Sample.submission("one", .quarantined(reason: "spam")))
        fixture.disk.failNext("open", on: "/content/", code: DiskFault.noDescriptors.code)
        _ = try fixture.open()
        #expect(fixture.history.decisions.count == 1)
        _ = try fixture.open()
        #expect(fixture.history.decisions.count == 2)
    }

    @Test("a segment that can be read at the third attempt is no damage")
    func readErrors() async throws {
        let fixture = QueueFixture()
        let ids = try await fixture.open().commit(Sample.submission("one", .queued))
        let path = try #require(fixture.segments.last)
        let number = try #require(SegmentName.number(of: String(path.dropFirst("/state/journal/".count))))
        let source = try FileContent(try fixture.disk.open(path, .read))
        for failing in 1...3 {
            fixture.disk.failNext("pread", code: Self.inputOutput, times: failing)
            let recovery = Recovery([Recovery.Segment(number: number, source: source)], attempts: 3)
            #expect(recovery.setAside.isEmpty == (failing < 3))
            #expect(recovery.table.items.keys.map { $0 } == (failing < 3 ? ids : []))
        }
    }

    @Test("files of the ledger go one after the other, so that no power cut leaves a gap between them")
    func ledgerIsPrunedInOrder() async throws {
        for seed in 1...30 as ClosedRange<UInt64> {
            var fixture = QueueFixture(disk: SimulatedDisk(seed: seed))
            fixture.configuration.ledgerFileSize = 300
            fixture.configuration.ledgerKeep = .seconds(86400)
            let queue = try fixture.open()
            for number in 0..<6 {
                let id = try await queue.commit(Sample.submission("m\(number)", .queued))[0]
                try await queue.change(id, to: .delivered)
                fixture.time.advance(by: .seconds(700))
                try await queue.maintain(now: fixture.time.now)
            }
            fixture.time.advance(by: .seconds(200_000))
            try await queue.maintain(now: fixture.time.now)
            let account = try await fixture.reopenAfterPowerCut().account()
            #expect(account.addsUp, "\(account), seed \(seed)")
        }
    }

    @Test("a file of the ledger that was cut off while it was made does not stand for what the one before it holds")
    func voidLedgerFile() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        try await queue.change(id, to: .delivered)
        fixture.time.advance(by: .seconds(7200))
        try await queue.maintain(now: fixture.time.now)
        _ = try fixture.disk.open("/state/ledger/ledger-0000000000000002", .create)
        let again = try fixture.open()
        let account = try await again.account()
        #expect(account.delivered == 1 && account.addsUp, "\(account)")
        // Nor is it in the way of the file that will have its name.
        let two = try await again.commit(Sample.submission("two", .held))[0]
        try await again.maintain(now: fixture.time.now + .seconds(7200))
        let last = try fixture.reopenAfterPowerCut()
        #expect(try await last.account().addsUp && last.item(two) != nil)
    }

    @Test("what only the cache has of ledger and journal is on stable storage before a start relies on it")
    func cacheAlone() async throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let fixture = QueueFixture(disk: SimulatedDisk(seed: seed))
            let queue = try fixture.open()
            let id = try await queue.commit(Sample.submission("one", .queued))[0]
            try await queue.change(id, to: .held)
            fixture.time.advance(by: .seconds(7200))
            if seed.isMultiple(of: 2) {
                fixture.disk.failNext("fdatasync", on: "ledger-", code: Self.inputOutput)
                fixture.disk.failNext("ftruncate", on: "ledger-", code: Self.inputOutput)
                try? await queue.maintain(now: fixture.time.now)
            } else {
                for call in ["fdatasync", "ftruncate", "open to write"] {
                    fixture.disk.failNext(call, on: "journal", code: Self.inputOutput, times: 9)
                }
                try? await queue.change(id, to: .queued(attempts: 0, nextAttempt: fixture.time.now))
            }
            // A kill: what was written can be read, though its sync had failed.
            fixture.disk.restartProcess()
            let again = try fixture.open()
            try await again.maintain(now: fixture.time.now)
            let state = again.item(id)?.recipients[0].state.name
            let last = try fixture.reopenAfterPowerCut()
            let account = try await last.account()
            #expect(account.addsUp, "\(account), seed \(seed)")
            #expect(last.item(id)?.recipients[0].state.name == state)
        }
    }
}
