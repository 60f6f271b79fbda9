// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("A mark of the queue") struct MarkTests {
    /// A disk that has what a mark names, and nothing else.
    private func copied(_ mark: QueueMark, from disk: SimulatedDisk) throws -> SimulatedDisk {
        let copy = SimulatedDisk()
        for folder in ["journal", "content", "ledger"] {
            try copy.createDirectory(QueueFixture.directory + "/" + folder)
        }
        for file in mark.files {
            let path = QueueFixture.directory + "/" + file.path
            let octets = try #require(disk.octets(of: path), "\(path)")
            let target = try copy.open(path, .create)
            try target.write(ByteBuffer(bytes: octets.prefix(file.length.map { Int($0) } ?? octets.count)), at: 0)
        }
        return copy
    }

    @Test("names files that hold the queue of that moment, whatever is accepted or delivered before they are copied")
    func moment() async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var fixture = QueueFixture()
            fixture.configuration.segmentSize = 4000
            let queue = try fixture.open()
            var ids: [QueueID] = []
            func live(_ count: Int) async throws {
                for _ in 0..<count {
                    let name = "m\(ids.count)"
                    let states: [NewRecipient.InitialState] = [.queued, .held, .quarantined(reason: "why")]
                    let state = states.randomElement(using: &generator) ?? .queued
                    let large = Sample.content(name, length: 3000)
                    let content = Bool.random(using: &generator) ? Submission.Content.memory(large) : nil
                    let submission = Sample.submission(
                        name, to: [NewRecipient(Sample.mailbox(name), state)], content: content)
                    ids.append(try await queue.commit(submission)[0])
                    if let id = ids.randomElement(using: &generator),
                        queue.item(id)?.recipients[0].state.name == .queued
                    {
                        try await queue.change(id, to: .delivered)
                    }
                    if Int.random(in: 0..<15, using: &generator) == 0 {
                        fixture.time.advance(by: .seconds(1000))
                        try await queue.maintain(now: fixture.time.now)
                    }
                }
            }
            try await live(Int.random(in: 0...60, using: &generator))
            let (mark, (items, account)) = try await queue.mark { (queue.items(), queue.ledgerWitness().length) }
            let witness = queue.ledgerWitness()
            #expect(mark.ledger.head == witness.head && mark.ledger.length == account)
            let contents = try items.map { try queue.octets(of: $0.id) }
            // No upkeep from here on: all else goes on.
            for _ in 0..<10 {
                let id = try await queue.commit(Sample.submission("later", .queued))[0]
                try await queue.change(id, to: .delivered)
            }
            for item in items where item.recipients[0].state.name == .queued {
                try await queue.change(item.id, to: .bounced)
            }
            var copy = QueueFixture(disk: try copied(mark, from: fixture.disk))
            copy.configuration = fixture.configuration
            let restored = try copy.open()
            #expect(restored.setAside.isEmpty && restored.items() == items, "seed \(seed)")
            #expect(try restored.items().map { try restored.octets(of: $0.id) } == contents)
            #expect(restored.ledgerWitness() == mark.ledger)
            #expect(try await restored.account().addsUp)
        }
    }

    @Test("is not made where the disk fails, and the next one is")
    func failure() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        _ = try await queue.commit(Sample.submission("one", .queued))
        fixture.disk.failNext("fdatasync", code: 5)
        await #expect(throws: JournalError.self) { try await queue.mark {} }
        _ = try await queue.commit(Sample.submission("two", .queued))
        let (mark, _) = try await queue.mark {}
        let restored = try QueueFixture(disk: try copied(mark, from: fixture.disk)).open()
        #expect(restored.items().map(\.messageID) == ["one", "two"])
    }
}
