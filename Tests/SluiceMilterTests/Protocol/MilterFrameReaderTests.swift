// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceTesting
import Testing

@testable import SluiceMilter

@Suite("Milter frames")
struct MilterFrameReaderTests {
    @Test("packets are the same however they are cut on their way")
    func cuts() throws {
        for seed in 1...50 as ClosedRange<UInt64> {
            var generator = MilterGenerator(seed: seed)
            var stream = ByteBuffer()
            let commands = (0..<20).map { _ in generator.command() }
            for command in commands { MilterCommandEncoder.encode(command, into: &stream) }
            var reader = MilterFrameReader()
            var read: [MilterCommand] = []
            for piece in Array(stream.readableBytesView).randomPieces(using: &generator.random) {
                reader.feed(ByteBuffer(bytes: piece))
                while let packet = try reader.next() { read.append(try MilterCommandDecoder.decode(packet)) }
            }
            #expect(read == commands)
            #expect(!reader.isWithinPacket)
        }
    }

    @Test(
        "a packet as long as the limit is read, one octet more is refused by its length alone",
        arguments: [1, 2, 1_000])
    func limit(limit: Int) throws {
        for length in max(1, limit - 1)...limit {
            var reader = MilterFrameReader(limit: limit)
            var stream = ByteBuffer(integer: UInt32(length))
            stream.writeRepeatingByte(65, count: length)
            reader.feed(stream)
            #expect(try reader.next()?.payload.readableBytes == length - 1)
        }
        var reader = MilterFrameReader(limit: limit)
        reader.feed(ByteBuffer(integer: UInt32(limit + 1)))
        #expect(throws: MilterPacketError.tooLong(length: UInt32(limit + 1), limit: UInt32(limit))) {
            try reader.next()
        }
    }

    @Test("a packet without a code is refused")
    func empty() {
        var reader = MilterFrameReader()
        reader.feed(ByteBuffer(integer: UInt32(0)))
        #expect(throws: MilterPacketError.empty) { try reader.next() }
    }

    @Test("half a packet is known as such, also when its length has not come whole")
    func half() throws {
        var reader = MilterFrameReader()
        #expect(!reader.isWithinPacket)
        reader.feed(ByteBuffer(bytes: [0, 0]))
        #expect(try reader.next() == nil)
        #expect(reader.isWithinPacket)
        reader.feed(ByteBuffer(bytes: [0, 2, 65]))
        #expect(try reader.next() == nil)
        reader.feed(ByteBuffer(bytes: [66, 0]))
        #expect(try reader.next() == MilterPacket(code: 65, payload: ByteBuffer(bytes: [66])))
        #expect(try reader.next() == nil)
        #expect(reader.isWithinPacket)
    }

    @Test("what was handed out does not change when more comes")
    func slices() throws {
        var reader = MilterFrameReader()
        var stream = MilterCommand.helo(ByteBuffer(string: "one")).octets
        stream.writeBytes([0, 0])
        reader.feed(stream)
        let first = try #require(try reader.next())
        reader.feed(ByteBuffer(bytes: [0, 5, 72] + Array("two\0".utf8)))
        let second = try #require(try reader.next())
        #expect(try MilterCommandDecoder.decode(first) == .helo(ByteBuffer(string: "one")))
        #expect(try MilterCommandDecoder.decode(second) == .helo(ByteBuffer(string: "two")))
    }

    @Test("a length that is announced takes no room")
    func announced() throws {
        var reader = MilterFrameReader(limit: Int(UInt32.max))
        reader.feed(ByteBuffer(integer: UInt32.max))
        #expect(try reader.next() == nil)
        reader.feed(ByteBuffer(bytes: [66]))
        #expect(try reader.next() == nil)
    }
}
