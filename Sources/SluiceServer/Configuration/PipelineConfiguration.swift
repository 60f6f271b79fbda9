// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter
import SluiceStages

/// One pipeline: its stages in order. An empty one is a plain relay.
package struct PipelineConfiguration: Sendable {
    package var name: String
    package var stages: [StageBlueprint]
    /// Where each stage stands in the file.
    package var marks: [SourceMark]

    static func readAll(_ section: ConfigurationSection) -> [String: PipelineConfiguration] {
        defer { section.finish() }
        var pipelines: [String: PipelineConfiguration] = [:]
        for (name, _) in section.keys {
            let stages = stages(section.list(name), name, section)
            pipelines[name] = PipelineConfiguration(name: name, stages: stages.map(\.0), marks: stages.map(\.1))
        }
        return pipelines
    }

    private static func stages(
        _ nodes: [ConfigurationNode], _ pipeline: String, _ section: ConfigurationSection
    ) -> [(StageBlueprint, SourceMark)] {
        var blueprints: [(StageBlueprint, SourceMark)] = []
        for (index, node) in nodes.enumerated() {
            guard let (name, mark, value) = entry(node, section) else { continue }
            let path = "\(section.path).\(pipeline)[\(index)].\(name)"
            let settings = ConfigurationSection(value, path: path, reader: section.reader, mark: mark)
            guard let blueprint = StageCatalog.blueprint(name, reading: settings) else {
                let nearest = StageCatalog.names.map { ($0, EditDistance.between($0, name)) }.min { $0.1 < $1.1 }
                let hint =
                    nearest.flatMap { $0.1 <= 3 ? "did you mean \($0.0)?" : nil }
                    ?? "there are \(StageCatalog.names.joined(separator: ", "))"
                section.reader.report(mark, "unknown stage \(name), \(hint)")
                continue
            }
            settings.finish()
            blueprints.append((blueprint, mark))
        }
        for error in PipelineOrder.check(blueprints.map { ($0.0.name, $0.0.placement) }) {
            section.reader.report(blueprints[error.index].1, error.message)
        }
        return blueprints
    }

    /// `name: {…}`, or the name alone.
    private static func entry(
        _ node: ConfigurationNode, _ section: ConfigurationSection
    ) -> (name: String, mark: SourceMark, value: ConfigurationNode?)? {
        switch node.value {
        case .scalar(let name, _): return (name, node.mark, nil)
        case .mapping(let entries) where entries.count == 1: return (entries[0].key, entries[0].mark, entries[0].value)
        case .mapping, .list:
            section.reader.report(
                node.mark, "a stage is \(node.kind) here, one name with its settings (spf: {}) would be right")
            return nil
        }
    }
}
