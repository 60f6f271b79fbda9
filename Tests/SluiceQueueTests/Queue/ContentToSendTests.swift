// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceQueue

@Suite struct ContentToSendTests {
    private let octets = ByteBuffer(bytes: (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })

    @Test(
        "content is what was stored, read in pieces of any size, from any place on", arguments: [1000, 65536, 300_000])
    func whole(piece: Int) throws {
        for start in [0, 1, 70_000, 299_999] {
            let content = VerifiedContent(MemoryContent(octets), checksum: CRC32C.of(octets)) { _ in }
            _ = try content.read(at: 0, count: 20_000)  // as one who looks at the header section first
            var offset = start
            while offset < octets.readableBytes {
                let part = try content.read(at: offset, count: piece)
                #expect(part == octets.getSlice(at: offset, length: part.readableBytes))
                offset += part.readableBytes
            }
        }
    }

    @Test(
        "one octet that is another keeps the end from being read, wherever it stands and whatever was passed over",
        arguments: [0, 1, 19_999, 20_000, 100_000, 299_998, 299_999])
    func damaged(place: Int) throws {
        var other = octets
        other.setInteger((octets.getInteger(at: place, as: UInt8.self) ?? 0) ^ 0x10, at: place)
        for start in [0, 70_000, 250_000] {
            let told = Mutex(0)
            let content = VerifiedContent(MemoryContent(other), checksum: CRC32C.of(octets)) { _ in
                told.withLock { $0 += 1 }
            }
            _ = try content.read(at: start, count: 40_000)
            #expect(throws: JournalError.self) {
                var offset = start
                while offset < other.readableBytes {
                    offset += try content.read(at: offset, count: 65536).readableBytes
                }
            }
            #expect(throws: JournalError.self, "and nobody gets there by beginning again") { try content.readAll() }
            #expect(told.withLock { $0 } == 1)
        }
    }

    @Test("large content that was damaged on the disk is not sent to its end; what is not damaged is")
    func damagedOnDisk() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let content = Sample.content("large", length: 200_000)
        let id = try await queue.commit(
            Sample.submission("large", to: [NewRecipient(Sample.mailbox("a"))], content: .memory(content)))[0]
        #expect(try queue.contentToSend(of: id).readAll() == content)
        let file = try #require(fixture.contentFiles.first)
        fixture.disk.damage(file, at: 150_000)
        let damaged = try queue.contentToSend(of: id)
        #expect(try damaged.read(at: 0, count: 65536).readableBytes == 65536)
        #expect(throws: JournalError.self) { try damaged.forEachChunk { _ in } }
        #expect(throws: JournalError.self) { try queue.content(of: id) }
    }

    @Test("what has just come is in memory for its first delivery, once, and the same as on the disk")
    func fresh() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        #expect(queue.takeFreshContent(of: id) == Sample.content("one"))
        #expect(queue.takeFreshContent(of: id) == nil)
        #expect(try queue.contentToSend(of: id).readAll() == Sample.content("one"))
        #expect(queue.fresh.octets == 0)
        let held = try await queue.commit(Sample.submission("two", .held))[0]
        #expect(queue.takeFreshContent(of: held) == nil, "it goes to nobody now")
        let again = try fixture.reopenAfterPowerCut()
        #expect(again.takeFreshContent(of: id) == nil)
    }

    @Test("a message that could not be written leaves nothing in memory")
    func notWritten() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        await #expect(throws: JournalError.clientGone) {
            try await queue.commit(Sample.submission("one", .queued), shouldBegin: { false })
        }
        #expect(queue.fresh.octets == 0)
    }

    @Test("past the limit the oldest goes, and those that were taken are not counted")
    func limit() {
        let fresh = FreshContent(limit: 10_000)
        for number in 0..<1000 as Range<UInt64> {
            fresh.put(ByteBuffer(repeating: UInt8(truncatingIfNeeded: number), count: 1000), of: number)
            #expect(fresh.octets <= 10_000)
            if number % 3 == 0 { #expect(fresh.take(number)?.readableBytes == 1000) }
        }
        #expect(fresh.take(500) == nil)
        #expect(fresh.take(998) == ByteBuffer(repeating: UInt8(truncatingIfNeeded: 998), count: 1000))
        fresh.put(ByteBuffer(repeating: 1, count: 20_000), of: 2000)
        #expect(fresh.take(2000) == nil)
    }

    @Test("staged content that was gathered is written with what follows, when it is read, and when it is committed")
    func gathered() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let content = Sample.content("large", length: 90_000)
        for (index, end) in [0, 30_000, 60_000, 90_000].enumerated() {
            let staged = try queue.stageContent()
            var rest = content
            var written = 0
            while let part = rest.readSlice(length: min(10_000, rest.readableBytes)), part.readableBytes > 0 {
                if written < end { #expect(staged.gather(part) > 0) } else { try staged.append(part) }
                written += part.readableBytes
                #expect(staged.length == written)
            }
            if index % 2 == 0 { #expect(try staged.source().readAll() == content) }
            let submission = Sample.submission(
                "large \(index)", to: [NewRecipient(Sample.mailbox("a"))], content: .staged(staged))
            let id = try await queue.commit(submission)[0]
            #expect(try queue.content(of: id).readAll() == content)
        }
        let dropped = try queue.stageContent()
        _ = dropped.gather(content)
        dropped.discard()
        #expect(fixture.stagedFiles.isEmpty)
        #expect(throws: JournalError.closed) { try dropped.append(ByteBuffer()) }
    }
}
