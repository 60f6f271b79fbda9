// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("A queue that is only read") struct ReadingTests {
    private func octets(_ disk: SimulatedDisk) -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: disk.files.map { ($0, disk.octets(of: $0) ?? []) })
    }

    @Test("shows what the one that writes shows, and changes nothing on the disk")
    func same() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        var ids: [QueueID] = []
        for number in 0..<20 { ids += try await queue.commit(Sample.submission("m\(number)", .queued, .held)) }
        for id in ids.prefix(5) { try await queue.change(id, to: .delivered) }
        _ = try await queue.commit(
            Sample.submission(
                "large", to: [NewRecipient(Sample.mailbox("l"))], content: .memory(Sample.content("l", length: 5000))))
        let before = octets(fixture.disk)
        let reading = try fixture.read()
        #expect(reading.items() == queue.items())
        #expect(reading.statistics() == queue.statistics())
        #expect(try await reading.account() == queue.account())
        for item in reading.items() {
            #expect(try reading.octets(of: item.id) == queue.octets(of: item.id))
            #expect(try reading.record(of: item.messageID)?.id == item.messageID)
        }
        #expect(octets(fixture.disk) == before)
        #expect(fixture.history.decisions.count == 42, "what a killed server may not have told the history is told")
    }

    @Test("refuses every change, and leaves the disk as it is")
    func refuses() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        await queue.close()
        let before = octets(fixture.disk)
        let reading = try fixture.read()
        await #expect(throws: JournalError.self) { try await reading.change(id, to: .delivered) }
        await #expect(throws: JournalError.self) { try await reading.commit(Sample.submission("two", .queued)) }
        await #expect(throws: JournalError.self) {
            try await reading.maintain(now: fixture.time.now + .seconds(100_000))
        }
        #expect(throws: JournalError.self) { try reading.stageContent() }
        await reading.close()
        #expect(octets(fixture.disk) == before)
        #expect(reading.item(id) != nil)
    }

    @Test("is a snapshot of one that is written to: each message whole or not at all, at every step of the writer")
    func snapshot() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        var committed = 0
        for number in 0..<40 {
            let id = try await queue.commit(Sample.submission("m\(number)", .queued))[0]
            committed += 1
            let reading = try fixture.read()
            #expect(reading.items().map(\.messageID).contains("m\(number)"))
            #expect(try reading.octets(of: id) == Sample.content("m\(number)"))
            #expect(try await reading.account().accepted == committed)
            if number.isMultiple(of: 3) { try await queue.change(id, to: .delivered) }
            if number.isMultiple(of: 10) {
                fixture.time.advance(by: .seconds(4000))
                try await queue.maintain(now: fixture.time.now)
            }
        }
    }

    @Test("of a damaged journal has the rest, and sets nothing aside")
    func damaged() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        for name in ["one", "two", "three"] { _ = try await queue.commit(Sample.submission(name, .queued)) }
        await queue.close()
        fixture.disk.damage(try #require(fixture.segments.last), at: 700)
        let reading = try fixture.read()
        #expect(reading.setAside.count == 1)
        #expect(reading.items().count == 2)
        #expect(!fixture.disk.files.contains { $0.hasPrefix("/state/aside/") })
    }
}
