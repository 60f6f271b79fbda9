// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative
import Testing

@testable import SluiceStages

@Suite("The virus stage's configuration") struct VirusConfigurationTests {
    private typealias Entry = (key: String, mark: SourceMark, value: ConfigurationNode)

    private func mark(_ line: Int) -> SourceMark { SourceMark(file: "c.yaml", line: line, column: 1) }

    private func read(_ pairs: [(String, String)], limits: [(String, String)] = []) -> (
        VirusStage.Configuration, [Diagnostic]
    ) {
        func entries(_ pairs: [(String, String)]) -> [Entry] {
            pairs.enumerated().map { index, pair in
                let mark = mark(index + 1)
                return (pair.0, mark, ConfigurationNode(mark: mark, value: .scalar(pair.1, isPlain: true)))
            }
        }
        var all = entries(pairs)
        if !limits.isEmpty {
            all.append(("limits", mark(9), ConfigurationNode(mark: mark(9), value: .mapping(entries(limits)))))
        }
        let reader = ConfigurationReader(directory: "/etc/sluice")
        let section = ConfigurationSection(
            ConfigurationNode(mark: mark(1), value: .mapping(all)), path: "virus", reader: reader, mark: mark(1))
        let configuration = VirusStage.Configuration(reading: section)
        section.finish()
        return (configuration, reader.diagnostics)
    }

    @Test("the defaults reject, and want freshclam's databases")
    func defaults() {
        let (configuration, _) = read([("database_folder", "db")])
        #expect(configuration.infected == .reject && configuration.database == .official)
        #expect(configuration.databaseFolder == "/etc/sluice/db")
        #expect(VirusStage.Configuration().databaseFolder == "/var/lib/clamav")
    }

    @Test("every value is read")
    func values() {
        let (configuration, diagnostics) = read(
            [("infected", "discard"), ("database", "embedded")],
            limits: [
                ("scan_size", "10MB"), ("file_size", "5MB"), ("recursion", "3"), ("files", "7"), ("scan_time", "2s"),
                ("processor_time", "7s"),
            ])
        #expect(diagnostics.isEmpty)
        #expect(configuration.infected == .discard && configuration.database == .embedded)
        #expect(
            configuration.limits
                == .init(scanSize: 10_000_000, fileSize: 5_000_000, recursion: 3, files: 7, processorSeconds: 7))
        #expect(configuration.scanTime == .seconds(2))
    }

    @Test("wrong values and unknown keys are reported where they stand, all at once")
    func mistakes() {
        let (_, diagnostics) = read(
            [("infected", "defer"), ("database", "oficial"), ("folder", "x")], limits: [("recursion", "0")])
        let errors = diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(errors.count == 4)
        #expect(errors.contains { $0.contains("infected is “defer”, one of reject, quarantine, discard") })
        #expect(errors.contains { $0.contains("unknown key folder") })
    }

    @Test("a folder without freshclam's databases is a warning")
    func warning() {
        let (_, diagnostics) = read([("database_folder", "/nowhere")])
        #expect(diagnostics.map(\.severity) == [.warning])
        #expect(diagnostics.first?.description.contains("/nowhere does not hold freshclam's databases") == true)
    }
}
