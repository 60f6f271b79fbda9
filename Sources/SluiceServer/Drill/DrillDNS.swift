// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The stages that ask the DNS, with a name server that breaks.
struct DrillDNS: Sendable {
    let scene: DrillScene
    let stages: [DrillStage]

    func run() async throws {
        guard !stages.isEmpty else { return }
        let parts = stages.map {
            DrillConfiguration.Part(stage: $0, changes: [("timeout", .text(timeout($0).written))])
        }
        for fault in DrillScene.faults {
            let outcomes = try await scene.withServer("dns-\(fault.rawValue)", parts, dns: fault) { server in
                var outcomes: [DrillOutcome] = []
                for index in parts.indices {
                    outcomes.append(
                        try await server.send(scene.message.content, to: DrillConfiguration.listener(index)))
                }
                return outcomes
            }
            for (stage, outcome) in zip(stages, outcomes) {
                scene.report(stage, broke: "DNS", fault: fault, expectation(stage, fault), outcome)
            }
        }
    }

    /// Whether the stage's own time is up before the resolver gives up.
    private func isImpatient(_ stage: DrillStage) -> Bool { stage.timeout <= scene.plan.resolverTimeout }

    private func timeout(_ stage: DrillStage) -> Duration {
        // The order of the two stays as it is configured.
        let cap = isImpatient(stage) ? DrillConfiguration.resolverCap / 2 : DrillConfiguration.stageCap
        return min(stage.timeout, cap)
    }

    private func expectation(_ stage: DrillStage, _ fault: DrillRow.Fault) -> DrillExpectation {
        if fault == .slow { return .works }
        let action = stage.values["temperror"] ?? "pass"
        return isImpatient(stage) ? .impatient(action: action, stage.onError) : .temporary(action: action)
    }
}
