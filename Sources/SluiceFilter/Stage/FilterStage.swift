// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// One step of the filter chain.
///
/// A stage holds no state of a message and can't touch another stage's result: it looks at the message and returns what
/// it concluded. One that throws, runs out of time or crashes leaves nothing half-done: its failure policy applies.
/// How to write one: `docs/stages.md`.
package protocol FilterStage: Sendable {
    associatedtype Configuration: ConfigurationReadable & Sendable
    /// The name in the configuration; in logs, metrics and records too, where ``label(of:)`` does not say otherwise.
    static var name: String { get }
    /// The name in logs, metrics and records of a stage with these settings. Stages of which several may stand in a
    /// pipeline are told apart by it.
    static func label(of configuration: Configuration) -> String
    /// What the stage needs of its place in the chain and what it leaves behind.
    static var placement: StagePlacement { get }
    /// The same of a stage with these settings.
    static func placement(of configuration: Configuration) -> StagePlacement
    /// What applies where the configuration does not say (`on_error`, `timeout`).
    static var defaults: StageDefaults { get }

    /// - Throws: where something that the configuration names can't be used; the message says what would be right.
    init(configuration: Configuration, services: StageServices) throws

    /// Looks at one message.
    ///
    /// - Parameters:
    ///   - message: the content as received for a stage that verifies (``StagePlacement/seesReceivedOctets``), else with
    ///     the edits of the stages before.
    ///   - context: the envelope, the client, earlier results, and the resolver to ask (it notes the evidence).
    /// - Throws: where the stage can't do its work; the failure policy then applies.
    func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult
}

extension FilterStage {
    package static func label(of configuration: Configuration) -> String { name }
    package static var placement: StagePlacement { StagePlacement() }
    package static func placement(of configuration: Configuration) -> StagePlacement { placement }
    package static var defaults: StageDefaults { StageDefaults() }
}

/// What a stage needs of its place in the chain.
package struct StagePlacement: Sendable {
    /// Stages that have to stand before it (DMARC: `spf`, `dkim-verify`).
    package var after: [String]
    /// Whether it verifies, and so has to see the octets received.
    package var seesReceivedOctets: Bool
    /// Whether it changes the message in a way that breaks signatures.
    package var edits: Bool
    /// Whether it signs: no stage that edits may come after it.
    package var signs: Bool
    /// Whether an `accept` may skip it; never the scanner or the signer.
    package var isSkippable: Bool
    /// Whether several may stand in a pipeline, each with a label of its own.
    package var mayRepeat: Bool

    package init(
        after: [String] = [], seesReceivedOctets: Bool = false, edits: Bool = false, signs: Bool = false,
        isSkippable: Bool = true, mayRepeat: Bool = false
    ) {
        self.after = after
        self.seesReceivedOctets = seesReceivedOctets
        self.edits = edits
        self.signs = signs
        self.isSkippable = isSkippable
        self.mayRepeat = mayRepeat
    }
}

/// What applies to a stage where the configuration does not say.
package struct StageDefaults: Sendable {
    package var onError: FailurePolicy
    package var timeout: Duration

    package init(onError: FailurePolicy = .defer, timeout: Duration = .seconds(30)) {
        self.onError = onError
        self.timeout = timeout
    }
}
