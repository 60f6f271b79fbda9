// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// A stage at its place in a pipeline, with the settings that every stage has.
package struct PipelineStage: Sendable {
    package let name: String
    package let placement: StagePlacement
    /// What applies where the stage fails, hangs or crashes.
    package let onError: FailurePolicy
    /// How long one message may take.
    package let timeout: Duration
    let evaluate: @Sendable (Message, StageContext) async throws -> StageResult
    let metrics: StageMetrics

    package init<Stage: FilterStage>(_ stage: Stage, onError: FailurePolicy? = nil, timeout: Duration? = nil) {
        name = Stage.name
        placement = Stage.placement
        self.onError = onError ?? Stage.defaults.onError
        self.timeout = timeout ?? Stage.defaults.timeout
        evaluate = { try await stage.evaluate($0, in: $1) }
        metrics = StageMetrics(stage: Stage.name)
    }
}

/// How a stage is made from its section of the configuration, whatever its type is.
package struct StageBlueprint: Sendable {
    package let name: String
    package let placement: StagePlacement
    /// Makes the stage; the settings have been read and checked before.
    package let make: @Sendable (StageServices) throws -> PipelineStage

    /// Reads a stage's section: its own keys, and `on_error` and `timeout`, which every stage has.
    ///
    /// Mistakes are noted in the section's reader; the section is finished by the caller.
    package init<Stage: FilterStage>(_ type: Stage.Type, reading section: ConfigurationSection) {
        name = Stage.name
        placement = Stage.placement
        let configuration = Stage.Configuration(reading: section)
        let onError = section.choice("on_error", default: Stage.defaults.onError)
        let timeout = section.duration(
            "timeout", default: Stage.defaults.timeout, in: .milliseconds(1) ... .seconds(3600))
        make = { services in
            PipelineStage(
                try Stage(configuration: configuration, services: services), onError: onError, timeout: timeout)
        }
    }
}
