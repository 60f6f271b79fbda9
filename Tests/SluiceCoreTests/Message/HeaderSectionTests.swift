// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@Suite("The header section (RFC 5322 §2.1, 2.2)")
struct HeaderSectionTests {
    private func read(_ text: String) -> HeaderSection.Reading { HeaderSection.read(ByteBuffer(string: text)) }

    @Test("fields stand in order, with their octets as received")
    func fields() {
        let reading = read("A: 1\r\nB:2\r\n\tfolded\r\na : 3\r\n\r\nbody")
        #expect(reading.header.fields.map(\.name) == ["A", "B", "a"])
        #expect(
            reading.header.fields.map { String(buffer: $0.raw) } == ["A: 1\r\n", "B:2\r\n\tfolded\r\n", "a : 3\r\n"])
        #expect(reading.header.fields.map(\.value) == ["1", "2\tfolded", "3"])
        #expect(reading.header.all("a").count == 2)
        #expect(reading.header.first("b")?.value == "2\tfolded")
        #expect(reading.header.first("c") == nil)
        #expect(reading.bodyOffset == 29 && reading.defects.isEmpty)
    }

    @Test(
        "the body begins behind the empty line, or with a line that is no field",
        arguments: [
            ("A: 1\r\n\r\nx", 1, "x", []), ("A: 1\n\nx", 1, "x", []), ("\r\nx", 0, "x", []), ("\nx", 0, "x", []),
            ("A: 1\r\nno field\r\nB: 2\r\n", 1, "no field\r\nB: 2\r\n", [.notAField(line: 2)]),
            ("no field\r\n\r\nx", 0, "no field\r\n\r\nx", [.notAField(line: 1)]),
            (": x\r\n\r\ny", 0, ": x\r\n\r\ny", [.notAField(line: 1)]),
            (" A: 1\r\n\r\nx", 0, " A: 1\r\n\r\nx", [.notAField(line: 1)]),
            ("A B: 1\r\n\r\nx", 0, "A B: 1\r\n\r\nx", [.notAField(line: 1)]),
            ("A: 1\r\n", 1, "", [.noBody]), ("A: 1", 1, "", [.noBody]), ("", 0, "", [.noBody]),
            ("From : a@b\r\n\r\nx", 1, "x", []),
            ("From x Mon Jan 1\nA: 1\n\nx", 1, "x", [.mboxLine]),
            ("From: x\n\nFrom y\n", 1, "From y\n", []),
            ("A: 1\r\n \r\n\r\nx", 1, "x", []), ("A: 1\r\r\n\r\nx", 1, "x", []),
        ] as [(String, Int, String, [HeaderSection.Defect])])
    func bodies(text: String, count: Int, body: String, defects: [HeaderSection.Defect]) {
        let reading = read(text)
        #expect(reading.header.fields.count == count)
        #expect(String(text.utf8.dropFirst(reading.bodyOffset)) == body)
        #expect(reading.defects == defects)
    }

    @Test("a buffer whose readable octets begin later is read from there")
    func readerIndex() {
        var buffer = ByteBuffer(string: "xxA: 1\r\n\r\nb")
        buffer.moveReaderIndex(forwardBy: 2)
        let reading = HeaderSection.read(buffer)
        #expect(reading.header.first("A")?.value == "1")
        #expect(reading.bodyOffset == 8)
    }

    @Test("whatever the octets are, fields and body are all of them")
    func whole() {
        var random = SeededGenerator(seed: 15)
        let alphabet = Array("AB:: \t\r\n\n\nx".utf8) + [0, 0xFF]
        for _ in 0..<3_000 {
            let octets = random.octets(Int.random(in: 0...60, using: &random), from: alphabet)
            let reading = HeaderSection.read(ByteBuffer(bytes: octets))
            let joined = reading.header.fields.flatMap { Array($0.raw.readableBytesView) }
            #expect(octets.starts(with: joined))
            #expect(reading.bodyOffset >= joined.count && reading.bodyOffset <= octets.count)
            let between = octets[joined.count..<reading.bodyOffset]
            #expect(between.isEmpty || between == [10] || between == [13, 10])
        }
    }

    @Test("defects are told in words")
    func words() {
        #expect(
            HeaderSection.Defect.notAField(line: 3).description == "line 3 is no header field, the body begins there")
        #expect(HeaderSection.Defect.tooLong(limit: 9).description.contains("9 octets"))
    }
}

@Suite("Header fields (RFC 5322 §2.2)")
struct HeaderFieldTests {
    @Test("a field is made of a name and a value, on one line or folded")
    func made() {
        #expect(String(buffer: HeaderField(name: "A", value: "b").raw) == "A: b\r\n")
        #expect(String(buffer: HeaderField(name: "A", value: "").raw) == "A:\r\n")
        #expect(String(buffer: HeaderField(name: "A", value: " b").raw) == "A: b\r\n")
        let folded = HeaderField(name: "A", value: "b\r\n\tc")
        #expect(String(buffer: folded.raw) == "A: b\r\n\tc\r\n")
        #expect(folded.value == "b\tc")
        #expect(String(buffer: folded.rawValue) == " b\r\n\tc")
        #expect(String(buffer: HeaderField(name: "A", value: "\r\n b").raw) == "A:\r\n b\r\n")
    }

    @Test("names compare without case")
    func names() {
        let field = HeaderField(name: "Message-ID", value: "x")
        #expect(field.isNamed("message-id"))
        #expect(!field.isNamed("message-i") && !field.isNamed("message-idx") && !field.isNamed(""))
    }

    @Test(
        "what does not begin with a name and a colon is no field",
        arguments: ["", "A", ":", " : x", "A\u{0}: x", "Ä: x", "A\tB: x"])
    func refused(text: String) {
        #expect(HeaderField(raw: ByteBuffer(string: text)) == nil)
    }

    @Test(
        "a value is unfolded and trimmed",
        arguments: [
            ("A:\r\n", ""), ("A:", ""), ("A: \t \r\n", ""), ("A:b", "b"), ("A: b \r\n", "b"), ("A:\r\n b\r\n", "b"),
            ("A: b\r\n c\r\n", "b c"), ("A: b\n\tc\n", "b\tc"), ("A : b: c\r\n", "b: c"),
        ])
    func values(raw: String, value: String) throws {
        #expect(try #require(HeaderField(raw: ByteBuffer(string: raw))).value == value)
    }

    @Test("octets that are not UTF-8 stand as the character of their value")
    func latin1() throws {
        let field = try #require(HeaderField(raw: ByteBuffer(bytes: Array("A: ".utf8) + [0xFC])))
        #expect(field.value == "ü")
        #expect(field.unfoldedOctets == [0xFC])
    }
}
