// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import Testing

@Suite("A stage's settings that every stage has") struct StageBlueprintTests {
    private func read(_ settings: [(String, String)]) -> (StageBlueprint, ConfigurationReader) {
        let reader = ConfigurationReader(directory: "")
        func mark(_ line: Int) -> SourceMark { SourceMark(file: "c.yml", line: line, column: 3) }
        let node = ConfigurationNode(
            mark: mark(1),
            value: .mapping(
                settings.enumerated().map { index, setting in
                    (
                        setting.0, mark(index + 1),
                        ConfigurationNode(mark: mark(index + 1), value: .scalar(setting.1, isPlain: true))
                    )
                }))
        let section = ConfigurationSection(node, path: "first", reader: reader, mark: mark(1))
        let blueprint = StageBlueprint(ScriptedStage<First>.self, reading: section)
        section.finish()
        return (blueprint, reader)
    }

    @Test("are on_error and timeout, which are noted with their values in force")
    func noted() {
        let (blueprint, reader) = read([("on_error", "quarantine")])
        #expect(blueprint.name == "first")
        #expect(!reader.hasErrors)
        #expect(reader.values.map { "\($0.path)=\($0.value)" } == ["first.on_error=quarantine", "first.timeout=30s"])
    }

    @Test("are refused where they are wrong")
    func wrong() {
        let (_, reader) = read([("on_error", "ignore"), ("timeout", "30"), ("on_eror", "pass")])
        #expect(reader.diagnostics.count == 3)
        #expect(
            reader.diagnostics.first?.description
                == "c.yml:1:3: on_error is “ignore”, one of defer, quarantine, refuse, pass would be right")
        #expect(reader.diagnostics.last?.message == "unknown key on_eror in first, did you mean on_error?")
    }
}
