// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter

/// A stage of the configuration, with what is declared for its failure.
struct DrillStage: Sendable {
    /// What a stage rests on that can break while it works.
    enum Dependency: Sendable {
        case dns, worker, milter
        /// Files that are read at the start, and nothing behind it.
        case files
    }

    var pipeline: String
    /// As in the configuration: `virus`.
    var name: String
    /// As in records: `milter:rspamd`.
    var label: String
    /// As written; `nil` where there is only the name.
    var settings: ConfigurationNode?
    /// Stages before it that it can't do without.
    var before: [(name: String, settings: ConfigurationNode?)]
    var onError: FailurePolicy
    var timeout: Duration
    /// Every value in force, by its key within the stage.
    var values: [String: String]

    /// What the table calls it.
    var title: String { "\(pipeline)/\(label)" }

    /// What breaks it; `nil` for a stage that the drill does not know.
    var dependency: Dependency? {
        switch name {
        case "spf", "dkim-verify": .dns
        case "virus": .worker
        case "milter": .milter
        case "spam", "dkim-sign": .files
        default: nil
        }
    }

    func duration(_ key: String, default fallback: Duration) -> Duration {
        values[key].flatMap { Duration(written: $0) } ?? fallback
    }

    /// Whether one of the words names it: `virus`, `inbound/virus`, `milter:rspamd`; all where there are none.
    func isNamed(by words: [String]) -> Bool {
        words.isEmpty || words.contains { $0 == name || $0 == label || $0 == title }
    }
}

/// The stages of all pipelines of a configuration.
struct DrillPlan: Sendable {
    var stages: [DrillStage]
    /// How long the resolver waits (`resolver.timeout`).
    var resolverTimeout: Duration
    /// The folder that paths of the configuration are relative to.
    var directory: String

    /// - Parameter reading: what the same text was read as, without an error.
    /// - Throws: ``YAMLReader/Failure``.
    init(_ text: String, file: String, directory: String, reading: ServerConfiguration.Reading) throws {
        self.directory = directory
        resolverTimeout = reading.configuration?.resolver.timeout ?? .seconds(5)
        stages = []
        let values = Dictionary(reading.values.map { ($0.path, $0.value) }) { first, _ in first }
        let pipelines = try YAMLReader.read(text, file: file)?.member("pipelines")
        for (pipeline, _, list) in pipelines?.entries ?? [] {
            guard let blueprints = reading.configuration?.pipelines[pipeline]?.stages else { continue }
            let written = list.items.compactMap(\.stageEntry)
            for (index, (entry, blueprint)) in zip(written, blueprints).enumerated() {
                let prefix = "pipelines.\(pipeline)[\(index)].\(entry.name)."
                let own = values.filter { $0.key.hasPrefix(prefix) }
                let before = zip(written, blueprints).prefix(index)
                    .filter { blueprint.placement.after.contains($0.1.name) }.map(\.0)
                let inForce = Dictionary(own.map { (String($0.key.dropFirst(prefix.count)), $0.value) }) { first, _ in
                    first
                }
                stages.append(
                    DrillStage(
                        pipeline: pipeline, name: entry.name, label: blueprint.name, settings: entry.settings,
                        before: before, onError: FailurePolicy(rawValue: inForce["on_error"] ?? "") ?? .defer,
                        timeout: inForce["timeout"].flatMap { Duration(written: $0) } ?? .seconds(30),
                        values: inForce))
            }
        }
    }
}

extension ConfigurationNode {
    var entries: [(key: String, mark: SourceMark, value: ConfigurationNode)] {
        if case .mapping(let entries) = value { entries } else { [] }
    }

    var items: [ConfigurationNode] { if case .list(let items) = value { items } else { [] } }

    var scalar: String? { if case .scalar(let text, _) = value { text } else { nil } }

    func member(_ key: String) -> ConfigurationNode? { entries.first { $0.key == key }?.value }

    /// `name: {…}`, or the name alone.
    fileprivate var stageEntry: (name: String, settings: ConfigurationNode?)? {
        if let scalar { return (scalar, nil) }
        return entries.first.map { ($0.key, $0.value) }
    }
}
