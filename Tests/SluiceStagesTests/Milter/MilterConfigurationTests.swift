// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import SluiceMilter
import Testing

@testable import SluiceStages

@Suite("The settings of the stage milter") struct MilterConfigurationTests {
    private func read(_ entries: [(String, String)]) -> (StageBlueprint?, MilterStage.Configuration, [String]) {
        func section(_ reader: ConfigurationReader) -> ConfigurationSection {
            let mark = SourceMark(file: "test", line: 1, column: 1)
            let node = ConfigurationNode(
                mark: mark,
                value: .mapping(
                    entries.map { key, value in
                        (
                            key: key, mark: mark,
                            value: ConfigurationNode(mark: mark, value: .scalar(value, isPlain: true))
                        )
                    }))
            return ConfigurationSection(node, path: "milter", reader: reader, mark: mark)
        }
        let reader = ConfigurationReader(directory: "")
        let read = section(reader)
        let blueprint = StageCatalog.blueprint("milter", reading: read)
        read.finish()
        return (
            blueprint, MilterStage.Configuration(reading: section(ConfigurationReader(directory: ""))),
            reader.diagnostics.map(\.message)
        )
    }

    @Test("an address is enough; all else has a default")
    func defaults() throws {
        let (blueprint, configuration, mistakes) = read([("address", "unix:/run/filter.sock")])
        #expect(mistakes.isEmpty)
        #expect(configuration.address == .unix("/run/filter.sock"))
        #expect(configuration.timeouts == MilterClientTimeouts())
        #expect(configuration.edits && !configuration.signs)
        #expect(try #require(blueprint).name == "milter")
    }

    @Test("what is wrong is said, with what would be right")
    func mistakes() {
        #expect(read([]).2 == ["milter: address is missing"])
        #expect(
            read([("address", "inet:8891@localhost")]).2 == [
                "address is “inet:8891@localhost”, unix:/path or address:port such as \"127.0.0.1:8891\" would be right"
            ])
        #expect(read([("address", "[::1]:1"), ("name", "a b")]).2.first?.hasPrefix("name is “a b”") == true)
        #expect(read([("address", "[::1]:1"), ("signs", "true"), ("edits", "false")]).2.count == 1)
        #expect(read([("address", "[::1]:1"), ("connections", "0")]).2.count == 1)
        #expect(read([("address", "[::1]:1"), ("adress", "x")]).2.first?.contains("did you mean address?") == true)
    }

    @Test("its name tells it apart in records, metrics and skipping")
    func label() throws {
        let (blueprint, _, _) = read([("address", "[::1]:1"), ("name", "rspamd"), ("skippable", "true")])
        #expect(try #require(blueprint).name == "milter:rspamd")
        #expect(try #require(blueprint).placement.isSkippable)
    }

    @Test("several may stand in a pipeline, each under its own name; a signer is not edited after")
    func order() throws {
        func place(_ entries: (String, String)...) throws -> (String, StagePlacement) {
            let blueprint = try #require(read([("address", "[::1]:1")] + entries).0)
            return (blueprint.name, blueprint.placement)
        }
        let bare = try place()
        let named = try place(("name", "rspamd"))
        let signer = try place(("name", "opendkim"), ("signs", "true"))
        let reader = try place(("name", "reader"), ("edits", "false"))
        #expect(PipelineOrder.check([bare, named, signer, reader]).isEmpty)
        #expect(PipelineOrder.check([bare, bare]).map(\.index) == [1])
        #expect(PipelineOrder.check([bare, bare])[0].message.contains("a name of its own"))
        #expect(PipelineOrder.check([signer, signer]).count == 1)
        #expect(
            PipelineOrder.check([signer, named]).map(\.message)[0].contains("changes the message after milter:opendkim")
        )
    }
}
