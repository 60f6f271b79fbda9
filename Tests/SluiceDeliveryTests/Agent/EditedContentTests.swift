// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceDelivery
import SluiceTesting
import Testing

@Suite("Edited content")
struct EditedContentTests {
    @Test("any part of it is the same part of head and body together", arguments: 0..<100)
    func parts(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let head = random.octets(Int.random(in: 0...20, using: &random))
        let body = random.octets(Int.random(in: 0...20, using: &random))
        let content = EditedContent(head: ByteBuffer(bytes: head), body: MemoryContent(ByteBuffer(bytes: body)))
        let whole = head + body
        #expect(content.length == whole.count)
        for offset in 0...(whole.count + 1) {
            for count in 0...(whole.count + 1) {
                let octets = try content.read(at: offset, count: count)
                #expect(Array(octets.readableBytesView) == Array(whole.dropFirst(offset).prefix(count)))
            }
        }
    }

    @Test(
        "without edits the content goes out as it came, odd as it may be",
        arguments: ["", "\r\n", "no header", "A: b\r\n"])
    func unedited(_ text: String) async throws {
        let content = try await EditedContent.make(MemoryContent(text), edits: [])
        #expect(String(buffer: try content.readAll()) == text)
    }

    @Test("edits change the header section, the body's octets stay")
    func edited() async throws {
        let body = ByteBuffer(bytes: [0xFF, 0x00, 0x2E, 0x0D, 0x0A])
        var octets = ByteBuffer(string: "From: a@b\r\nX-Spam: no\r\n\r\n")
        octets.writeImmutableBuffer(body)
        let edits: [MessageEdit] = [
            .addField(name: "Received", value: "from x", position: 0), .deleteField(name: "x-spam", occurrence: 1),
        ]
        var expected = ByteBuffer(string: "Received: from x\r\nFrom: a@b\r\n\r\n")
        expected.writeImmutableBuffer(body)
        #expect(try await EditedContent.make(MemoryContent(octets), edits: edits).readAll() == expected)
        // From a file the same.
        let slice = ContentSlice(MemoryContent(octets), from: 0)
        #expect(try await EditedContent.make(slice, edits: edits).readAll() == expected)
    }
}
