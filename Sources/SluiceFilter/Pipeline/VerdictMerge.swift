// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Merges the verdicts of the stages, recipient by recipient: the strictest wins, and of equal ones the first.
package struct VerdictMerge: Sendable {
    /// What stands for one recipient, and which stage said so.
    package struct Standing: Hashable, Sendable {
        package var verdict: Verdict
        package var stage: String?
    }

    /// Of all recipients that there were, those whom a stage deleted or added too.
    package private(set) var standings: [(recipient: Mailbox, standing: Standing)]
    private var deleted: Set<Mailbox> = []
    /// What was asked for the message as a whole: it holds for a recipient who is added later.
    private var whole = Standing(verdict: .pass, stage: nil)

    package init(recipients: [Mailbox]) {
        standings = recipients.map { ($0, Standing(verdict: .pass, stage: nil)) }
    }

    /// Takes in what a stage asked for.
    package mutating func merge(_ verdict: Verdict, _ recipientVerdicts: [Mailbox: Verdict], from stage: String) {
        if verdict.disposition > whole.verdict.disposition { whole = Standing(verdict: verdict, stage: stage) }
        for index in standings.indices {
            let asked = recipientVerdicts[standings[index].recipient] ?? verdict
            if asked.disposition > standings[index].standing.verdict.disposition {
                standings[index].standing = Standing(verdict: asked, stage: stage)
            }
        }
    }

    /// The recipients are these now: a stage has added or deleted some.
    package mutating func setRecipients(_ recipients: [Mailbox]) {
        let known = Set(standings.map(\.recipient))
        deleted = known.subtracting(recipients)
        for recipient in recipients where !known.contains(recipient) { standings.append((recipient, whole)) }
    }

    /// Those who are not deleted.
    private var remaining: [(recipient: Mailbox, standing: Standing)] {
        deleted.isEmpty ? standings : standings.filter { !deleted.contains($0.recipient) }
    }

    /// Whether the message is refused for all its recipients, which ends the chain.
    package var refusesAll: Bool {
        let remaining = remaining
        return !remaining.isEmpty && remaining.allSatisfy { $0.standing.verdict.disposition >= .defer }
    }

    /// What becomes of each recipient in the end.
    ///
    /// SMTP has one reply for the whole message. So if it is to be deferred for any recipient, it is for all: none may
    /// get a second copy when the client comes again. A reject that only some recipients share is a quarantine for
    /// those, never a bounce. A recipient whom a stage deleted counts for nothing, unless the message is refused for all.
    package var settled: [(recipient: Mailbox, standing: Standing)] {
        let remaining = remaining
        if let deferring = remaining.first(where: { $0.standing.verdict.disposition == .defer }) {
            return standings.map { ($0.recipient, deferring.standing) }
        }
        let rejected = remaining.filter { $0.standing.verdict.disposition == .reject }
        let isRejected = !rejected.isEmpty && rejected.count == remaining.count
        return standings.map { recipient, standing in
            if deleted.contains(recipient) {
                return (recipient, isRejected ? rejected[0].standing : Standing(verdict: .pass, stage: nil))
            }
            guard standing.verdict.disposition == .reject, !isRejected else { return (recipient, standing) }
            let reason = standing.verdict.reason ?? "refused"
            return (recipient, Standing(verdict: .quarantine(reason: reason), stage: standing.stage))
        }
    }
}
