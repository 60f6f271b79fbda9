// SPDX-License-Identifier: Apache-2.0

/// What was decided about a message, by whom, and from what evidence: complete enough to evaluate it again later with
/// the network off, and to say on which finding the decision turned.
package struct DecisionRecord: Hashable, Sendable, Codable {
    /// The id of the message (or of the refused command), as logs, replies and `sluice trace` use it.
    package var id: String
    package var time: Timestamp
    package var listener: String
    /// The name of the pipeline that ran; `nil` where the message was refused before.
    package var pipeline: String?
    package var client: ClientInfo
    package var reversePath: ReversePath
    package var recipients: [RecipientDecision]
    /// The Message-ID as the message has it.
    package var messageID: String?
    /// Octets of content; 0 where none was received.
    package var size: Int
    /// The strictest disposition among the recipients.
    package var disposition: Disposition
    /// What the client read.
    package var reply: Reply
    package var score: Double?
    package var required: Double?
    /// The finding on which the decision turned.
    package var turnedOn: StageFinding?
    package var stages: [StageRecord]
    /// All edits, those of the stages and those of the dispatch (trace fields).
    package var edits: [MessageEdit]
    /// What the MTA was told in whose name the message was judged (milter); `nil` where the client was told itself.
    package var mta: MTAReturn?

    package init(
        id: String, time: Timestamp, listener: String, pipeline: String? = nil, client: ClientInfo,
        reversePath: ReversePath, recipients: [RecipientDecision], messageID: String? = nil, size: Int = 0,
        disposition: Disposition, reply: Reply, score: Double? = nil, required: Double? = nil,
        turnedOn: StageFinding? = nil, stages: [StageRecord] = [], edits: [MessageEdit] = [],
        mta: MTAReturn? = nil
    ) {
        self.id = id
        self.time = time
        self.listener = listener
        self.pipeline = pipeline
        self.client = client
        self.reversePath = reversePath
        self.recipients = recipients
        self.messageID = messageID
        self.size = size
        self.disposition = disposition
        self.reply = reply
        self.score = score
        self.required = required
        self.turnedOn = turnedOn
        self.stages = stages
        self.edits = edits
        self.mta = mta
    }

    /// All findings with the stage that made them, in the order of the chain.
    package var findings: [StageFinding] {
        stages.flatMap { stage in stage.findings.map { StageFinding(stage: stage.name, finding: $0) } }
    }

    /// All authentication results, in the order of the chain.
    package var authentication: [AuthenticationResult] { stages.flatMap(\.authentication) }
}

/// What was decided for one recipient.
package struct RecipientDecision: Hashable, Sendable, Codable {
    package var address: Mailbox
    package var disposition: Disposition
    /// Why, in plain words; `nil` where it is delivered.
    package var reason: String?

    package init(address: Mailbox, disposition: Disposition, reason: String? = nil) {
        self.address = address
        self.disposition = disposition
        self.reason = reason
    }
}

/// A finding and the stage that made it.
package struct StageFinding: Hashable, Sendable, Codable {
    package var stage: String
    package var finding: Finding

    package init(stage: String, finding: Finding) {
        self.stage = stage
        self.finding = finding
    }
}

/// What one stage did with one message.
package struct StageRecord: Hashable, Sendable, Codable {
    package enum Outcome: String, Hashable, Sendable, Codable {
        case ran, skipped
        case timedOut = "timed_out"
        case failed
    }

    package var name: String
    package var outcome: Outcome
    /// Why it was skipped or failed, in words.
    package var reason: String?
    /// What it asked for, or what its failure policy asked for.
    package var verdict: Verdict
    /// The recipients for whom it asked for something else.
    package var recipientVerdicts: [Mailbox: Verdict]
    /// The failure policy that applied, if it timed out or failed.
    package var policy: FailurePolicy?
    package var microseconds: Int64
    package var findings: [Finding]
    package var authentication: [AuthenticationResult]
    package var edits: [MessageEdit]
    /// The outside answers that were used: DNS answers, the version of a signature database.
    package var evidence: [Evidence]

    package init(
        name: String, outcome: Outcome, reason: String? = nil, verdict: Verdict = .pass,
        recipientVerdicts: [Mailbox: Verdict] = [:], policy: FailurePolicy? = nil, microseconds: Int64 = 0,
        findings: [Finding] = [], authentication: [AuthenticationResult] = [], edits: [MessageEdit] = [],
        evidence: [Evidence] = []
    ) {
        self.name = name
        self.outcome = outcome
        self.reason = reason
        self.verdict = verdict
        self.recipientVerdicts = recipientVerdicts
        self.policy = policy
        self.microseconds = microseconds
        self.findings = findings
        self.authentication = authentication
        self.edits = edits
        self.evidence = evidence
    }
}

/// An answer from outside that a decision rests on.
package enum Evidence: Hashable, Sendable, Codable {
    case dns(DNSQuestion, DNSAnswer)
    /// A database and its version, such as ClamAV's.
    case database(name: String, version: String)
}

/// What happens with a message where a stage fails, hangs or crashes (`on_error`).
package enum FailurePolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// `451`: the client comes again.
    case `defer`
    case quarantine
    /// `554`.
    case refuse
    /// Let it pass, with a finding "not checked".
    case pass
}
