// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

/// Makes a mapping as a reader of files would: key n stands in line n, its value in column 9.
private func mapping(_ entries: [(String, ConfigurationNode.Value)], line: Int = 0) -> ConfigurationNode {
    ConfigurationNode(
        mark: SourceMark(file: "t.yml", line: line + 1, column: 1),
        value: .mapping(
            entries.enumerated().map { index, entry in
                (
                    entry.0, SourceMark(file: "t.yml", line: line + index + 1, column: 1),
                    ConfigurationNode(
                        mark: SourceMark(file: "t.yml", line: line + index + 1, column: 9), value: entry.1)
                )
            }))
}

private func section(_ entries: [(String, ConfigurationNode.Value)], path: String = "") -> ConfigurationSection {
    ConfigurationSection(
        mapping(entries), path: path, reader: ConfigurationReader(directory: "/etc/sluice"),
        mark: SourceMark(file: "t.yml", line: 1, column: 1))
}

private func scalar(_ text: String) -> ConfigurationNode.Value { .scalar(text, isPlain: true) }

private enum Mode: String, CaseIterable { case none, opportunistic, required }

@Suite("Sections of the configuration")
struct ConfigurationSectionTests {
    private func diagnostics(_ section: ConfigurationSection) -> [String] {
        section.reader.diagnostics.map(\.description)
    }

    @Test("values of the right kind are read and none is reported")
    func values() {
        let section = section([
            ("text", scalar("x")), ("number", scalar("7")), ("decimal", scalar("-1.5")), ("flag", scalar("yes")),
            ("time", scalar("90s")), ("size", scalar("256KiB")), ("mode", scalar("required")),
            ("file", scalar("key.pem")), ("absolute", scalar("/key.pem")),
            ("one", scalar("a")),
            ("many", .list([.init(mark: .init(file: "", line: 1, column: 1), value: scalar("b"))])),
        ])
        #expect(section.string("text", default: "") == "x")
        #expect(section.integer("number", default: 0, in: 0...9) == 7)
        #expect(section.number("decimal", default: 0) == -1.5)
        #expect(section.optionalNumber("decimal") == -1.5)
        #expect(section.boolean("flag", default: false))
        #expect(section.duration("time", default: .zero) == .seconds(90))
        #expect(section.size("size", default: 0) == 262_144)
        #expect(section.choice("mode", default: Mode.none) == .required)
        #expect(section.path("file") == "/etc/sluice/key.pem")
        #expect(section.path("absolute") == "/key.pem")
        #expect(section.strings("one") == ["a"] && section.strings("many") == ["b"])
        section.finish()
        #expect(diagnostics(section).isEmpty && !section.reader.hasErrors)
    }

    @Test("what is missing, empty or null is the default")
    func defaults() {
        let section = section([("empty", scalar("")), ("null", scalar("null")), ("tilde", scalar("~"))])
        for key in ["empty", "null", "tilde", "missing"] {
            #expect(section.string(key, default: "d") == "d")
            #expect(section.optionalString(key) == nil)
            #expect(section.integer(key, default: 3, in: 0...9) == 3)
            #expect(section.optionalNumber(key) == nil)
            #expect(section.duration(key, default: .seconds(1)) == .seconds(1))
            #expect(section.strings(key, default: ["d"]) == ["d"])
            #expect(section.list(key).isEmpty)
            #expect(section.path(key) == nil)
        }
        #expect(diagnostics(section).isEmpty)
    }

    @Test("a quoted null is a text")
    func quotedNull() {
        #expect(section([("a", .scalar("null", isPlain: false))]).string("a", default: "d") == "null")
    }

