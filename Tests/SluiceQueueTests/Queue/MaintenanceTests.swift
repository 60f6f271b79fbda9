// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite struct MaintenanceTests {
    @Test("segments are retired as soon as nothing alive stands in them, and everything live stays")
    func retirement() async throws {
        var fixture = QueueFixture()
        fixture.configuration.segmentSize = 4000
        let queue = try fixture.open()
        var kept: [QueueID] = []
        for number in 0..<60 {
            let id = try await queue.commit(Sample.submission("m\(number)", .queued))[0]
            if number % 20 == 7 { kept.append(id) } else { try await queue.change(id, to: .delivered) }
        }
        #expect(fixture.segments.count > 10)
        try await queue.maintain(now: fixture.time.now)
        // Each of the kept ones holds its segment.
        #expect((2...4).contains(fixture.segments.count))
        fixture.time.advance(by: .seconds(3601))
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.segments.count == 1 && fixture.contentFiles.count == 3)
        for restarted in [queue, try fixture.reopenAfterPowerCut()] {
            #expect(restarted.items().map(\.id) == kept)
            for item in restarted.items() {
                #expect(try restarted.octets(of: item.id) == Sample.content(item.messageID))
                #expect(try restarted.record(of: item.messageID)?.id == item.messageID)
            }
            let account = try await restarted.account()
            #expect(account.delivered == 57 && account.queued == 3 && account.accepted == 60 && account.addsUp)
        }
    }

    @Test("content of a finished message goes from the disk within the hour on a quiet server")
    func quietServer() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        try await queue.change(id, to: .delivered)
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.segments.count == 1)
        fixture.time.advance(by: .seconds(3601))
        try await queue.maintain(now: fixture.time.now)
        let octets = fixture.segments.flatMap { fixture.disk.octets(of: $0) ?? [] }
        #expect(!String(decoding: octets, as: UTF8.self).contains("Subject: one"))
        #expect(fixture.history.synchronizations > 0)
        let before = fixture.segments
        fixture.time.advance(by: .seconds(36_000))
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.segments == before, "an idle journal writes no segments")
    }

    @Test("the ledger takes a long segment in parts; where the disk fails between them, the next time adds what lacks")
    func longSegment() async throws {
        let recipients = 20
        // Without a failure; then with one at some of the calls, which leaves a part of the segment in the ledger.
        for failing in [nil, 4, 6, 8, 10, 11, 12, 13, 14] as [Int?] {
            var fixture = QueueFixture()
            fixture.configuration.segmentSize = 1 << 20
            fixture.configuration.ledgerPart = 5000
            let queue = try fixture.open()
            for number in 0..<4 {
                let new = (0..<recipients).map { NewRecipient(Sample.mailbox("\(number)-\($0)"), .queued) }
                let id = try await queue.commit(Sample.submission("m\(number)", to: new))[0]
                try await queue.apply(
                    (0..<recipients).map {
                        StateChange(item: id, recipient: $0, state: .delivered, replyCode: 250, by: "delivery")
                    })
            }
            fixture.time.advance(by: .seconds(3601))
            let before = fixture.disk.calls
            if let failing {
                fixture.disk.fail(call: before + failing, code: 28)
                await #expect(throws: JournalError.self) { try await queue.maintain(now: fixture.time.now) }
                fixture.disk.repair()
            }
            try await queue.maintain(now: fixture.time.now)
            #expect(fixture.segments.count == 1)
            for restarted in [queue, try fixture.reopenAfterPowerCut()] {
                let account = try await restarted.account()
                #expect(account.delivered == 4 * recipients && account.unaccounted == 0 && account.chain == .intact)
            }
        }
    }

    @Test("content of a finished message goes from the disk, and what stays moves, though the clock was set back a day")
    func clockSetBack() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        _ = try await queue.commit(Sample.submission("two", .held))
        try await queue.change(id, to: .delivered)
        fixture.time.advance(by: .seconds(-86400))
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.segments.count == 1 && fixture.contentFiles.count == 1)
        let octets = fixture.segments.flatMap { fixture.disk.octets(of: $0) ?? [] }
        #expect(!String(decoding: octets, as: UTF8.self).contains("Subject: one"))
    }

    @Test("files of the ledger are dropped when all in them is past its time, and the chain holds behind them")
    func ledgerRetention() async throws {
        var fixture = QueueFixture()
        fixture.configuration.ledgerFileSize = 500
        fixture.configuration.ledgerKeep = .seconds(100_000)
        let queue = try fixture.open()
        let held = try await queue.commit(Sample.submission("held", .held))[0]
        for number in 0..<10 {
            let id = try await queue.commit(Sample.submission("m\(number)", .queued))[0]
            try await queue.change(id, to: .delivered)
            fixture.time.advance(by: .seconds(20_000))
            try await queue.maintain(now: fixture.time.now)
        }
        let files = fixture.disk.files.filter { $0.hasPrefix("/state/ledger/") }
        #expect((2...7).contains(files.count), "\(files)")
        #expect(!files.contains("/state/ledger/ledger-0000000000000001"))
        for restarted in [queue, try fixture.reopenAfterPowerCut()] {
            #expect(restarted.item(held) != nil)
            let account = try await restarted.account()
            #expect(account.chain == .intact && account.unaccounted == 0 && account.held == 1)
            #expect(account.delivered < 10 && account.delivered > 2)
        }
    }

    @Test("the witness says how long the chain is and what it ends with, and survives a restart")
    func witness() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        #expect(queue.ledgerWitness().length == 0)
        let id = try await queue.commit(Sample.submission("one", .queued, .queued))[0]
        try await queue.change(id, to: .delivered)
        let witness = queue.ledgerWitness()
        #expect(witness.length == 3 && witness.head.utf8.count == 64)
        let again = try fixture.reopenAfterPowerCut()
        #expect(again.ledgerWitness() == witness)
        await again.close()
        #expect(try fixture.open().ledgerWitness() == witness)
    }

    @Test("numbers of items are never given twice, not even where the clock goes back")
    func numbers() async throws {
        let fixture = QueueFixture()
        let first = try await fixture.open().commit(Sample.submission("one", .queued))[0]
        fixture.time.advance(by: .seconds(-100_000))
        let second = try await fixture.reopenAfterPowerCut().commit(Sample.submission("two", .queued))[0]
        #expect(second > first)
    }

    @Test("content files that nothing names are removed at the start")
    func orphans() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        _ = try await queue.commit(Sample.submission("one", .quarantined(reason: "spam")))
        for path in ["/state/content/ORPHAN", "/state/staged/99"] {
            try fixture.disk.open(path, .create).write(ByteBuffer(string: "left over"), at: 0)
        }
        _ = try fixture.open()
        #expect(fixture.contentFiles.count == 1 && !fixture.contentFiles[0].hasSuffix("ORPHAN"))
        #expect(fixture.stagedFiles.isEmpty)
    }

    @Test(
        "a copy that was made and not noted is no leftover once the message lives there, though the history failed at first"
    )
    func copyThatWasNotNoted() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .held))[0]
        let number = try #require(queue.item(id)).messageNumber
        // As an upkeep leaves it that is killed between the two.
        try fixture.disk.open("/state/content/\(QueueID(number: number))", .create).synchronize()
        fixture.history.failSynchronize(with: StorageError(call: "fsync", path: "x", code: 28, meaning: "full"))
        let again = try fixture.open()
        fixture.history.failSynchronize(with: nil)
        fixture.time.advance(by: .seconds(7200))
        try await again.maintain(now: fixture.time.now)
        let content = try again.content(of: id)
        #expect(try content.read(at: 0, count: content.length).readableBytes > 0)
        #expect(fixture.contentFiles.count == 1)
    }

    @Test("what the history could not be told at the start it is told by the upkeep, before anything goes")
    func historyThatFailsAtTheStart() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        try await queue.change(id, to: .delivered)
        let failure = StorageError(call: "fsync", path: "x", code: 28, meaning: "full")
        fixture.history.failSynchronize(with: failure)
        let again = try fixture.open()
        let told = fixture.history.decisions.count
        fixture.time.advance(by: .seconds(7200))
        await #expect(throws: JournalError.self) { try await again.maintain(now: fixture.time.now) }
        #expect(fixture.segments.count > 1, "nothing goes that the history needs")
        fixture.history.failSynchronize(with: nil)
        try await again.maintain(now: fixture.time.now)
        #expect(fixture.history.decisions.count > told && fixture.segments.count == 1)
    }
}
