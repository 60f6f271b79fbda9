// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter

/// Turns what the chain concluded into what is done: dispositions, trace fields, the reply and the decision record.
///
/// Pure: the same for the SMTP front, the milter, `sluice scan` and replay.
package struct Dispatch: Sendable {
    package var listener: String
    package var pipeline: String
    package var request: PipelineRequest
    /// Whether Received is among the edits: not where an MTA that asks adds its own.
    package var addsReceived = true

    package init(listener: String, pipeline: String, request: PipelineRequest) {
        self.listener = listener
        self.pipeline = pipeline
        self.request = request
    }

    /// The decision about a message whose chain has run.
    package func decide(_ message: Message, size: Int, _ outcome: PipelineOutcome) -> DecisionRecord {
        let traceEdits = trace.edits(to: message.applying(outcome.edits), outcome, addsReceived: addsReceived)
        return DecisionRecord(
            id: request.id, time: request.now, listener: listener, pipeline: pipeline, client: request.client,
            reversePath: request.envelope.reversePath,
            recipients: outcome.recipients.map { recipient, standing in
                RecipientDecision(
                    address: recipient, disposition: standing.verdict.disposition, reason: standing.verdict.reason)
            },
            messageID: message.header.first("Message-ID")?.value, size: size, disposition: outcome.disposition,
            reply: reply(outcome), score: outcome.score?.score, required: outcome.score?.required,
            turnedOn: outcome.turnedOn, stages: outcome.stages, edits: outcome.edits + traceEdits)
    }

    /// The Received field, for the top of the header section.
    package var received: MessageEdit { trace.receivedEdit }

    private var trace: TraceFields {
        TraceFields(
            id: request.id, hostname: request.hostname, client: request.client,
            hasClientAddress: request.hasClientAddress, isTrusted: request.isTrusted, now: request.now,
            recipients: request.envelope.recipients)
    }

    /// What the client reads: code, enhanced code, a sentence of the category, and the id to ask for.
    private func reply(_ outcome: PipelineOutcome) -> Reply {
        let disposition = outcome.disposition
        let deciding = outcome.recipients.first { $0.standing.verdict.disposition == disposition }?.standing.verdict
        switch deciding {
        case .refuse(let reply): return reply.asking(for: request.id)
        case .pass, .accept, .quarantine, .discard, nil:
            return Reply(250, EnhancedStatusCode(2, 0, 0), "accepted as \(request.id)")
        }
    }
}

extension Reply {
    /// The reply with the id to ask the postmaster for.
    package func asking(for id: String) -> Reply {
        var reply = self
        reply.lines[reply.lines.count - 1] += " (id \(id))"
        return reply
    }
}
