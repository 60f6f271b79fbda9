// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter

/// A stage without settings.
struct NoSettings: ConfigurationReadable, Sendable {
    init() {}
    init(reading section: ConfigurationSection) {}
}

/// The name and the place of a scripted stage.
protocol StageTraits: Sendable {
    static var name: String { get }
    static var placement: StagePlacement { get }
}

extension StageTraits {
    static var placement: StagePlacement { StagePlacement() }
}

enum First: StageTraits { static let name = "first" }
enum Second: StageTraits { static let name = "second" }
enum Third: StageTraits { static let name = "third" }
enum Spam: StageTraits { static let name = "spam" }
enum Verifier: StageTraits {
    static let name = "verifier"
    static let placement = StagePlacement(seesReceivedOctets: true)
}
enum Scanner: StageTraits {
    static let name = "scanner"
    static let placement = StagePlacement(isSkippable: false)
}
enum Editor: StageTraits {
    static let name = "editor"
    static let placement = StagePlacement(edits: true)
}
enum Signer: StageTraits {
    static let name = "signer"
    static let placement = StagePlacement(signs: true, isSkippable: false)
}
enum Aligner: StageTraits {
    static let name = "aligner"
    static let placement = StagePlacement(after: ["first", "verifier"])
}

/// A stage that does what the test says.
struct ScriptedStage<Traits: StageTraits>: FilterStage {
    static var name: String { Traits.name }
    static var placement: StagePlacement { Traits.placement }

    typealias Body = @Sendable (Message, StageContext) async throws -> StageResult
    private let body: Body

    init(configuration: NoSettings, services: StageServices) { body = { _, _ in StageResult() } }
    init(_ body: @escaping Body) { self.body = body }

    func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        try await body(message, context)
    }
}

extension PipelineStage {
    /// A scripted stage at its place.
    static func scripted<Traits: StageTraits>(
        _ traits: Traits.Type, onError: FailurePolicy? = nil, timeout: Duration? = nil,
        _ body: @escaping ScriptedStage<Traits>.Body = { _, _ in StageResult() }
    ) -> PipelineStage {
        PipelineStage(ScriptedStage<Traits>(body), onError: onError, timeout: timeout)
    }

    /// A stage that always concludes the same.
    static func fixed<Traits: StageTraits>(_ traits: Traits.Type, _ result: StageResult) -> PipelineStage {
        scripted(traits) { _, _ in result }
    }
}
