// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceStages

@Suite("The configuration of the stage spf")
struct SPFConfigurationTests {
    private func read(_ pairs: [(String, String)]) -> (SPFStage.Configuration, [Diagnostic]) {
        let mark = SourceMark(file: "t.yml", line: 1, column: 1)
        let entries = pairs.map { key, value in
            (key: key, mark: mark, value: ConfigurationNode(mark: mark, value: .scalar(value, isPlain: true)))
        }
        let reader = ConfigurationReader(directory: "")
        let section = ConfigurationSection(
            ConfigurationNode(mark: mark, value: .mapping(entries)), path: "spf", reader: reader, mark: mark)
        let configuration = SPFStage.Configuration(reading: section)
        section.finish()
        return (configuration, reader.diagnostics)
    }

    @Test("without a word of the configuration's nothing is refused")
    func defaults() {
        let (configuration, diagnostics) = read([])
        #expect(configuration.fail == .pass && configuration.softfail == .pass)
        #expect(configuration.permerror == .pass && configuration.temperror == .pass)
        #expect(!configuration.checksHELO)
        #expect(diagnostics.isEmpty)
    }

    @Test("every key is read")
    func keys() {
        let (configuration, diagnostics) = read([
            ("fail", "reject"), ("softfail", "quarantine"), ("permerror", "reject"), ("temperror", "defer"),
            ("helo", "true"),
        ])
        #expect(configuration.fail == .reject && configuration.softfail == .quarantine)
        #expect(configuration.permerror == .reject && configuration.temperror == .defer)
        #expect(configuration.checksHELO)
        #expect(diagnostics.isEmpty)
    }

    @Test("an action that makes no sense, or an unknown key, is reported with what would be right")
    func mistakes() {
        let (_, diagnostics) = read([("fail", "defer"), ("temperror", "reject"), ("sofftail", "reject")])
        let messages = diagnostics.map(\.description).joined(separator: "\n")
        #expect(diagnostics.count == 3)
        #expect(messages.contains("fail is “defer”, one of pass, quarantine, reject would be right"))
        #expect(messages.contains("temperror is “reject”, one of pass, quarantine, defer would be right"))
        #expect(messages.contains("did you mean softfail?"))
    }
}
