// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Logging
import SluiceCore
import Synchronization
import UnixSignals

/// Breaks each thing that a stage depends on, on a private instance, and compares what happens with what is declared.
///
/// Nothing of the running server is touched: the state lies in a folder of its own, all addresses are on loopback, the
/// next hop, the DNS, the filters and the workers are the drill's.
package struct Drill: Sendable {
    /// The configuration whose stages are drilled.
    package struct Source: Sendable {
        package var text: String
        /// The name that mistakes are shown with.
        package var file: String
        /// The folder that its relative paths are relative to.
        package var directory: String

        package init(text: String, file: String, directory: String) {
            self.text = text
            self.file = file
            self.directory = directory
        }

        /// The embedded pipelines.
        package static var embedded: Source {
            let head = """
                hostname: mx.drill.example
                state: /nowhere
                listeners: [{name: mx, address: "127.0.0.1:0", pipeline: {untrusted: inbound, trusted: outbound}}]
                relay: {domains: {drill.example: {route: "smtp://127.0.0.1:1", recipients: any}}}

                """
            return Source(text: head + EmbeddedPipelines.yaml, file: "(embedded)", directory: "")
        }
    }

    /// There is no such stage in the configuration.
    package struct UnknownStage: Error, CustomStringConvertible {
        package let word: String
        package let names: [String]
        package var description: String {
            "there is no stage \(word), one of \(names.joined(separator: ", ")) would be right"
        }
    }

    /// A signal came.
    package struct Interrupted: Error {}

    private let source: Source
    private let only: [String]
    private let program: String
    private let logger: Logger
    private let tell: @Sendable (DrillRow) -> Void

    /// - Parameters:
    ///   - only: names of stages (`virus`, `inbound/virus`), `next-hop`, `disk`; all where it is empty.
    ///   - program: what is run as `sluice serve` on a full disk; `nil`: the program that runs.
    package init(
        _ source: Source, only: [String] = [], program: String? = nil, logger: Logger,
        tell: @escaping @Sendable (DrillRow) -> Void
    ) {
        self.source = source
        self.only = only
        self.program = program ?? Bundle.main.executablePath ?? "sluice"
        self.logger = logger
        self.tell = tell
    }

    /// Runs it from start to end; what it wrote is removed.
    ///
    /// - Parameter handlesSignals: whether SIGINT and SIGTERM end it.
    /// - Throws: ``ServerError`` where the configuration can't be drilled, ``UnknownStage``, ``Interrupted``.
    package func run(handlesSignals: Bool = true) async throws {
        guard handlesSignals else { return try await play() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await play() }
            tasks.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { throw Interrupted() }
            }
            defer { tasks.cancelAll() }
            do { try await tasks.next() } catch let error as Interrupted {
                // All that runs is ended and removed before we are.
                tasks.cancelAll()
                while let result = await tasks.nextResult() { _ = result }
                throw error
            }
        }
    }

    private func play() async throws {
        let plan = try plan()
        let directory =
            FileManager.default.temporaryDirectory.path + "/sluice-drill-\(ProcessInfo.processInfo.processIdentifier)"
        // Workers that are nobody's have to reach the programs in it.
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        defer { try? FileManager.default.removeItem(atPath: directory) }  // What is left is in the temporary directory.
        let scene = DrillScene(
            plan: plan, message: try await DrillMessage(), directory: directory, logger: logger, tell: tell)
        let rows = Mutex<[DrillRow]>([])
        var aside = scene
        aside.tell = { row in rows.withLock { $0.append(row) } }
        // Mostly waiting: beside the rest, and told behind it.
        async let others: Void = everyMessage(aside)
        try await stages(scene)
        try await others
        for row in rows.withLock({ $0 }) { tell(row) }
    }

    /// The stages, by what they depend on.
    private func stages(_ scene: DrillScene) async throws {
        let stages = scene.plan.stages.filter { $0.isNamed(by: only) }
        func depending(on dependency: DrillStage.Dependency?) -> [DrillStage] {
            stages.filter { $0.dependency == dependency }
        }
        for stage in depending(on: nil) {
            tell(
                DrillRow(
                    stage: stage.title, broke: "-", fault: .none, declared: "on_error: \(stage.onError.rawValue)",
                    seen: "the drill does not know what it depends on", judgement: .notTried))
        }
        try await DrillDNS(scene: scene, stages: depending(on: .dns)).run()
        try await DrillVirus(scene: scene, stages: depending(on: .worker)).run()
        try await DrillMilters(scene: scene, stages: depending(on: .milter)).run()
        try await DrillFiles(scene: scene, stages: depending(on: .files)).run()
    }

    /// What every message needs, whatever its stages are.
    private func everyMessage(_ scene: DrillScene) async throws {
        if isWanted("next-hop") { try await DrillDelivery(scene: scene).run() }
        if isWanted("disk") { try await DrillDisk(scene: scene, program: program).run() }
    }

    private func isWanted(_ word: String) -> Bool { only.isEmpty || only.contains(word) }

    private func plan() throws -> DrillPlan {
        let reading = ServerConfiguration.read(source.text, file: source.file, directory: source.directory)
        guard reading.configuration != nil else {
            let errors = reading.diagnostics.filter { $0.severity == .error }
            throw ServerError(message: errors.map(\.description).joined(separator: "\n"), isConfiguration: true)
        }
        let plan = try DrillPlan(
            source.text, file: source.file, directory: source.directory, reading: reading)
        let known = ["next-hop", "disk"]
        for word in only where !known.contains(word) && !plan.stages.contains(where: { $0.isNamed(by: [word]) }) {
            throw UnknownStage(word: word, names: Set(plan.stages.map(\.label)).sorted() + known)
        }
        return plan
    }
}
