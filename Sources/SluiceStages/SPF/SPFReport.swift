// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative

/// An SPF outcome in the words of a finding, an Authentication-Results field and a reply.
struct SPFReport {
    let outcome: SPFOutcome
    private let client: IPAddress

    init(_ outcome: SPFOutcome, client: IPAddress) {
        self.outcome = outcome
        self.client = client
    }

    /// RFC 8601 §2.7.2.
    var authentication: AuthenticationResult {
        let property: String =
            switch outcome.identity {
            case .mailFrom: "mailfrom"
            case .helo: "helo"
            }
        return AuthenticationResult(
            method: "spf", result: outcome.result.rawValue, reason: outcome.reason,
            properties: [.init("smtp", property, outcome.domain)])
    }

    var finding: Finding {
        var why = sentence
        if let mechanism = outcome.mechanism { why += " (\(mechanism))" }
        if let explanation = outcome.explanation { why += "; \(outcome.domain) explains: \(explanation)" }
        let subject =
            switch outcome.identity {
            case .mailFrom: "SPF"
            case .helo: "SPF_HELO"
            }
        return Finding(name: "\(subject)_\(outcome.result.rawValue.uppercased())", why: why)
    }

    /// What was found, in plain words, without a full stop.
    var sentence: String {
        let domain = outcome.domain
        return switch outcome.result {
        case .pass: "\(domain) lets \(client) send its mail"
        case .fail: "\(domain) does not let \(client) send its mail"
        case .softfail: "\(domain) probably does not let \(client) send its mail"
        case .neutral: "\(domain) does not say whether \(client) may send its mail"
        case .none: "SPF says nothing: \(outcome.reason ?? "there is no record")"
        case .permerror: "the SPF records of \(domain) are wrong: \(outcome.reason ?? "they can't be read")"
        case .temperror: "the SPF records of \(domain) can't be had now: \(outcome.reason ?? "no answer")"
        }
    }

    /// The reply to a message that is refused for the outcome (RFC 7372 §3.2).
    var reply: Reply {
        let domain = outcome.domain
        switch outcome.result {
        case .temperror:
            return Reply(
                451, EnhancedStatusCode(4, 7, 24),
                "The SPF records of \(domain) can't be had now; please try again later")
        case .permerror:
            return Reply(
                550, EnhancedStatusCode(5, 7, 24),
                "The SPF records of \(domain) are wrong, so that its mail can't be told from forged mail")
        case .none, .neutral, .pass, .fail, .softfail:
            let text = "SPF check failed: \(domain) does not let \(client) send its mail"
            guard let explanation = outcome.explanation else {
                return Reply(550, EnhancedStatusCode(5, 7, 23), text)
            }
            // A stranger's words, so they are marked as his (RFC 7208 §6.2), and fit a line (RFC 5321 §4.5.3.1.5).
            let shown = explanation.utf8.count > 200 ? String(explanation.prefix(200)) + "..." : explanation
            return Reply(550, EnhancedStatusCode(5, 7, 23), lines: [text, "\(domain) explains: \(shown)"])
        }
    }
}
