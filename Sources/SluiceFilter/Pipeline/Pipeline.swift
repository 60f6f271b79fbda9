// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore

/// The ordered chain of filter stages: runs them one after the other and merges what they conclude.
///
/// The same chain runs behind the SMTP front, the milter and `sluice scan`; nothing else decides about a message.
package struct Pipeline: Sendable {
    package let name: String
    package let stages: [PipelineStage]
    private let logger: Logger

    /// - Throws: ``PipelineOrderError`` where the order of the stages can't work.
    package init(name: String, stages: [PipelineStage], logger: Logger) throws(PipelineOrderError) {
        if let error = PipelineOrder.check(stages.map { ($0.name, $0.placement) }).first { throw error }
        self.name = name
        self.stages = stages
        self.logger = logger
    }

    /// Runs the chain over one message, within `timeout`.
    ///
    /// A stage that throws or runs out of time leaves nothing half-done: its failure policy applies, and the record says
    /// so. A stage that the pipeline's own time cuts off or never starts has timed out too.
    package func evaluate(_ message: Message, _ request: PipelineRequest, timeout: Duration) async -> PipelineOutcome {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        var run = PipelineRun(received: message, edits: request.edits, envelope: request.envelope)
        for stage in stages {
            if let reason = run.reasonToSkip(stage) {
                run.take(StageRecord(name: stage.name, outcome: .skipped, reason: reason), of: stage)
                continue
            }
            let log = EvidenceLog()
            let context = StageContext(
                id: request.id, now: request.now, hostname: request.hostname, client: request.client,
                isTrusted: request.isTrusted, hasClientAddress: request.hasClientAddress, envelope: run.envelope,
                nesting: request.nesting,
                authentication: run.authentication,
                resolver: RecordingResolver(resolver: request.resolver, log: log), noteEvidence: { log.note($0) })
            let message = stage.placement.seesReceivedOctets ? run.received : run.edited
            let start = clock.now
            let limit = min(stage.timeout, end - start)
            let outcome = await withDeadline(limit) { try await stage.evaluate(message, context) }
            let elapsed = (clock.now - start).wholeMicroseconds
            switch outcome {
            case .finished(let result):
                run.take(result, of: stage, microseconds: elapsed, evidence: log.evidence)
            case .failed(let error):
                run.fail(stage, .failed, "\(error)", microseconds: elapsed, evidence: log.evidence)
            case .timedOut:
                let reason =
                    limit < stage.timeout ? "the chain's time was up" : "no answer within \(stage.timeout.written)"
                run.fail(stage, .timedOut, reason, microseconds: elapsed, evidence: log.evidence)
            }
            report(run.records.last, id: request.id)
        }
        return run.outcome
    }

    private func report(_ record: StageRecord?, id: String) {
        guard let record, record.outcome == .failed || record.outcome == .timedOut else { return }
        logger.warning(
            "stage did not check the message",
            metadata: [
                "id": "\(id)", "stage": "\(record.name)", "outcome": "\(record.outcome.rawValue)",
                "reason": "\(record.reason ?? "")", "policy": "\(record.policy?.rawValue ?? "")",
            ])
    }
}

/// The state of one run of a pipeline.
private struct PipelineRun {
    let received: Message
    private(set) var edited: Message
    /// With the edits of the stages so far.
    private(set) var envelope: Envelope
    private(set) var records: [StageRecord] = []
    private(set) var edits: [MessageEdit]
    private(set) var authentication: [AuthenticationResult] = []
    private var merge: VerdictMerge
    private var score: StageResult.Score?
    private var skipping: [String: String] = [:]
    private var refusedBy: String?

    init(received: Message, edits: [MessageEdit], envelope: Envelope) {
        self.received = received
        self.edits = edits
        edited = received.applying(edits)
        self.envelope = envelope.applying(edits)
        merge = VerdictMerge(recipients: self.envelope.recipients)
    }

    var outcome: PipelineOutcome {
        PipelineOutcome(recipients: merge.settled, stages: records, edits: edits, score: score)
    }

    func reasonToSkip(_ stage: PipelineStage) -> String? {
        if let refusedBy { return "skipped: refused by \(refusedBy)" }
        guard stage.placement.isSkippable, let reason = skipping[stage.name] else { return nil }
        return "skipped: \(reason)"
    }

    mutating func take(_ record: StageRecord, of stage: PipelineStage) {
        stage.metrics.count(record)
        records.append(record)
    }

    mutating func take(_ result: StageResult, of stage: PipelineStage, microseconds: Int64, evidence: [Evidence]) {
        take(
            StageRecord(
                name: stage.name, outcome: result.skipped == nil ? .ran : .skipped, reason: result.skipped,
                verdict: result.verdict, recipientVerdicts: result.recipientVerdicts, microseconds: microseconds,
                findings: result.findings, authentication: result.authentication, edits: result.edits,
                evidence: evidence),
            of: stage)
        authentication += result.authentication
        if let score = result.score { self.score = score }
        if !result.edits.isEmpty {
            edits += result.edits
            edited = edited.applying(result.edits)
        }
        // After its verdict: what a stage says of the message holds for whom it adds, too.
        defer { changeEnvelope(result.edits) }
        if case .accept(let reason, let names) = result.verdict {
            for name in names.isEmpty ? ["spam"] : names { skipping[name] = "accepted by \(stage.name): \(reason)" }
        }
        decide(result.verdict, result.recipientVerdicts, by: stage)
    }

    mutating func fail(
        _ stage: PipelineStage, _ outcome: StageRecord.Outcome, _ reason: String, microseconds: Int64,
        evidence: [Evidence]
    ) {
        let verdict = stage.onError.verdict(of: stage.name)
        let finding = Finding(
            name: "NOT_CHECKED",
            why: "not checked by \(stage.name): \(outcome == .timedOut ? "it timed out" : "it failed")")
        take(
            StageRecord(
                name: stage.name, outcome: outcome, reason: reason, verdict: verdict, policy: stage.onError,
                microseconds: microseconds, findings: [finding], evidence: evidence),
            of: stage)
        decide(verdict, [:], by: stage)
    }

    /// Later stages, and what becomes of the message, go by the envelope with the edits.
    private mutating func changeEnvelope(_ edits: [MessageEdit]) {
        let edited = envelope.applying(edits)
        guard edited != envelope else { return }
        envelope = edited
        merge.setRecipients(edited.recipients)
    }

    private mutating func decide(_ verdict: Verdict, _ recipientVerdicts: [Mailbox: Verdict], by stage: PipelineStage) {
        merge.merge(verdict, recipientVerdicts, from: stage.name)
        if merge.refusesAll { refusedBy = stage.name }
    }
}

extension FailurePolicy {
    /// What is asked for where the stage of that name could not check the message.
    package func verdict(of stage: String) -> Verdict {
        switch self {
        case .defer:
            .refuse(Reply(451, EnhancedStatusCode(4, 7, 0), "could not be checked now (\(stage)), try again later"))
        case .quarantine: .quarantine(reason: "could not be checked (\(stage))")
        case .refuse: .refuse(Reply(554, EnhancedStatusCode(5, 7, 0), "could not be checked (\(stage))"))
        case .pass: .pass
        }
    }
}
