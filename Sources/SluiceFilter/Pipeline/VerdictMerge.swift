// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Merges the verdicts of the stages, recipient by recipient: the strictest wins, and of equal ones the first.
package struct VerdictMerge: Sendable {
    /// What stands for one recipient, and which stage said so.
    package struct Standing: Hashable, Sendable {
        package var verdict: Verdict
        package var stage: String?
    }

    package private(set) var standings: [(recipient: Mailbox, standing: Standing)]

    package init(recipients: [Mailbox]) {
        standings = recipients.map { ($0, Standing(verdict: .pass, stage: nil)) }
    }

    /// Takes in what a stage asked for.
    package mutating func merge(_ verdict: Verdict, _ recipientVerdicts: [Mailbox: Verdict], from stage: String) {
        for index in standings.indices {
            let asked = recipientVerdicts[standings[index].recipient] ?? verdict
            if asked.disposition > standings[index].standing.verdict.disposition {
                standings[index].standing = Standing(verdict: asked, stage: stage)
            }
        }
    }

    /// Whether the message is refused for all its recipients, which ends the chain.
    package var refusesAll: Bool {
        !standings.isEmpty && standings.allSatisfy { $0.standing.verdict.disposition >= .defer }
    }

    /// What becomes of each recipient in the end.
    ///
    /// SMTP has one reply for the whole message. So if it is to be deferred for any recipient, it is for all: none may
    /// get a second copy when the client comes again. A reject that only some recipients share is a quarantine for
    /// those, never a bounce.
    package var settled: [(recipient: Mailbox, standing: Standing)] {
        if let deferring = standings.first(where: { $0.standing.verdict.disposition == .defer }) {
            return standings.map { ($0.recipient, deferring.standing) }
        }
        let rejected = standings.filter { $0.standing.verdict.disposition == .reject }.count
        guard rejected > 0, rejected < standings.count else { return standings }
        return standings.map { recipient, standing in
            guard standing.verdict.disposition == .reject else { return (recipient, standing) }
            let reason = standing.verdict.reason ?? "refused"
            return (recipient, Standing(verdict: .quarantine(reason: reason), stage: standing.stage))
        }
    }
}
