// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import SluiceNative

extension DKIMVerifyStage {
    /// What DKIM says of a message as a whole; the best of its signatures counts, as RFC 6376 §6.1 has it.
    enum Outcome: String, CaseIterable {
        case pass, temperror, fail, permerror, neutral, none

        /// A signature by a key in test mode counts as none (RFC 6376 §3.6.1).
        init(_ results: [DKIMSignatureResult]) {
            let found = Set(results.filter { !$0.testing }.map { Self($0.result) })
            self = Self.allCases.first { found.contains($0) } ?? .none
        }

        private init(_ result: DKIMSignatureResult.Result) {
            self =
                switch result {
                case .pass: .pass
                case .temperror: .temperror
                case .fail: .fail
                case .permerror, .policy: .permerror
                case .neutral: .neutral
                }
        }

        /// The outcome in words, as a client reads it.
        var words: String {
            switch self {
            case .pass: "valid DKIM signature"
            case .temperror: "DKIM signature that can't be verified now"
            case .fail: "invalid DKIM signature"
            case .permerror, .neutral: "no DKIM signature that can be verified"
            case .none: "no DKIM signature"
            }
        }
    }

    /// What is done at an outcome.
    package enum Action: String, CaseIterable, Sendable {
        case pass, quarantine, reject, `defer`

        func verdict(at outcome: Outcome) -> Verdict {
            switch self {
            case .pass: .pass
            case .quarantine: .quarantine(reason: outcome.words)
            // RFC 7372 §3.1: no passing DKIM signature found.
            case .reject: .refuse(Reply(550, EnhancedStatusCode(5, 7, 20), "refused: \(outcome.words)"))
            case .defer: .refuse(Reply(451, EnhancedStatusCode(4, 7, 20), "try again later: \(outcome.words)"))
            }
        }
    }

    /// `dkim-verify: {fail: quarantine, none: pass, …}`
    package struct Configuration: ConfigurationReadable, Sendable {
        private var actions: [Outcome: Action] = [:]

        /// All outcomes pass.
        package init() {}

        package init(reading section: ConfigurationSection) {
            for outcome in Outcome.allCases where outcome != .pass {
                actions[outcome] = section.choice(outcome.rawValue, default: Action.pass)
            }
        }

        func action(at outcome: Outcome) -> Action { actions[outcome] ?? .pass }
    }
}
