// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// A stage at its place in a pipeline, with the settings that every stage has.
package struct PipelineStage: Sendable {
    /// The stage's label: `milter:rspamd`, or its name alone.
    package let name: String
    package let placement: StagePlacement
    /// What applies where the stage fails, hangs or crashes.
    package let onError: FailurePolicy
    /// How long one message may take.
    package let timeout: Duration
    let evaluate: @Sendable (Message, StageContext) async throws -> StageResult
    let metrics: StageMetrics

    /// - Parameters:
    ///   - label: the stage's name unless said otherwise.
    ///   - placement: that of its type unless said otherwise.
    package init<Stage: FilterStage>(
        _ stage: Stage, label: String? = nil, placement: StagePlacement? = nil, onError: FailurePolicy? = nil,
        timeout: Duration? = nil
    ) {
        let name = label ?? Stage.name
        self.name = name
        self.placement = placement ?? Stage.placement
        self.onError = onError ?? Stage.defaults.onError
        self.timeout = timeout ?? Stage.defaults.timeout
        evaluate = { try await stage.evaluate($0, in: $1) }
        metrics = StageMetrics(stage: name)
    }
}

/// How a stage is made from its section of the configuration, whatever its type is.
package struct StageBlueprint: Sendable {
    /// The stage's label.
    package let name: String
    package let placement: StagePlacement
    /// Makes the stage; the settings have been read and checked before.
    package let make: @Sendable (StageServices) throws -> PipelineStage

    /// Reads a stage's section: its own keys, and `on_error` and `timeout`, which every stage has.
    ///
    /// Mistakes are noted in the section's reader; the section is finished by the caller.
    package init<Stage: FilterStage>(_ type: Stage.Type, reading section: ConfigurationSection) {
        let configuration = Stage.Configuration(reading: section)
        let name = Stage.label(of: configuration)
        let placement = Stage.placement(of: configuration)
        self.name = name
        self.placement = placement
        let onError = section.choice("on_error", default: Stage.defaults.onError)
        let timeout = section.duration(
            "timeout", default: Stage.defaults.timeout, in: .milliseconds(1) ... .seconds(3600))
        make = { services in
            PipelineStage(
                try Stage(configuration: configuration, services: services), label: name, placement: placement,
                onError: onError, timeout: timeout)
        }
    }
}