    @Test("each getter reports its own mistake with line and column, and returns the default")
    func mistakes() {
        let list = ConfigurationNode.Value.list([])
        let section = section(
            [
                ("text", list), ("number", scalar("10")), ("decimal", scalar("nan")), ("flag", scalar("maybe")),
                ("time", scalar("90")), ("size", scalar("50M")), ("mode", scalar("always")), ("items", scalar("x")),
                ("texts", .list([mapping([])])), ("below", scalar("x")),
            ], path: "limits")
        #expect(section.string("text", default: "d") == "d")
        #expect(section.integer("number", default: 3, in: 0...9) == 3)
        #expect(section.number("decimal", default: 0.5) == 0.5)
        #expect(section.boolean("flag", default: true))
        #expect(section.duration("time", default: .seconds(1), in: .zero ... .seconds(60)) == .seconds(1))
        #expect(section.size("size", default: 9, in: 0...1000) == 9)
        #expect(section.choice("mode", default: Mode.none) == .none)
        #expect(section.list("items").isEmpty)
        #expect(section.strings("texts").isEmpty)
        #expect(section.section("below").keys.isEmpty)
        #expect(section.requiredString("needed") == "")
        #expect(
            diagnostics(section) == [
                "t.yml:1:9: text is a list, a text would be right",
                "t.yml:2:9: number is “10”, a whole number from 0 to 9 would be right",
                "t.yml:3:9: decimal is “nan”, a number would be right",
                "t.yml:4:9: flag is “maybe”, true or false would be right",
                "t.yml:5:9: time is “90”, a duration from 0s to 1m with its unit, such as 30s, 5m, 4h or 30d, would be right",
                "t.yml:6:9: size is “50M”, a size from 0B to 1000B with its unit, such as 512B, 256KiB or 50MB, would be right",
                "t.yml:7:9: mode is “always”, one of none, opportunistic, required would be right",
                "t.yml:8:9: items is a single value, a list would be right",
                "t.yml:1:1: texts holds a mapping, a text would be right",
                "t.yml:10:9: limits.below is a single value, a mapping (key: value) would be right",
                "t.yml:1:1: limits: needed is missing",
            ])
        #expect(section.reader.hasErrors)
    }

    @Test("an unknown key is reported with the nearest known one")
    func unknown() {
        let section = section(
            [("recipient", scalar("1")), ("colour", scalar("2")), ("limit", scalar("3"))], path: "limits")
        _ = section.string("recipients", default: "")
        _ = section.string("limit", default: "")
        section.finish()
        #expect(
            diagnostics(section) == [
                "t.yml:1:1: unknown key recipient in limits, did you mean recipients?",
                "t.yml:2:1: unknown key colour in limits, known here: limit, recipients",
            ])
    }

    @Test("an unknown key in a section that knows none is reported so")
    func unknownInEmpty() {
        let section = section([("a", scalar("1"))])
        section.finish()
        #expect(diagnostics(section) == ["t.yml:1:1: unknown key a, no key is known here"])
    }

    @Test("a key that stands twice is reported, and the first one counts")
    func twice() {
        let section = section([("a", scalar("1")), ("a", scalar("2"))])
        #expect(section.string("a", default: "") == "1")
        #expect(diagnostics(section) == ["t.yml:2:1: a stands here twice, once is right"])
    }

    @Test("a section that is not there has defaults and no mistakes")
    func missingSection() {
        let below = section([]).section("below")
        #expect(below.path == "below" && below.keys.isEmpty)
        #expect(below.integer("n", default: 4, in: 0...9) == 4)
        #expect(below.reader.values.map(\.path) == ["below.n"])
        #expect(below.reader.values.first?.mark == nil)
        #expect(below.reader.diagnostics.isEmpty)
    }

    @Test("every value in force is noted with its place")
    func inForce() {
        let section = section([("time", scalar("120s")), ("size", scalar("1KiB")), ("bad", scalar("x"))], path: "a")
        _ = section.duration("time", default: .zero)
        _ = section.size("size", default: 0)
        _ = section.integer("other", default: 2, in: 0...3)
        #expect(section.reader.values.map { "\($0.path)=\($0.value)" } == ["a.time=2m", "a.size=1024B", "a.other=2"])
        #expect(section.reader.values.map { $0.mark?.line } == [1, 2, nil])
    }

    @Test("a type reads itself from a section, whose unknown keys are reported")
    func readable() {
        struct Limits: ConfigurationReadable {
            var recipients: Int
            init(reading section: ConfigurationSection) {
                recipients = section.integer("recipients", default: 1, in: 1...1000)
            }
        }
        let node = mapping([("recipients", scalar("5")), ("recipient", scalar("6"))], line: 1)
        let outer = section([("limits", node.value)])
        #expect(outer.read("limits", as: Limits.self).recipients == 5)
        #expect(
            diagnostics(outer) == ["t.yml:3:1: unknown key recipient in limits, did you mean recipients?"])
    }

    @Test("warnings are told from errors")
    func warnings() {
        let section = section([("a", scalar("1"))])
        section.report("a", "is odd", severity: .warning)
        #expect(diagnostics(section) == ["t.yml:1:9: warning: is odd"])
        #expect(!section.reader.hasErrors)
        section.report("b", "is wrong")
        #expect(section.reader.hasErrors)
    }

    @Test(
        "a duration has a whole number and a unit",
        arguments: [
            ("0s", .zero), ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("4h", .seconds(14_400)), ("30d", .seconds(2_592_000)), ("30", nil), ("s", nil), ("1.5s", nil),
            ("-1s", nil), ("1 s", nil), ("1S", nil), ("1w", nil), ("99999999999999999999s", nil), ("500d", nil),
        ] as [(String, Duration?)])
    func durations(text: String, duration: Duration?) {
        #expect(section([("a", scalar(text))]).duration("a", default: .seconds(-1)) == duration ?? .seconds(-1))
    }

    @Test(
        "a size has a whole number and a unit",
        arguments: [
            ("0B", 0), ("512B", 512), ("1KB", 1000), ("256KiB", 262_144), ("50MB", 50_000_000), ("1MiB", 1_048_576),
            ("10GB", 10_000_000_000), ("2GiB", 2_147_483_648), ("5", nil), ("5M", nil), ("5kb", nil), ("-5B", nil),
            ("5 MB", nil), ("99999999999999999999B", nil),
        ] as [(String, Int?)])
    func sizes(text: String, size: Int?) {
        #expect(section([("a", scalar(text))]).size("a", default: -1) == size ?? -1)
    }

    @Test("a duration is written with the largest unit that is whole")
    func writtenDurations() {
        for text in ["0s", "1ms", "1500ms", "90s", "5m", "4h", "30d", "25h"] {
            #expect(section([("a", scalar(text))]).duration("a", default: .zero).written == text)
        }
        #expect(Duration.seconds(3600).written == "1h")
    }

    @Test(
        "words are apart by so many changes",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2),
        ])
    func distance(left: String, right: String, distance: Int) {
        #expect(EditDistance.between(left, right) == distance)
        #expect(EditDistance.between(right, left) == distance)
    }
}
