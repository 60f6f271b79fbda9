// SPDX-License-Identifier: Apache-2.0

/// What a stage, and in the end the pipeline, wants done with a message.
package enum Verdict: Hashable, Sendable, Codable {
    /// No objection; the next stage decides.
    case pass
    /// Skip these stages (spam, if none is named), never the scanner or the signer.
    case accept(reason: String, skipping: [String])
    /// Hold for review, unless a later stage refuses. The reason names the category, in plain words.
    case quarantine(reason: String)
    /// Reply 250 and drop.
    case discard(reason: String)
    /// 4yz: try again later; 5yz: for good.
    case refuse(Reply)

    /// The disposition that this verdict alone leads to.
    package var disposition: Disposition {
        switch self {
        case .pass, .accept: .deliver
        case .quarantine: .quarantine
        case .discard: .discard
        case .refuse(let reply): reply.isTransientNegative ? .defer : .reject
        }
    }

    /// One word for records and logs: `pass`, `accept`, `quarantine`, `discard`, `reject` or `defer`.
    package var word: String {
        switch self {
        case .pass: "pass"
        case .accept: "accept"
        case .quarantine, .discard, .refuse: disposition.rawValue
        }
    }

    /// Why, in words; `nil` for `pass`.
    package var reason: String? {
        switch self {
        case .pass: nil
        case .accept(let reason, _), .quarantine(let reason), .discard(let reason): reason
        case .refuse(let reply): reply.text
        }
    }
}

/// What is finally done with a message for one recipient.
package enum Disposition: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case deliver, discard, quarantine, `defer`, reject

    /// The order in which the strictest wins: reject, defer, quarantine, discard, deliver.
    private var strictness: Int {
        switch self {
        case .deliver: 0
        case .discard: 1
        case .quarantine: 2
        case .defer: 3
        case .reject: 4
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.strictness < right.strictness }
}

/// Named evidence with a score (in rspamd and SpamAssassin: a symbol, a test).
package struct Finding: Hashable, Sendable, Codable {
    package var name: String
    /// Points towards spam; negative ones speak for the message; 0 where the finding only informs.
    package var score: Double
    /// Why, in words that a person understands, with the evidence.
    package var why: String

    package init(name: String, score: Double = 0, why: String) {
        self.name = name
        self.score = score
        self.why = why
    }
}

/// What one stage concluded. The pipeline, not the stage, merges it.
package struct StageResult: Equatable, Sendable {
    /// For every recipient,
    package var verdict: Verdict
    /// but for these.
    package var recipientVerdicts: [Mailbox: Verdict]
    /// RFC 8601 method, result, properties.
    package var authentication: [AuthenticationResult]
    package var findings: [Finding]
    package var edits: [MessageEdit]
    /// The spam score and the threshold at which a message counts as spam, where the stage keeps one.
    package var score: Score?
    /// Why the stage had nothing to do ("skipped: trusted client"); the record then says skipped instead of ran.
    package var skipped: String?

    package struct Score: Hashable, Sendable, Codable {
        package var score: Double
        package var required: Double
        package init(score: Double, required: Double) {
            self.score = score
            self.required = required
        }
    }

    package init(
        verdict: Verdict = .pass, recipientVerdicts: [Mailbox: Verdict] = [:],
        authentication: [AuthenticationResult] = [], findings: [Finding] = [], edits: [MessageEdit] = [],
        score: Score? = nil, skipped: String? = nil
    ) {
        self.verdict = verdict
        self.recipientVerdicts = recipientVerdicts
        self.authentication = authentication
        self.findings = findings
        self.edits = edits
        self.score = score
        self.skipped = skipped
    }
}
