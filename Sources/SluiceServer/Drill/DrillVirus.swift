// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SluiceCore
import SluiceNative

/// The stage `virus`, whose worker processes are stopped, killed, and replaced by programs that are none.
struct DrillVirus: Sendable {
    let scene: DrillScene
    let stages: [DrillStage]

    /// How long a scan may take in the drill, waiting for a process included.
    private static let scanTime = Duration.milliseconds(1200)
    /// How long the message is given to reach the stopped process before that is killed; the next one is for a machine
    /// that was too slow for the first.
    private static let waits: [Duration] = [.milliseconds(400), .milliseconds(900), .milliseconds(2500)]

    func run() async throws {
        guard !stages.isEmpty else { return }
        guard let worker = WorkerPool.findExecutable() else {
            for stage in stages {
                scene.tell(
                    DrillRow(
                        stage: stage.title, broke: "worker", fault: .dead, declared: "-",
                        seen: "sluice-worker is not beside sluice", judgement: .otherwise))
            }
            return
        }
        try await dead()
        try await signalled(.hang, worker) { workers in
            workers.signal(SIGSTOP)
            return nil
        }
        try await signalled(.slow, worker) { workers in
            workers.signal(SIGSTOP)
            return { _ in
                try await Task.sleep(for: DrillConfiguration.slowness * 5)
                workers.signal(SIGCONT)
            }
        }
        try await garbage()
        try await signalled(.crash, worker) { workers in
            workers.signal(SIGSTOP)
            return { attempt in
                try await Task.sleep(for: Self.waits[attempt])
                workers.signal(SIGKILL)
            }
        }
        try await withoutDatabases(worker)
    }

    private func parts(
        scanTime: Duration = Self.scanTime, databases folder: String? = nil
    ) -> [DrillConfiguration.Part] {
        stages.map { stage in
            // Which of the two times is up first stays as it is configured.
            let isPatient = stage.duration("limits.scan_time", default: .seconds(28)) < stage.timeout
            let (inner, outer) = isPatient ? (scanTime, scanTime * 2) : (scanTime * 2, scanTime)
            var changes: [(key: String, value: DrillConfiguration.Value)] = [
                ("limits", .section([("scan_time", .text(inner.written))])), ("timeout", .text(outer.written)),
            ]
            if let folder {
                changes += [("database", .text("official")), ("database_folder", .text(folder))]
            } else {
                // freshclam's take half a minute to load, and break no other way.
                changes.append(("database", .text("embedded")))
            }
            return DrillConfiguration.Part(stage: stage, changes: changes)
        }
    }

    /// A program that ends at once.
    private func dead() async throws {
        try await replaced(.dead, by: "#!/bin/sh\nexit 1\n")
    }

    private func garbage() async throws { try await replaced(.garbage, by: try BrokenWorker.script()) }

    private func replaced(_ fault: DrillRow.Fault, by script: String) async throws {
        let program = try scene.folder("worker-\(fault.rawValue)-program") + "/sluice-worker"
        guard
            FileManager.default.createFile(
                atPath: program, contents: Data(script.utf8), attributes: [.posixPermissions: 0o755])
        else { throw ServerError(message: "\(program): can't be written") }
        try await scene.withServer("worker-\(fault.rawValue)", parts(), worker: program) { server in
            for (index, stage) in stages.enumerated() {
                let outcome = try await server.send(scene.message.content, to: DrillConfiguration.listener(index))
                scene.report(stage, broke: "worker", fault: fault, .policy(stage.onError), outcome)
            }
        }
    }

    /// Signals real workers.
    ///
    /// - Parameters:
    ///   - before: sends a signal, before the message is sent; returns what is done while its scan waits.
    private func signalled(
        _ fault: DrillRow.Fault, _ worker: String,
        before: @escaping @Sendable (DrillWorkers) -> (@Sendable (Int) async throws -> Void)?
    ) async throws {
        let name = "worker-\(fault.rawValue)"
        let workers = try DrillWorkers(linkTo: worker, in: try scene.folder(name + "-program"))
        let time = fault == .hang ? Self.scanTime : Self.scanTime * 4
        try await scene.withServer(name, parts(scanTime: time), worker: workers.executable) { server in
            for (index, stage) in stages.enumerated() {
                let expectation: DrillExpectation = fault == .slow ? .works : .policy(stage.onError)
                var outcome: DrillOutcome?
                for attempt in Self.waits.indices {
                    // A worker that stands ready, so that the message meets the one that is signalled.
                    _ = try await server.send(scene.message.content, to: DrillConfiguration.listener(index))
                    try await workers.awaitProcess()
                    let meanwhile = before(workers)
                    async let sent = server.send(scene.message.content, to: DrillConfiguration.listener(index))
                    try await meanwhile?(attempt)
                    outcome = try await sent
                    if let outcome, expectation.isMet(by: outcome, of: stage) { break }
                    // Only a process that was killed before its scan began is worth another try.
                    guard fault == .crash else { break }
                }
                if let outcome { scene.report(stage, broke: "worker", fault: fault, expectation, outcome) }
            }
        }
    }

    /// Those for whom our own small database is not enough, and freshclam's are not there.
    private func withoutDatabases(_ worker: String) async throws {
        let official = stages.filter { $0.values["database"] == "official" }
        guard !official.isEmpty else { return }
        let parts = Self(scene: scene, stages: official).parts(
            scanTime: Self.scanTime * 4, databases: try scene.folder("no-databases"))
        try await scene.withServer("worker-missing", parts, worker: worker) { server in
            for (index, stage) in official.enumerated() {
                let outcome = try await server.send(scene.message.content, to: DrillConfiguration.listener(index))
                scene.report(
                    stage, broke: "freshclam's databases", fault: .missing, .policy(stage.onError), outcome)
            }
        }
    }
}
