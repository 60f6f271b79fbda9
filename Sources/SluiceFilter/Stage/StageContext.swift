// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore
package import SluiceNative

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
    /// How deep MIME parts may nest (`limits.nesting`); a stage that needs what lies behind has failed.
    package var nesting: Int
    /// The authentication results of the stages before.
    package var authentication: [AuthenticationResult]
    /// Asks the DNS, and notes question and answer as evidence.
    package var resolver: any Resolver
    private let noteEvidence: @Sendable (Evidence) -> Void

    package init(
        id: String, now: Timestamp, hostname: String, client: ClientInfo, isTrusted: Bool,
        hasClientAddress: Bool = true,
        envelope: Envelope, nesting: Int = 100, authentication: [AuthenticationResult] = [], resolver: any Resolver,
        noteEvidence: @escaping @Sendable (Evidence) -> Void = { _ in }
    ) {
        self.id = id
        self.now = now
        self.hostname = hostname
        self.client = client
        self.isTrusted = isTrusted
        self.hasClientAddress = hasClientAddress
        self.envelope = envelope
        self.nesting = nesting
        self.authentication = authentication
        self.resolver = resolver
        self.noteEvidence = noteEvidence
    }

    /// Notes an outside answer other than the DNS's, such as a database's version.
    package func note(_ evidence: Evidence) { noteEvidence(evidence) }
}
