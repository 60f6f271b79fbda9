// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore
package import SluiceNative

/// One step of the filter chain.
///
/// A stage holds no state of a message and can't touch another stage's result: it looks at the message and returns what
/// it concluded. One that throws, runs out of time or crashes leaves nothing half-done: its failure policy applies.
/// How to write one: `docs/stages.md`.
package protocol FilterStage: Sendable {
    associatedtype Configuration: ConfigurationReadable & Sendable
    /// The name in the configuration, in logs, metrics and records.
    static var name: String { get }
    /// What the stage needs of its place in the chain and what it leaves behind.
    static var placement: StagePlacement { get }
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
    package static var placement: StagePlacement { StagePlacement() }
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

    package init(
        after: [String] = [], seesReceivedOctets: Bool = false, edits: Bool = false, signs: Bool = false,
        isSkippable: Bool = true
    ) {
        self.after = after
        self.seesReceivedOctets = seesReceivedOctets
        self.edits = edits
        self.signs = signs
        self.isSkippable = isSkippable
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

/// What stages are given to work with: passed in, no singletons.
package struct StageServices: Sendable {
    package var resolver: any Resolver
    package var time: any TimeSource
    package var logger: Logger
    /// The bounded pool of threads on which C libraries are called.
    package var pool: CPUPool
    /// The processes in which libclamav runs; `nil` where none can be had.
    package var workers: WorkerPool?

    package init(
        resolver: any Resolver, time: any TimeSource, logger: Logger, pool: CPUPool, workers: WorkerPool?
    ) {
        self.resolver = resolver
        self.time = time
        self.logger = logger
        self.pool = pool
        self.workers = workers
    }
}

/// What a stage knows of the message's circumstances.
package struct StageContext: Sendable {
    /// The id of the message, for logs.
    package var id: String
    package var now: Timestamp
    /// Our own host name, as in `hostname:`.
    package var hostname: String
    package var client: ClientInfo
    /// Whether the client is a trusted network's or a login's.
    package var isTrusted: Bool
    /// Whether no client address is known (`sluice scan` without `--ip`): what needs one is skipped.
    package var hasClientAddress: Bool
    package var envelope: Envelope
    /// The authentication results of the stages before.
    package var authentication: [AuthenticationResult]
    /// Asks the DNS, and notes question and answer as evidence.
    package var resolver: any Resolver
    private let noteEvidence: @Sendable (Evidence) -> Void

    package init(
        id: String, now: Timestamp, hostname: String, client: ClientInfo, isTrusted: Bool,
        hasClientAddress: Bool = true,
        envelope: Envelope, authentication: [AuthenticationResult] = [], resolver: any Resolver,
        noteEvidence: @escaping @Sendable (Evidence) -> Void = { _ in }
    ) {
        self.id = id
        self.now = now
        self.hostname = hostname
        self.client = client
        self.isTrusted = isTrusted
        self.hasClientAddress = hasClientAddress
        self.envelope = envelope
        self.authentication = authentication
        self.resolver = resolver
        self.noteEvidence = noteEvidence
    }

    /// Notes an outside answer other than the DNS's, such as a database's version.
    package func note(_ evidence: Evidence) { noteEvidence(evidence) }
}
