// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What a pipeline is asked about.
package struct PipelineRequest: Sendable {
    package var id: String
    package var now: Timestamp
    package var hostname: String
    package var client: ClientInfo
    package var isTrusted: Bool
    package var hasClientAddress: Bool
    package var envelope: Envelope
    /// How deep MIME parts may nest (`limits.nesting`).
    package var nesting: Int
    package var resolver: any Resolver
    /// What reception has to change before any stage that does not verify looks (a missing Date, RFC 6409 §8).
    package var edits: [MessageEdit]

    package init(
        id: String, now: Timestamp, hostname: String, client: ClientInfo, isTrusted: Bool,
        hasClientAddress: Bool = true,
        envelope: Envelope, nesting: Int = 100, resolver: any Resolver, edits: [MessageEdit] = []
    ) {
        self.edits = edits
        self.id = id
        self.now = now
        self.hostname = hostname
        self.client = client
        self.isTrusted = isTrusted
        self.hasClientAddress = hasClientAddress
        self.envelope = envelope
        self.nesting = nesting
        self.resolver = resolver
    }
}

/// What the chain concluded about one message.
package struct PipelineOutcome: Sendable {
    /// What becomes of each recipient, in the order of the envelope.
    package var recipients: [(recipient: Mailbox, standing: VerdictMerge.Standing)]
    /// What each stage did, in the order of the chain.
    package var stages: [StageRecord]
    /// The edits of all stages that ran, in order.
    package var edits: [MessageEdit]
    /// The spam score and its threshold, where a stage keeps one.
    package var score: StageResult.Score?

    package init(
        recipients: [(recipient: Mailbox, standing: VerdictMerge.Standing)], stages: [StageRecord],
        edits: [MessageEdit], score: StageResult.Score?
    ) {
        self.recipients = recipients
        self.stages = stages
        self.edits = edits
        self.score = score
    }

    /// The strictest disposition; deliver where there is no recipient.
    package var disposition: Disposition { recipients.map(\.standing.verdict.disposition).max() ?? .deliver }

    package var authentication: [AuthenticationResult] { stages.flatMap(\.authentication) }

    /// The finding on which the decision turned: the weightiest one of the stage that decided; `nil` for a delivery.
    package var turnedOn: StageFinding? {
        let disposition = disposition
        guard disposition != .deliver,
            let name = recipients.first(where: { $0.standing.verdict.disposition == disposition })?.standing.stage,
            let stage = stages.first(where: { $0.name == name }),
            let finding = stage.findings.max(by: { $0.score < $1.score })
        else { return nil }
        return StageFinding(stage: name, finding: finding)
    }
}
