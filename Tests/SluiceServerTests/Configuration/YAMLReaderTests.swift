// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("YAML") struct YAMLReaderTests {
    private func failure(_ text: String) -> String? {
        do {
            _ = try YAMLReader.read(text, file: "f.yml")
            return nil
        } catch { return error.description }
    }

    @Test("is read into values that know their place, and whether they stood in quotes")
    func nodes() throws {
        let root = try #require(try YAMLReader.read("a: 1\nb:\n  - \"null\"\n  - {c: x}\n", file: "f.yml"))
        guard case .mapping(let entries) = root.value else {
            Issue.record("\(root.kind)")
            return
        }
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries.map(\.mark.line) == [1, 2])
        guard case .scalar("1", isPlain: true) = entries[0].value.value, case .list(let items) = entries[1].value.value
        else {
            Issue.record("\(entries)")
            return
        }
        #expect(entries[0].value.mark == SourceMark(file: "f.yml", line: 1, column: 4))
        #expect(items.map(\.mark.line) == [3, 4])
        guard case .scalar("null", isPlain: false) = items[0].value else {
            Issue.record("\(items[0])")
            return
        }
        #expect(try YAMLReader.read("", file: "f.yml") == nil)
        #expect(try YAMLReader.read("# nothing\n", file: "f.yml") == nil)
    }

    @Test("with aliases is refused before it is read: as keys they would take years")
    func aliases() {
        var text = "- &a0 {x: 1}\n"
        for number in 1..<40 { text += "- &a\(number) {? [*a\(number - 1), *a\(number - 1)] : 1}\n" }
        let problem = "aliases are not read, the value itself would be right"
        #expect(failure(text) == "f.yml:2:11: \(problem)")
        #expect(failure("\u{FC}: &b-1 x\nc: [d, \u{FC}, *b-1]\n") == "f.yml:2:11: \(problem)")
        #expect(failure("a: &b c\n") == nil)
        #expect(failure("a: \"&b\"\nc: \"x*b, * b\" # *c\n") == nil)
    }

    @Test("that is broken is told with its place, on one line")
    func broken() {
        #expect(failure("a: [1\nb: 2\n")?.hasPrefix("f.yml:2:") == true)
        #expect(
            failure("ok: 1\nbad: \u{1}\n")
                == "f.yml:2:6: this is no text: control characters are not allowed, YAML in UTF-8 would be right")
        #expect(failure("a: 1\na: 2\n")?.contains("twice") == true)
        #expect(failure("[a]: 1\n") == "f.yml:1:1: a key is a list or a mapping, a text would be right")
        for text in ["\"", "a: b: c", "%", "- a\nb", "\t- a", "&", "*a", "a: *b", "!!binary x: [", "? ["] {
            #expect(failure(text)?.contains("\n") != true)
        }
    }
}
