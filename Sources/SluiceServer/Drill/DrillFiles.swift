// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore

/// Stages that ask nobody: the files that they begin with, and more to do than their time allows.
struct DrillFiles: Sendable {
    let scene: DrillScene
    let stages: [DrillStage]

    func run() async throws {
        for stage in stages {
            scene.tell(
                DrillRow(
                    stage: stage.title, broke: "-", fault: .none, declared: "depends on nothing outside the process",
                    seen: "nothing to break once it runs", judgement: .notTried))
            try await overlong(stage)
            for (what, change, fault) in try fileChanges(stage) { try await refused(stage, what, change, fault) }
        }
    }

    /// A long message, and a millisecond for it.
    private func overlong(_ stage: DrillStage) async throws {
        let part = DrillConfiguration.Part(stage: stage, changes: [("timeout", .text("1ms"))])
        let author =
            stage.settings?.member("keys")?.items.first?.member("domain")?.scalar ?? DrillConfiguration.domain
        let outcome = try await scene.withServer(
            "\(stage.pipeline)-\(stage.name)-overlong", [part]
        ) { server in
            try await server.send(DrillMessage.long(author: author), to: DrillConfiguration.listener(0))
        }
        scene.report(stage, broke: "4 MB in 1ms", fault: .overlong, .policy(stage.onError), outcome)
    }

    private typealias FileChange = (
        what: String, change: (key: String, value: DrillConfiguration.Value), DrillRow.Fault
    )

    /// The files of its settings, gone or full of garbage.
    private func fileChanges(_ stage: DrillStage) throws -> [FileChange] {
        let folder = try scene.folder("files")
        let garbage = folder + "/garbage"
        guard
            FileManager.default.createFile(
                atPath: garbage, contents: Data("score \u{0} ] ( not what it should be\n".utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw ServerError(message: "\(garbage): can't be written") }
        let kind = stage.name == "spam" ? "rules" : "keys"
        guard let written = stage.settings?.member(kind), !written.items.isEmpty else { return [] }
        return [(folder + "/none", DrillRow.Fault.missing), (garbage, .garbage)].map { path, fault in
            let items = written.items.map { item -> ConfigurationNode in
                kind == "rules"
                    ? ConfigurationNode(mark: item.mark, value: .scalar(path, isPlain: false))
                    : DrillText.replacing([("file", .text(path))], in: item)
            }
            return (kind, (kind, .list(items)), fault)
        }
    }

    /// What `sluice check` and `sluice serve` say of it at the start.
    private func refused(
        _ stage: DrillStage, _ what: String, _ change: (key: String, value: DrillConfiguration.Value),
        _ fault: DrillRow.Fault
    ) async throws {
        let configuration = DrillConfiguration(
            state: try scene.folder("check"), nextHop: 1, parts: [.init(stage: stage, changes: [change])])
        let reading = ServerConfiguration.read(configuration.text, file: "(drill)", directory: scene.plan.directory)
        var problems = reading.diagnostics.filter { $0.severity == .error }.map(\.message)
        if let read = reading.configuration {
            problems += await ServerCheck.problems(read, logger: scene.logger).map(\.message)
        }
        scene.tell(
            DrillRow(
                stage: stage.title, broke: what, fault: fault, declared: "refused by check and at the start",
                seen: problems.first ?? "not refused", judgement: problems.isEmpty ? .otherwise : .asDeclared))
    }
}
