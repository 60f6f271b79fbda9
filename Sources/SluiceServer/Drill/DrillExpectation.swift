// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What is declared for a stage under which something is broken, and whether a message went that way.
enum DrillExpectation: Sendable {
    /// It works all the same.
    case works
    /// It can't do its work: `on_error` applies.
    case policy(FailurePolicy)
    /// It finds that the DNS gave no answer: `temperror` applies.
    case temporary(action: String)
    /// Its own time is no longer than the resolver's: whichever of the two comes first.
    case impatient(action: String, FailurePolicy)

    var declared: String {
        switch self {
        case .works: "checked all the same"
        case .policy(let policy): "on_error: \(policy.rawValue)"
        case .temporary(let action): "temperror: \(action)"
        case .impatient(let action, let policy): "on_error: \(policy.rawValue), temperror: \(action)"
        }
    }

    /// Whether the outcome is what is declared: how the stage ended, and what its message got.
    func isMet(by outcome: DrillOutcome, of stage: DrillStage) -> Bool {
        guard let record = outcome.stage(stage.label) else { return false }
        let ending = record["outcome"]?.stringValue
        switch self {
        case .works:
            return ending == "ran" && !outcome.hasTemporaryError && outcome.disposition == "deliver"
                && outcome.reply.code == 250
        case .policy(let policy):
            return (ending == "failed" || ending == "timed_out") && record["policy"]?.stringValue == policy.rawValue
                && Self.isCarriedOut(policy, outcome)
        case .impatient(let action, let policy):
            let own: Self = ending == "ran" ? .temporary(action: action) : .policy(policy)
            return own.isMet(by: outcome, of: stage)
        case .temporary(let action):
            return ending == "ran" && outcome.hasTemporaryError && Self.isCarriedOut(action: action, outcome)
        }
    }

    private static func isCarriedOut(_ policy: FailurePolicy, _ outcome: DrillOutcome) -> Bool {
        switch policy {
        case .defer: outcome.disposition == "defer" && outcome.reply.code == 451
        case .refuse: outcome.disposition == "reject" && outcome.reply.code == 554
        case .quarantine: outcome.disposition == "quarantine" && outcome.reply.code == 250
        case .pass: outcome.disposition == "deliver" && outcome.reply.code == 250 && outcome.isNotedUnchecked
        }
    }

    private static func isCarriedOut(action: String, _ outcome: DrillOutcome) -> Bool {
        switch action {
        case "defer": outcome.disposition == "defer" && outcome.reply.code / 100 == 4
        case "reject": outcome.disposition == "reject" && outcome.reply.code / 100 == 5
        case "quarantine": outcome.disposition == "quarantine" && outcome.reply.code == 250
        default: outcome.disposition == "deliver" && outcome.reply.code == 250
        }
    }
}

/// What became of a message that was sent through a broken stage.
struct DrillOutcome: Sendable {
    var reply: Reply
    /// As `sluice trace ID --json` shows it.
    var trace: JSONValue
    var elapsed: Duration

    var disposition: String { trace["disposition"]?.stringValue ?? "none" }

    func stage(_ label: String) -> JSONValue? {
        trace["stages"]?.arrayValue?.first { $0["name"]?.stringValue == label }
    }

    var hasTemporaryError: Bool {
        trace["authentication_results"]?.arrayValue?.contains { $0["result"]?.stringValue == "temperror" } ?? false
    }

    /// Whether the record says that the message was not checked.
    var isNotedUnchecked: Bool {
        trace["findings"]?.arrayValue?.contains { $0["name"]?.stringValue == "NOT_CHECKED" } ?? false
    }

    /// `timed_out after 1.5 s (no answer within 1500ms); 451 4.7.0 …`
    func seen(_ label: String) -> String {
        guard let record = stage(label) else { return "no record of the stage; \(reply)" }
        var words = record["outcome"]?.stringValue ?? ""
        if hasTemporaryError { words = "temperror" }
        let milliseconds = (record["microseconds"]?.integerValue ?? 0) / 1000
        words += " after \(milliseconds) ms"
        if let reason = record["reason"]?.stringValue { words += " (\(reason))" }
        return "\(words); \(disposition), \(reply.code)\(reply.enhanced.map { " \($0)" } ?? "")"
    }
}
