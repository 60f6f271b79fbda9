// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer

/// A decision for people: what, why, and what was not checked.
enum DecisionReport {
    static func lines(_ record: DecisionRecord, title: String) -> [String] {
        var lines = [Terminal.colour(title, .bold)]
        lines.append("  disposition  \(coloured(record.disposition))")
        lines.append("  reply        \(record.reply)")
        for recipient in record.recipients where record.recipients.count > 1 || recipient.reason != nil {
            lines.append(
                "  recipient    <\(recipient.address)> \(recipient.disposition.rawValue)\(recipient.reason.map { ": \($0)" } ?? "")"
            )
        }
        if let score = record.score, let required = record.required {
            lines.append("  score        \(decimal(score)) of \(decimal(required))")
        }
        if let turnedOn = record.turnedOn {
            lines.append("  turned on    \(turnedOn.finding.name) (\(turnedOn.stage)): \(turnedOn.finding.why)")
        }
        for result in record.authentication { lines.append("  result       \(result.written)") }
        for stage in record.stages {
            let outcome =
                stage.outcome == .ran ? stage.verdict.word : "\(stage.outcome.rawValue): \(stage.reason ?? "")"
            lines.append("  stage        \(stage.name): \(outcome)  (\(stage.microseconds) µs)")
        }
        for finding in record.findings {
            let score =
                finding.finding.score == 0
                ? "" : " \(finding.finding.score > 0 ? "+" : "")\(decimal(finding.finding.score))"
            lines.append("  finding      \(finding.finding.name)\(score): \(finding.finding.why)")
        }
        return lines
    }

    static func decimal(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

    static func coloured(_ disposition: Disposition) -> String {
        switch disposition {
        case .deliver: Terminal.colour(disposition.rawValue, .green)
        case .quarantine, .defer: Terminal.colour(disposition.rawValue, .yellow)
        case .reject, .discard: Terminal.colour(disposition.rawValue, .red)
        }
    }
}
