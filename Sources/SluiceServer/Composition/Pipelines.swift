// SPDX-License-Identifier: Apache-2.0
package import Logging
import SluiceCore
package import SluiceFilter

/// The pipelines of a configuration, made.
package struct Pipelines: Sendable {
    private let pipelines: [String: Pipeline]

    /// Makes all stages of all pipelines.
    ///
    /// - Throws: ``PipelinesError`` that names every stage which could not be made.
    package init(
        _ configurations: [String: PipelineConfiguration], services: StageServices, logger: Logger
    ) throws(PipelinesError) {
        var pipelines: [String: Pipeline] = [:]
        var problems: [PipelinesError.Problem] = []
        for (name, configuration) in configurations.sorted(by: { $0.key < $1.key }) {
            var stages: [PipelineStage] = []
            for (index, blueprint) in configuration.stages.enumerated() {
                do {
                    stages.append(try blueprint.make(services))
                } catch {
                    problems.append(.init(pipeline: name, index: index, text: "stage \(blueprint.name): \(error)"))
                }
            }
            do {
                pipelines[name] = try Pipeline(name: name, stages: stages, logger: logger)
            } catch {
                problems.append(.init(pipeline: name, index: error.index, text: "\(error)"))
            }
        }
        guard problems.isEmpty else { throw PipelinesError(problems: problems) }
        self.pipelines = pipelines
    }

    package subscript(name: String) -> Pipeline? { pipelines[name] }
}

/// What keeps pipelines from being made, a line each.
package struct PipelinesError: Error, CustomStringConvertible {
    package struct Problem: Sendable, CustomStringConvertible {
        package let pipeline: String
        /// The place of the stage in its pipeline, counted from 0.
        package let index: Int
        package let text: String

        package var description: String { "pipeline \(pipeline): \(text)" }
    }

    package let problems: [Problem]
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// The pipelines that are there without a configuration.
package enum EmbeddedPipelines {
    package static let yaml = """
        pipelines:
          inbound:
            - spf: {}
            - dkim-verify: {}
            - virus: {infected: reject, database: embedded}
            - spam: {tag: 5, quarantine: 8, reject: 15}
          outbound:
            - virus: {infected: reject, database: embedded}
        """

    /// - Throws: ``ServerError`` where the text is wrong, which a test rules out.
    package static func configurations() throws -> [String: PipelineConfiguration] {
        let file = "(embedded)"
        let node = try YAMLReader.read(yaml, file: file)
        let reader = ConfigurationReader(directory: "")
        let root = ConfigurationSection(
            node, path: "", reader: reader, mark: SourceMark(file: file, line: 1, column: 1))
        let configurations = PipelineConfiguration.readAll(root.section("pipelines"))
        guard !reader.hasErrors else {
            throw ServerError(message: reader.diagnostics.map(\.description).joined(separator: "\n"))
        }
        return configurations
    }
}
