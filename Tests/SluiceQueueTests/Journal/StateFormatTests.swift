// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("A state directory of a later version") struct StateFormatTests {
    /// A header as a later version would write it.
    private func header(version: UInt32, number: UInt64) -> ByteBuffer {
        var copy = SegmentHeader(number: number, salt: 7).encoded().getSlice(at: 0, length: 32) ?? ByteBuffer()
        copy.setInteger(version, at: 8, endianness: .little)
        copy.writeNumber(CRC32C.of(copy))
        copy.writeRepeatingByte(0, count: SegmentHeader.copyLength - copy.readableBytes)
        var both = copy
        both.writeImmutableBuffer(copy)
        return both
    }

    @Test("is refused by name, to write and to read, and nothing in it is touched", arguments: ["journal", "ledger"])
    func refused(folder: String) async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let ids = try await queue.commit(Sample.submission("one", .queued))
        await queue.close()
        let name = folder == "journal" ? "segment-00000000000000aa" : "ledger-00000000000000aa"
        let path = "/state/\(folder)/\(name)"
        let later = SegmentHeader.version + 1
        try fixture.disk.open(path, .create).write(header(version: later, number: 0xAA), at: 0)
        let files = fixture.disk.files
        let error = JournalError.otherVersion(path: path, later)
        #expect(throws: error) { try fixture.open() }
        #expect(throws: error) { try fixture.read() }
        #expect(fixture.disk.files == files)
        try fixture.disk.remove(path)
        #expect(try fixture.open().items().map(\.id) == ids)
    }

    @Test("is known by either copy of the header; what only looks like one is damage, not a version")
    func copies() {
        let later = header(version: 9, number: 1)
        for octet in [8, 72] {
            var damaged = later
            damaged.setInteger(UInt8(0xFF), at: octet)
            #expect(SegmentHeader.foreignVersion(damaged) == 9)
        }
        var damaged = later
        damaged.setInteger(UInt8(0xFF), at: 8)
        damaged.setInteger(UInt8(0xFF), at: 72)
        #expect(SegmentHeader.foreignVersion(damaged) == nil)
        #expect(SegmentHeader.foreignVersion(SegmentHeader(number: 1, salt: 2).encoded()) == nil)
        #expect(SegmentHeader.foreignVersion(ByteBuffer(repeating: 7, count: 500)) == nil)
        #expect(SegmentHeader.foreignVersion(ByteBuffer()) == nil)
    }
}
