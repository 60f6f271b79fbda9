// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@Suite("Messages and their edits")
struct MessageTests {
    private let message = MessageTests.make("A: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n")

    private static func make(_ text: String) -> Message {
        let reading = HeaderSection.read(ByteBuffer(string: text))
        return Message(header: reading.header, body: ContentSlice(MemoryContent(text), from: reading.bodyOffset))
    }

    private func written(_ message: Message) throws -> String {
        String(buffer: message.headerOctets) + String(buffer: try message.body.readAll())
    }

    @Test("a message is read into header section and body")
    func read() throws {
        let read = try Message(MemoryContent("A: 1\r\n\r\nbody"))
        #expect(read.header.fields.map(\.name) == ["A"])
        #expect(try String(buffer: read.body.readAll()) == "body")
        #expect(read.length == 12 && read.defects.isEmpty)
    }

    @Test("where the header section ends is found wherever that is", arguments: [16 << 10, 32 << 10])
    func headerOfAnyLength(place: Int) throws {
        for length in place - 6...place + 6 {
            for (end, body) in [
                ("", "\r\nbody"), ("", "no field: \t"), ("X: y\r\n", "\r\n"), ("no field\r\n", "\r\nX: y\r\n"),
            ] {
                let field = "A: " + String(repeating: "x", count: length - 5) + "\r\n"
                let content = ByteBuffer(string: field + end + body + String(repeating: "\r\nz", count: 20000))
                let message = try Message(MemoryContent(content))
                let whole = HeaderSection.read(content)
                #expect(message.header.fields == whole.header.fields && message.defects == whole.defects)
                #expect(message.body.length == content.readableBytes - whole.bodyOffset)
            }
        }
    }

    @Test("a header section longer than the limit is cut, and that is a defect")
    func tooLong() throws {
        let field = "X: " + String(repeating: "x", count: 995) + "\r\n"
        let text = String(repeating: field, count: 1100) + "\r\nbody"
        let read = try Message(MemoryContent(text))
        #expect(read.defects.contains(.tooLong(limit: Message.headerReadLimit)))
        #expect(read.header.fields.count > 1000)
        #expect(read.header.fields.count < 1100)
    }

    /// Each edit, and what the message then is.
    @Test(
        "edits are applied in their order",
        arguments: [
            ([], "A: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"),
            ([.addField(name: "N", value: "x", position: nil)], "A: 1\r\nB: 2\r\na: 3\r\nN: x\r\n\r\nbody\r\n"),
            ([.addField(name: "N", value: "x", position: 0)], "N: x\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"),
            ([.addField(name: "N", value: "x", position: 1)], "A: 1\r\nN: x\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"),
            ([.addField(name: "N", value: "x", position: 99)], "A: 1\r\nB: 2\r\na: 3\r\nN: x\r\n\r\nbody\r\n"),
            ([.addField(name: "N", value: "x", position: -1)], "N: x\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"),
            ([.changeField(name: "a", occurrence: 2, value: "new")], "A: 1\r\nB: 2\r\na: new\r\n\r\nbody\r\n"),
            ([.changeField(name: "a", occurrence: 3, value: "new")], "A: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"),
            ([.deleteField(name: "A", occurrence: 1)], "B: 2\r\na: 3\r\n\r\nbody\r\n"),
            ([.deleteField(name: "C", occurrence: 1)], "A: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"),
            ([.deleteField(name: "A", occurrence: 0)], "A: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"),
            (
                [.deleteField(name: "a", occurrence: 1), .deleteField(name: "a", occurrence: 1)],
                "B: 2\r\n\r\nbody\r\n"
            ),
            ([.replaceBody(Array("new".utf8))], "A: 1\r\nB: 2\r\na: 3\r\n\r\nnew"),
            (
                [.changeReversePath(.null), .addRecipient(Mailbox(localPart: "a", domain: "b"))],
                "A: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n"
            ),
        ] as [([MessageEdit], String)])
    func edits(edits: [MessageEdit], result: String) throws {
        let edited = message.applying(edits)
        #expect(try written(edited) == result)
        #expect(edited.length == result.utf8.count)
        #expect(try written(message) == "A: 1\r\nB: 2\r\na: 3\r\n\r\nbody\r\n", "the message itself never changes")
    }

    @Test("a message without an empty line and a body leaves without them, unless it is given a body")
    func noBody() throws {
        let read = try Message(MemoryContent("A: 1\r\nB: 2\r\n"))
        let added = read.applying([.addField(name: "N", value: "x", position: 0)])
        #expect(try written(added) == "N: x\r\nA: 1\r\nB: 2\r\n")
        #expect(added.length == 18)
        #expect(try written(read.applying([.replaceBody(Array("b\r\n".utf8))])) == "A: 1\r\nB: 2\r\n\r\nb\r\n")
        #expect(try written(Message(MemoryContent("A: 1\r\n\r\n"))) == "A: 1\r\n\r\n")
    }

    @Test("a last field without a line end gets one")
    func lastLine() throws {
        #expect(try written(MessageTests.make("A: 1")) == "A: 1\r\n\r\n")
    }
}

@Suite("Content")
struct ContentSourceTests {
    @Test("reads are clamped to what there is")
    func clamped() throws {
        let content = MemoryContent("0123456789")
        let slice = ContentSlice(content, from: 2, length: 5)
        #expect(slice.length == 5)
        for (offset, count, text) in [
            (0, 5, "23456"), (3, 9, "56"), (5, 1, ""), (9, 9, ""), (-3, 2, "23"), (1, -1, ""), (0, Int.max, "23456"),
        ] {
            #expect(try String(buffer: slice.read(at: offset, count: count)) == text)
        }
        #expect(ContentSlice(content, from: 20).length == 0)
        #expect(ContentSlice(content, from: 8, length: 5).length == 2)
        #expect(ContentSlice(ContentSlice(content, from: 2), from: 2, length: 3).length == 3)
        #expect(try String(buffer: ContentSlice(slice, from: 1, length: 2).readAll()) == "34")
    }

    @Test("chunks come in order and are all of it", arguments: [1, 3, 10, 100])
    func chunks(size: Int) throws {
        var joined = ""
        try MemoryContent("0123456789").forEachChunk(of: size) {
            #expect($0.readableBytes <= size)
            joined += String(buffer: $0)
        }
        #expect(joined == "0123456789")
    }

    @Test("a buffer is read from its reader index on")
    func readerIndex() {
        var buffer = ByteBuffer(string: "xxabc")
        buffer.moveReaderIndex(forwardBy: 2)
        #expect(String(buffer: MemoryContent(buffer).read(at: 1, count: 9)) == "bc")
    }
}
