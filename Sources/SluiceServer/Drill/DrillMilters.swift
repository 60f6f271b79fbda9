// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Milter stages, each with a filter of ours in place of the configured one.
struct DrillMilters: Sendable {
    let scene: DrillScene
    let stages: [DrillStage]

    func run() async throws {
        for stage in stages {
            for fault in DrillScene.faults { try await run(stage, fault) }
        }
    }

    private func run(_ stage: DrillStage, _ fault: DrillRow.Fault) async throws {
        let filter = try await DrillListener.start(DrillMilter(), fault: fault)
        if fault == .dead { try await filter.stop() }
        let part = DrillConfiguration.Part(
            stage: stage,
            changes: [
                ("address", .text("127.0.0.1:\(filter.port)")),
                ("timeout", .text(min(stage.timeout, DrillConfiguration.stageCap).written)),
            ])
        let name = "\(stage.pipeline)-\(stage.label.replacing(":", with: "-"))-\(fault.rawValue)"
        let result: Result<DrillOutcome, any Error>
        do {
            result = .success(
                try await scene.withServer(name, [part]) { server in
                    try await server.send(scene.message.content, to: DrillConfiguration.listener(0))
                })
        } catch { result = .failure(error) }
        if fault != .dead { try await filter.stop() }
        scene.report(
            stage, broke: "filter", fault: fault, fault == .slow ? .works : .policy(stage.onError),
            try result.get())
    }
}
