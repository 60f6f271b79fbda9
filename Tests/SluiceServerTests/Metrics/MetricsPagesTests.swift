// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@testable import SluiceServer

/// What names metrics outside the code: docs/metrics.md, the dashboard and the alert rules.
@Suite("The pages about metrics") struct MetricsPagesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("docs/metrics.md has every metric with its kind, labels and sentence, and no other")
    func documentation() throws {
        let rows = try Self.text("docs/metrics.md").split(separator: "\n").filter {
            $0.hasPrefix("| `sluice_") || $0.hasPrefix("| `process_")
        }.map(String.init)
        let wanted = MetricCatalog.definitions.map { definition in
            let labels = definition.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(definition.name)` | \(definition.kind.rawValue) | \(labels) | \(definition.help) |"
        }
        for row in wanted where !rows.contains(row) { Issue.record("not on the page: \(row)") }
        for row in rows where !wanted.contains(row) { Issue.record("on the page, and not so in the code: \(row)") }
        #expect(rows.count == wanted.count)
    }

    @Test("the catalog's names follow Prometheus's conventions")
    func conventions() {
        #expect(Set(MetricCatalog.definitions.map(\.name)).count == MetricCatalog.definitions.count)
        for definition in MetricCatalog.definitions {
            let name = definition.name
            #expect(name.wholeMatch(of: /(sluice|process)(_[a-z]+)+/) != nil, "\(name)")
            #expect(name.hasSuffix("_total") == (definition.kind == .counter), "\(name)")
            #expect(!name.contains("millisecond") && !name.hasSuffix("_count") && !name.hasSuffix("_sum"), "\(name)")
            #expect(definition.help.hasSuffix("."), "\(name)")
            #expect(definition.kind == .histogram || definition.buckets.isEmpty, "\(name)")
            #expect(definition.buckets == definition.buckets.sorted(), "\(name)")
            #expect(definition.labels.allSatisfy { $0.wholeMatch(of: /[a-z]+/) != nil && $0 != "le" }, "\(name)")
        }
    }

    @Test("what the code counts is in the catalog")
    func labels() throws {
        let sources = Self.root.appending(path: "Sources")
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path(percentEncoded: false))
            .filter { $0.hasSuffix(".swift") }
        var found: Set<String> = []
        for file in files {
            let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
            for match in text.matches(of: /(Counter|Timer|Recorder|Gauge)\(\s*label: "([a-z_]+)"/) {
                let name = String(match.2)
                found.insert(name)
                let kind: MetricDefinition.Kind =
                    switch match.1 {
                    case "Counter": .counter
                    case "Gauge": .gauge
                    default: .histogram
                    }
                #expect(MetricCatalog.definitions.contains { $0.name == name && $0.kind == kind }, "\(file): \(name)")
            }
        }
        #expect(found.count >= 10)
    }

    /// Every name in an expression, without what Prometheus adds to a histogram's.
    private static func names(in text: String) -> Set<String> {
        Set(
            text.matches(of: /\b((sluice|process)_[a-z_]+)/).map { match in
                let name = String(match.1)
                let base = name.replacing(/_(bucket|sum|count)$/, with: "")
                return MetricCatalog.definitions.contains { $0.name == base && $0.kind == .histogram } ? base : name
            })
    }

    @Test(
        "dashboard and alert rules name only metrics and labels that there are",
        arguments: ["packaging/metrics/grafana-dashboard.json", "packaging/metrics/alerts.yml"])
    func names(_ path: String) throws {
        let text = try Self.text(path)
        let names = Self.names(in: text)
        #expect(names.count >= 15)
        let known = Set(MetricCatalog.definitions.map(\.name))
        #expect(names.subtracting(known).sorted() == [])
        // Those of the series that Prometheus makes itself come with the metric.
        let labels = Set(MetricCatalog.definitions.flatMap(\.labels) + ["job", "instance", "le"])
        for match in text.matches(of: /\bby \(([a-z, ]+)\)/) {
            let used = match.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(Set(used).isSubset(of: labels), "\(match.0)")
        }
        for match in text.matches(of: /(sluice|process)_[a-z_]+\{([^}]*)\}/) {
            let used = match.2.matches(of: /([a-z]+)(=|!=)~?\\?"/).map { String($0.1) }
            let name = String(match.0.prefix { $0 != "{" })
            let base = Self.names(in: name).first ?? name
            let own = MetricCatalog.definitions.first { $0.name == base }?.labels ?? []
            #expect(!used.isEmpty && Set(used).isSubset(of: Set(own + ["job", "instance", "le"])), "\(match.0)")
        }
    }

    @Test("the dashboard shows every metric but a few, and each of its panels asks for something")
    func dashboard() throws {
        let text = try Self.text("packaging/metrics/grafana-dashboard.json")
        let json = try JSONReader.read(text.utf8)
        let panels = try #require(json["panels"]?.arrayValue)
        for panel in panels where panel["type"] != "row" {
            #expect(panel["targets"]?.arrayValue?.isEmpty == false, "\(panel["title"]?.stringValue ?? "")")
        }
        #expect(Set(panels.compactMap { $0["id"]?.integerValue }).count == panels.count)
        let left: Set<String> = [
            "sluice_delivery_attempts", "sluice_history_limit_bytes", "sluice_history_pending",
            "sluice_ledger_records_total", "sluice_metrics_overflows_total", "sluice_queue_messages",
            "sluice_sessions_opened_total", "process_virtual_memory_bytes",
        ]
        #expect(Set(MetricCatalog.definitions.map(\.name)).subtracting(Self.names(in: text)) == left)
    }
}
