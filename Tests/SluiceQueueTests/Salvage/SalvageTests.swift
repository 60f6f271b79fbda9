// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("Salvage") struct SalvageTests {
    private static let names = ["one", "two", "three", "four"]

    private func filled(_ fixture: QueueFixture, length: Int = 150) async throws {
        let queue = try fixture.open()
        for name in Self.names {
            _ = try await queue.commit(
                Sample.submission(
                    name, to: [NewRecipient(Sample.mailbox(name)), NewRecipient(Sample.mailbox(name + "2"), .held)],
                    content: .memory(Sample.content(name, length: length)),
                    edits: [.addField(name: "X-Note", value: name, position: 0)]))
        }
        await queue.close()
    }

    @Test("of whatever octet is damaged, the message that it costs is found again, whole but for what is damaged")
    func anywhere() async throws {
        let fixture = QueueFixture()
        try await filled(fixture)
        let segment = try #require(fixture.segments.last)
        let length = try #require(fixture.disk.octets(of: segment)).count
        var whole = 0
        var lost = 0
        for offset in stride(from: SegmentHeader.length, to: length, by: 7) {
            let damaged = QueueFixture(disk: SimulatedDisk(copying: fixture.disk))
            damaged.disk.damage(segment, at: offset)
            let queue = try damaged.open()
            let missing = Set(Self.names).subtracting(queue.items().map(\.messageID))
            let files = damaged.disk.files.map { [UInt8]($0.utf8) + (damaged.disk.octets(of: $0) ?? []) }
            let found = try await queue.salvage()
            #expect(files == damaged.disk.files.map { [UInt8]($0.utf8) + (damaged.disk.octets(of: $0) ?? []) })
            if missing.isEmpty {
                #expect(found.isEmpty, "octet \(offset)")
                continue
            }
            lost += 1
            guard let message = found.first, found.count == 1 else { continue }
            #expect(message.isTrusted)
            guard message.envelope == .damaged || message.contentCondition == .damaged else {
                // The damage was in a checksum, a length, or in padding.
                continue
            }
            if message.contentCondition == .whole, let content = message.content {
                whole += 1
                let name = try #require(missing.first)
                #expect(try content.readAll() == Sample.content(name, length: 150), "octet \(offset)")
            }
        }
        #expect(lost > 50 && whole > lost / 3, "\(whole) of \(lost)")
    }

    @Test("damage in the content leaves the envelope whole, and damage in the envelope the content")
    func parts() async throws {
        let fixture = QueueFixture()
        try await filled(fixture)
        let segment = try #require(fixture.segments.last)
        let octets = try #require(fixture.disk.octets(of: segment))
        let content = Array(buffer: Sample.content("two", length: 150))
        let start = try #require(octets.indices.first { octets[$0...].starts(with: content) })
        fixture.disk.damage(segment, at: start + 40)
        let queue = try fixture.open()
        let message = try #require(try await queue.salvage().first)
        #expect(message.messageID == "two" && message.envelope == .whole && message.contentCondition == .damaged)
        #expect(message.items.first?.recipients.map(\.mailbox) == [Sample.mailbox("two"), Sample.mailbox("two2")])
        #expect(message.items.first?.edits == [.addField(name: "X-Note", value: "two", position: 0)])
        #expect(message.record?.id == "two")
        await #expect(throws: JournalError.self) {
            try await queue.requeue(message, record: Sample.record("two"), by: "op")
        }
    }

    @Test("brings a message back under its id, held, once, and the next start knows it")
    func requeued() async throws {
        let fixture = QueueFixture()
        try await filled(fixture)
        let segment = try #require(fixture.segments.last)
        let octets = try #require(fixture.disk.octets(of: segment))
        // A digit of an address in the envelope of "three": its record's checksum is wrong then.
        let note = Array("X-Note".utf8)
        let places = octets.indices.filter { octets[$0...].starts(with: note) }
        fixture.disk.damage(segment, at: try #require(places.dropFirst(2).first) + 2)
        let queue = try fixture.open()
        #expect(Set(queue.items().map(\.messageID)) == ["one", "two", "four"])
        let message = try #require(try await queue.salvage().first)
        #expect(message.messageID == "three" && message.envelope == .damaged && message.contentCondition == .whole)
        let ids = try await queue.requeue(message, record: try #require(message.record), by: "op")
        let item = try #require(queue.item(ids[0]))
        #expect(item.recipients.map(\.state) == [.held, .held])
        #expect(item.recipients[0].steps.last?.by == "op")
        #expect(item.recipients[0].steps.last?.why.hasPrefix("salvaged from segment ") == true)
        #expect(try queue.octets(of: ids[0]) == Sample.content("three", length: 150))
        #expect(try await queue.salvage().isEmpty)
        for id in ids { for number in 0..<2 { try await queue.change(id, number, to: .removed) } }
        #expect(try await queue.salvage().isEmpty, "what was brought back once is not offered again")
        #expect(try await fixture.reopenAfterPowerCut().salvage().isEmpty)
    }

    @Test("offers nothing that the ledger knows to be delivered, and of a message only who is not")
    func finished() async throws {
        let fixture = QueueFixture()
        try await filled(fixture)
        let queue = try fixture.open()
        let (one, two) = (queue.items()[0].id, queue.items()[1].id)
        for number in 0..<2 { try await queue.change(one, number, to: .delivered) }
        try await queue.change(two, 0, to: .delivered)
        await queue.close()
        // Both segments are unreadable at their beginnings: all that was in the queue is lost.
        for segment in fixture.segments { for octet in [20, 84] { fixture.disk.damage(segment, at: octet) } }
        let again = try fixture.open()
        #expect(again.items().isEmpty && again.setAside.count == 2)
        let found = try await again.salvage()
        try #require(found.map(\.messageID) == ["two", "three", "four"])
        #expect(found.allSatisfy { !$0.isTrusted && $0.contentCondition == .whole })
        #expect(found[0].items[0].recipients.map(\.state.isFinal) == [true, false])
        let ids = try await again.requeue(found[0], record: Sample.record("two"), by: "op")
        #expect(again.item(ids[0])?.recipients.map(\.mailbox) == [Sample.mailbox("two2")])
    }

    @Test("finds content in a file of its own by the decision record behind it, where nothing else is left")
    func files() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let content = Sample.content("large", length: 9000)
        let record = Sample.record("large", recipients: [Sample.mailbox("l")])
        let items = [
            NewItem(reversePath: record.reversePath, recipients: [NewRecipient(Sample.mailbox("l"))])
        ]
        _ = try await queue.commit(
            Submission(messageID: "large", content: .memory(content), items: items, record: record))
        await queue.close()
        let segment = try #require(fixture.segments.last)
        for octet in stride(from: 0, to: 600, by: 3) { fixture.disk.damage(segment, at: octet) }
        let again = try fixture.open()
        #expect(again.items().isEmpty)
        let message = try #require(try await again.salvage().first)
        #expect(message.messageID == "large" && message.place.hasPrefix("aside/content-"))
        #expect(try message.content?.readAll() == content)
        #expect(message.items.first?.recipients.map(\.mailbox) == [Sample.mailbox("l")])
        #expect(message.record == record)
    }

    @Test("finds a segment that was retired to aside, up to where it ended and no further")
    func retired() async throws {
        let fixture = QueueFixture()
        try await filled(fixture)
        let segment = try #require(fixture.segments.last)
        let octets = try #require(fixture.disk.octets(of: segment))
        let content = Array(buffer: Sample.content("two", length: 150))
        let start = try #require(octets.indices.first { octets[$0...].starts(with: content) })
        fixture.disk.damage(segment, at: start - 60)
        let queue = try fixture.open()
        for item in queue.items() { for number in 0..<2 { try await queue.change(item.id, number, to: .removed) } }
        fixture.time.advance(by: .seconds(9000))
        try await queue.maintain(now: fixture.time.now)
        #expect(!fixture.segments.contains(segment))
        let name = try #require(segment.split(separator: "/").last)
        #expect(fixture.disk.octets(of: "/state/aside/\(name).end") == Array("\(octets.count)\n".utf8))
        #expect(try await queue.salvage().map(\.messageID) == ["two"])
        #expect(try await fixture.read().salvage().map(\.messageID) == ["two"])
    }
}
