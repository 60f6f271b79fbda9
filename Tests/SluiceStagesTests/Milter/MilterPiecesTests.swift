// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceMilter
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("What a filter's words mean") struct MilterPiecesTests {
    private func header(_ names: String...) -> HeaderSection {
        HeaderSection(names.enumerated().map { HeaderField(name: $1, value: "\($0)") })
    }

    @Test("the first place is 1, and 0 is taken for it; past the end is the end")
    func insertion() {
        var numbering = MilterHeaderNumbering(header("A", "B"))
        #expect(numbering.insert(0, "X", "0") == .addField(name: "X", value: "0", position: 0))
        #expect(numbering.insert(1, "X", "1") == .addField(name: "X", value: "1", position: 0))
        #expect(numbering.insert(2, "X", "2") == .addField(name: "X", value: "2", position: 1))
        #expect(numbering.insert(6, "X", "6") == .addField(name: "X", value: "6", position: 5))
        #expect(numbering.insert(.max, "X", "n") == .addField(name: "X", value: "n", position: 6))
    }

    @Test("a field that was deleted keeps its number, as filters are used to from Sendmail")
    func deletion() {
        var numbering = MilterHeaderNumbering(header("A", "B", "a", "A"))
        #expect(numbering.change(1, "A", "") == .deleteField(name: "A", occurrence: 1))
        #expect(numbering.change(2, "A", "") == .deleteField(name: "a", occurrence: 1))
        #expect(numbering.change(2, "A", "") == nil)
        #expect(numbering.change(3, "A", "x") == .changeField(name: "A", occurrence: 1, value: "x"))
        #expect(numbering.insert(3, "B", "y") == .addField(name: "B", value: "y", position: 1))
        #expect(numbering.change(2, "B", "") == .deleteField(name: "B", occurrence: 2))
        #expect(numbering.change(2, "A", "back") == .addField(name: "A", value: "back", position: 1))
    }

    @Test("a change where there is no such field adds it; a deletion there does nothing")
    func missing() {
        var numbering = MilterHeaderNumbering(header("A"))
        #expect(numbering.change(2, "A", "") == nil)
        #expect(numbering.change(2, "A", "x") == .addField(name: "A", value: "x", position: nil))
        #expect(numbering.change(0, "A", "y") == .changeField(name: "A", occurrence: 1, value: "y"))
        #expect(numbering.change(2, "a", "z") == .changeField(name: "a", occurrence: 2, value: "z"))
    }

    /// A header section after Sendmail's rules: nothing moves, what is deleted has no value.
    private struct Model {
        var fields: [(name: String, value: String?)]

        mutating func change(_ index: Int, _ name: String, _ value: String) {
            let own = fields.indices.filter { fields[$0].name == name }
            if own.count >= max(1, index) {
                fields[own[max(1, index) - 1]].value = value.isEmpty ? nil : value
            } else if !value.isEmpty {
                fields.append((name, value))
            }
        }

        mutating func insert(_ index: Int, _ name: String, _ value: String) {
            fields.insert((name, value), at: min(fields.count, max(0, index - 1)))
        }
    }

    @Test("whatever a filter asks for, the edits make what Sendmail would")
    func model() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let names = ["A", "B", "C"]
            let start = (0..<Int.random(in: 0...6, using: &generator)).map { index in
                (name: names.randomElement(using: &generator) ?? "A", value: "\(index)")
            }
            let message = Message(
                header: HeaderSection(start.map { HeaderField(name: $0.name, value: $0.value) }),
                body: MemoryContent(""))
            var model = Model(fields: start.map { ($0.name, $0.value) })
            var numbering = MilterHeaderNumbering(message.header)
            var edits: [MessageEdit] = []
            for turn in 0..<12 {
                let name = names.randomElement(using: &generator) ?? "A"
                let index = Int.random(in: 0...5, using: &generator)
                let value = Bool.random(using: &generator) ? "" : "v\(turn)"
                if Bool.random(using: &generator) {
                    model.change(index, name, value)
                    if let edit = numbering.change(UInt32(index), name, value) { edits.append(edit) }
                } else {
                    model.insert(index, name, "i\(turn)")
                    edits.append(numbering.insert(UInt32(index), name, "i\(turn)"))
                }
            }
            let made = message.applying(edits).header.fields.map { "\($0.name)=\($0.value)" }
            let wanted = model.fields.compactMap { field in field.value.map { "\(field.name)=\($0)" } }
            #expect(made == wanted)
        }
    }

    @Test("a value can neither end its field nor the header section")
    func values() {
        func value(_ text: String, keeps: Bool = true) -> String {
            MilterText.fieldValue(ByteBuffer(string: text), keepsLeadingSpace: keeps).text
        }
        #expect(value("a\nb") == "a\r\n\tb")
        #expect(value("a\r\n b\r\n\r\nBcc: x") == "a\r\n b\r\n\tBcc: x")
        #expect(value("a\rb\n\n") == "a\r\n\tb")
        #expect(value(" a") == " a")
        #expect(value(" a", keeps: false) == "  a")
        #expect(value("a", keeps: false) == "a")
    }

    @Test("octets of a value that are not UTF-8 are read as ISO-8859-1 and leave as UTF-8")
    func octets() {
        let latin = MilterText.fieldValue(ByteBuffer(bytes: [0x47, 0xFC, 0x6E]), keepsLeadingSpace: true)
        #expect(latin.text == "G\u{FC}n")
        #expect(latin.isRecoded)
        let unicode = MilterText.fieldValue(ByteBuffer(string: "G\u{FC}n"), keepsLeadingSpace: true)
        #expect(unicode.text == "G\u{FC}n")
        #expect(!unicode.isRecoded)
        var editing = MilterEditing(header(), options: MilterOptions(version: 6, actions: [], steps: []))
        #expect(throws: Never.self) {
            try editing.make([.addField(name: ByteBuffer(string: "X"), value: ByteBuffer(bytes: [0xFC]))])
        }
        #expect(editing.edits == [.addField(name: "X", value: "\u{FC}", position: nil)])
        #expect(editing.findings(areMade: true).map(\.name) == ["MILTER_EDITED", "MILTER_RECODED"])
    }

    @Test("a body leaves with CRLF line ends")
    func body() {
        func body(_ text: String) -> String {
            String(decoding: MilterText.body(ByteBuffer(string: text)), as: UTF8.self)
        }
        #expect(body("a\nb\r\nc\rd\n\ne") == "a\r\nb\r\nc\r\nd\r\n\r\ne")
        #expect(body("\r\r\n") == "\r\n\r\n")
        #expect(body("") == "")
    }

    @Test("paths come with angle brackets or without")
    func paths() {
        func path(_ text: String) -> String {
            String(decoding: MilterText.path(ByteBuffer(string: text)), as: UTF8.self)
        }
        #expect(path("<a@b>") == "a@b")
        #expect(path(" a@b ") == "a@b")
        #expect(path("<>") == "")
        #expect(path("<a@b") == "<a@b")
    }

    @Test("a reply keeps its lines, and nothing that a client should not read")
    func replies() throws {
        func reply(_ text: String) throws -> Reply { try MilterReplyText.reply(ByteBuffer(string: text)) }
        #expect(try reply("550 5.7.1 no") == Reply(550, EnhancedStatusCode(5, 7, 1), "no"))
        #expect(try reply("550 no") == Reply(550, nil, "no"))
        #expect(try reply("550") == Reply(550, nil, "refused by a content filter"))
        #expect(try reply("550 4.7.1 no") == Reply(550, nil, "4.7.1 no"))
        #expect(
            try reply("451-4.7.1 one\r\n451-4.7.1 two\r\n451 4.7.1 three")
                == Reply(451, EnhancedStatusCode(4, 7, 1), lines: ["one", "two", "three"]))
        #expect(try reply("550 5.7.1 a\u{1}b").text == "a?b")
        #expect(try reply("550 " + String(repeating: "x", count: 5000)).text.utf8.count < 500)
        let many = try reply(String(repeating: "550-5.7.1 x\r\n", count: 200))
        #expect(many.lines.count == 32)
        for text in ["", "250 ok", "350 go", "55 no", "550x", "abc", "550 a\n451 b", "6000"] {
            #expect(throws: MilterStageError.self) { try reply(text) }
        }
    }
}
