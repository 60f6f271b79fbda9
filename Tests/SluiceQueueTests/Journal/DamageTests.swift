// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite struct DamageTests {
    @Test("a damaged octet anywhere in a segment costs at most the message it stands in; the rest flows")
    func anywhere() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        var ids: [QueueID] = []
        for name in ["one", "two", "three", "four"] {
            let content = Sample.content(name, length: 150)
            ids += try await queue.commit(
                Sample.submission(name, to: [NewRecipient(Sample.mailbox(name))], content: .memory(content)))
        }
        await queue.close()
        let segment = try #require(fixture.segments.last)
        let length = try #require(fixture.disk.octets(of: segment)).count
        for offset in stride(from: 0, to: length, by: 5) {
            let damaged = QueueFixture(disk: SimulatedDisk(copying: fixture.disk))
            damaged.disk.damage(segment, at: offset)
            let again = try damaged.open()
            let left = again.items().map(\.id)
            #expect(left.count >= ids.count - 1, "octet \(offset)")
            if left.count < ids.count {
                #expect(again.setAside.count == 1, "octet \(offset)")
                #expect(damaged.disk.files.contains { $0.hasPrefix("/state/aside/") && $0.hasSuffix(".reason") })
                let account = try await again.account()
                #expect(account.unaccounted > 0 && !account.addsUp, "octet \(offset)")
            }
            for id in left {
                let item = try #require(again.item(id))
                #expect(try again.octets(of: id) == Sample.content(item.messageID, length: 150))
            }
            let later = try await again.commit(Sample.submission("later", .queued))
            #expect(again.item(later[0]) != nil)
        }
    }

    @Test("a damaged checkpoint is made good from the segments before it")
    func checkpoint() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        var ids = try await queue.commit(Sample.submission("one", .queued))
        ids += try await queue.commit(Sample.submission("two", .queued))
        let second = try fixture.open()  // a kill: the second segment's checkpoint has both
        ids += try await second.commit(Sample.submission("three", .queued))
        let segment = try #require(fixture.segments.last)
        for offset in stride(from: SegmentHeader.length, to: SegmentHeader.length + 500, by: 11) {
            let damaged = QueueFixture(disk: SimulatedDisk(copying: fixture.disk))
            damaged.disk.damage(segment, at: offset)
            #expect(try damaged.open().items().map(\.id) == ids, "octet \(offset)")
        }
    }

    @Test("content that was damaged after it was accepted is not delivered, and its segment is not thrown away")
    func content() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        let segment = try #require(fixture.segments.last)
        let octets = try #require(fixture.disk.octets(of: segment))
        let content = Array(buffer: Sample.content("one"))
        let start = try #require(octets.indices.first { octets[$0...].starts(with: content) })
        fixture.disk.damage(segment, at: start + 30)
        #expect(throws: JournalError.damaged("content of \(content.count) octets")) { try queue.content(of: id) }
        fixture.time.advance(by: .seconds(8000))
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.segments.contains(segment))
    }

    @Test("a segment with damage is set aside instead of removed")
    func keptAside() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        try await queue.change(id, to: .delivered)
        _ = try await queue.commit(Sample.submission("two", .removed(reason: "rule")))
        await queue.close()
        let segment = try #require(fixture.segments.last)
        fixture.disk.damage(segment, at: 400)
        let again = try fixture.open()
        fixture.time.advance(by: .seconds(8000))
        if again.items().isEmpty == false { try await again.change(id, to: .removed) }
        try await again.maintain(now: fixture.time.now)
        #expect(!fixture.segments.contains(segment))
        let name = try #require(segment.split(separator: "/").last)
        #expect(fixture.disk.files.contains("/state/aside/\(name)"))
    }

    @Test("a file without a segment's header is set aside; one that was cut off while it was made is not damage")
    func strangeFiles() async throws {
        let fixture = QueueFixture()
        let ids = try await fixture.open().commit(Sample.submission("one", .queued))
        let short = try fixture.disk.open("/state/journal/segment-00000000000000a0", .create)
        try short.write(ByteBuffer(repeating: 0, count: 100), at: 0)
        #expect(try fixture.open().setAside.isEmpty)
        let strange = try fixture.disk.open("/state/journal/segment-00000000000000b0", .create)
        try strange.write(ByteBuffer(repeating: 7, count: 1000), at: 0)
        let queue = try fixture.open()
        #expect(queue.setAside == ["segment 176, octets 0 to 1000: its header is not one of a segment"])
        #expect(queue.items().map(\.id) == ids)
        #expect(try await queue.account().addsUp)
    }

    @Test("content that looks like records of a segment is never taken for them")
    func forgedRecords() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        // The octets of a real segment as content, and the frame that holds them damaged: the search for the next frame
        // then goes through them.
        _ = try await queue.commit(Sample.submission("inner", .queued))
        let inner = try #require(fixture.segments.last.flatMap { fixture.disk.octets(of: $0) })
        _ = try await queue.commit(
            Sample.submission(
                "outer", to: [NewRecipient(Sample.mailbox("o"))], content: .memory(ByteBuffer(bytes: inner))))
        let last = try await queue.commit(Sample.submission("last", .queued))
        await queue.close()
        let segment = try #require(fixture.segments.last)
        fixture.disk.damage(segment, at: inner.count + 50)
        let again = try fixture.open()
        #expect(again.items().map(\.messageID) == ["inner", "last"])
        #expect(again.items().map(\.id).last == last[0])
    }
}
