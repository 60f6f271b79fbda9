// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite struct FailingDiskTests {
    private static let inputOutputError: Int32 = 5
    private static let noSpace: Int32 = 28

    @Test("a failed fdatasync is never tried again: the commit is void, the segment sealed, and the queue goes on")
    func failedSynchronize() async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let fixture = QueueFixture(disk: SimulatedDisk(seed: seed))
            let queue = try fixture.open()
            let before = try await queue.commit(Sample.submission("before", .queued))
            let segment = try #require(fixture.segments.last)
            fixture.disk.failNext("fdatasync", on: "segment-", code: Self.inputOutputError)
            await #expect {
                try await queue.commit(Sample.submission("void", .queued, .queued))
            } throws: { error in
                guard case JournalError.notDurable(let cause) = error else { return false }
                return cause.call == "fdatasync"
            }
            let sealed = fixture.disk.octets(of: segment)
            let after = try await queue.commit(Sample.submission("after", .queued))
            #expect(fixture.disk.octets(of: segment) == sealed, "the sealed segment was written to again")
            #expect(queue.items().map(\.id) == before + after)
            // Neither after a kill, where the cache has the void commit whole, nor after a power cut.
            let killed = QueueFixture(disk: SimulatedDisk(copying: fixture.disk))
            #expect(try killed.open().items().map(\.id) == before + after)
            let again = try fixture.reopenAfterPowerCut()
            #expect(again.items().map(\.id) == before + after)
            #expect(again.setAside.isEmpty)
            let account = try await again.account()
            #expect(account.addsUp && account.accepted == 2)
        }
    }

    @Test("the outcome of a delivery outlives a failed fdatasync")
    func outcomeIsWrittenAgain() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued, .queued))[0]
        fixture.disk.failNext("fdatasync", on: "segment-", code: Self.inputOutputError)
        try await queue.change(id, 0, to: .delivered)
        let again = try fixture.reopenAfterPowerCut()
        #expect(again.item(id)?.recipients.map(\.state.name) == [.delivered, .queued])
        let account = try await again.account()
        #expect(account.delivered == 1 && account.queued == 1 && account.addsUp)
    }

    @Test("in a batch that fails, outcomes are written again and commits are not")
    func mixedBatch() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: JournalError.clientGone) {
                    try await queue.commit(Sample.submission("first", .queued)) {
                        gate.wait()
                        return false
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(20))
            group.addTask { try await queue.change(id, to: .delivered) }
            group.addTask {
                await #expect(throws: JournalError.self) { try await queue.commit(Sample.submission("void", .queued)) }
            }
            try await Task.sleep(for: .milliseconds(40))
            fixture.disk.failNext("fdatasync", on: "segment-", code: Self.inputOutputError)
            gate.open()
            try await group.waitForAll()
        }
        #expect(queue.items().isEmpty)
        let account = try await fixture.reopenAfterPowerCut().account()
        #expect(account.delivered == 1 && account.recipients == 1 && account.addsUp)
    }

    @Test("while the disk fails every request fails, and when it works again they work, nothing being lost")
    func longFailure() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        for kind in ["fdatasync", "open", "pwrite", "fsync", "ftruncate"] {
            fixture.disk.failNext(kind, code: Self.inputOutputError, times: .max)
        }
        for _ in 0..<3 {
            await #expect(throws: JournalError.self) { try await queue.commit(Sample.submission("void", .queued)) }
            await #expect(throws: JournalError.self) { try await queue.change(id, to: .delivered) }
        }
        #expect(queue.item(id)?.recipients[0].state.name == .queued)
        fixture.disk.repair()
        try await queue.change(id, to: .delivered)
        let two = try await queue.commit(Sample.submission("two", .queued))
        let again = try fixture.reopenAfterPowerCut()
        #expect(again.items().map(\.id) == two)
        #expect(try await again.account().addsUp)
    }

    @Test("a full disk refuses a commit with a clear error, and leaves the segment as it was")
    func noSpaceLeft() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let one = try await queue.commit(Sample.submission("one", .queued))
        let segment = try #require(fixture.segments.last)
        let octets = fixture.disk.octets(of: segment)
        fixture.disk.failNext("pwrite", code: Self.noSpace)
        await #expect {
            try await queue.commit(Sample.submission("void", .queued))
        } throws: { error in
            guard case JournalError.storage(let cause) = error else { return false }
            return cause.code == Self.noSpace && "\(error)".contains("No space left")
        }
        #expect(fixture.disk.octets(of: segment) == octets)
        #expect(fixture.segments.last == segment, "no need of a new segment")
        let two = try await queue.commit(Sample.submission("two", .queued))
        #expect(try fixture.reopenAfterPowerCut().items().map(\.id) == one + two)
    }

    @Test("the last of a volume is kept for the outcomes of deliveries")
    func reserve() async throws {
        var fixture = QueueFixture()
        fixture.configuration.freeSpaceReserve = 1000
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        #expect(try queue.spareSpace() >= 0)
        fixture.disk.setFreeSpace(999)
        #expect(try queue.spareSpace() < 0)
        await #expect(throws: JournalError.self) { try await queue.commit(Sample.submission("two", .queued)) }
        #expect(throws: JournalError.self, "large content would eat it while it arrives") { try queue.stageContent() }
        #expect(fixture.stagedFiles.isEmpty)
        try await queue.change(id, to: .delivered)
        #expect(queue.items().isEmpty)
        fixture.disk.setFreeSpace(1000)
        try queue.stageContent().discard()
        _ = try await queue.commit(Sample.submission("three", .queued))
    }

    @Test("content that can't be made durable is not accepted, and leaves no file")
    func contentFileFails() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        for kind in ["fdatasync", "fsync"] {
            fixture.disk.failNext(kind, on: kind == "fsync" ? "content" : "staged", code: Self.inputOutputError)
            let staged = try queue.stageContent()
            try staged.append(Sample.content("large", length: 5000))
            await #expect(throws: JournalError.self) {
                try await queue.commit(
                    Sample.submission("void", to: [NewRecipient(Sample.mailbox("a"))], content: .staged(staged)))
            }
        }
        fixture.disk.failNext("fdatasync", on: "content", code: Self.inputOutputError)
        await #expect(throws: JournalError.self) {
            try await queue.commit(Sample.submission("void", .quarantined(reason: "spam")))
        }
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.stagedFiles.isEmpty && fixture.contentFiles.isEmpty)
        #expect(queue.items().isEmpty)
    }

    @Test("a segment is kept until the history is on stable storage")
    func historyFails() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        try await queue.change(id, to: .delivered)
        fixture.time.advance(by: .seconds(4000))
        fixture.history.failSynchronize(with: StorageError(call: "fsync", path: "history", code: 5, meaning: "I/O"))
        await #expect(throws: JournalError.self) { try await queue.maintain(now: fixture.time.now) }
        #expect(fixture.segments.count == 2)
        fixture.history.failSynchronize(with: nil)
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.segments.count == 1)
    }
}
