// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What `trace ID` shows people: the decision, its reasons, and every step of each recipient.
enum TraceReport {
    static func lines(_ value: JSONValue) -> [String] {
        func text(_ key: String) -> String { value[key].map { $0.stringValue ?? $0.written } ?? "" }
        let reply = value["reply"]
        let client = value["client"]
        var lines = [Terminal.colour("\(text("id"))  \(text("disposition"))", .bold)]
        lines.append("  time         \(text("time")) on \(text("listener"))")
        lines.append(
            "  client       \(client?["address"]?.stringValue ?? "") \(client?["name"]?.stringValue ?? "") helo=\(client?["helo"]?.stringValue ?? "-")\(client?["login"]?.stringValue.map { " login=\($0)" } ?? "")"
        )
        lines.append("  from         <\(text("reverse_path"))>  size \(text("size"))  Message-ID \(text("message_id"))")
        lines.append(
            "  reply        \(reply?["code"]?.written ?? "") \(reply?["enhanced"]?.stringValue ?? "") \(reply?["text"]?.stringValue ?? "")"
        )
        if let mta = value["mta"], mta != .null {
            lines.append(
                "  MTA          \(Printable.text(mta["queue_id"]?.stringValue ?? "-")): told to \(mta["answer"]?.stringValue ?? "")"
            )
            for note in mta["notes"]?.arrayValue ?? [] {
                lines.append("    note       \(Printable.text(note.stringValue ?? ""))")
            }
        }
        if let score = value["score"], score != .null {
            lines.append("  score        \(score.written) of \(text("required"))")
        }
        if let turnedOn = value["turned_on"], turnedOn != .null {
            lines.append(
                "  turned on    \(turnedOn["name"]?.stringValue ?? "") (\(turnedOn["stage"]?.stringValue ?? "")): \(Printable.text(turnedOn["why"]?.stringValue ?? ""))"
            )
        }
        for stage in value["stages"]?.arrayValue ?? [] {
            let reason = stage["reason"]?.stringValue.map { " (\($0))" } ?? ""
            let policy = stage["policy"]?.stringValue.map { ", on_error: \($0)" } ?? ""
            lines.append(
                "  stage        \(stage["name"]?.stringValue ?? ""): \(stage["outcome"]?.stringValue ?? "")\(reason), \(stage["verdict"]?.stringValue ?? "")\(policy), \(stage["microseconds"]?.written ?? "0") µs"
            )
            for evidence in stage["evidence"]?.arrayValue ?? [] {
                let records = (evidence["records"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " | ")
                let what =
                    evidence["dns"]?.stringValue
                    ?? "\(evidence["database"]?.stringValue ?? "") \(evidence["version"]?.stringValue ?? "")"
                lines.append(
                    "    evidence   \(what) \(evidence["outcome"]?.stringValue ?? "") \(Printable.text(records))")
            }
        }
        for finding in value["findings"]?.arrayValue ?? [] {
            lines.append(
                "  finding      \(finding["name"]?.stringValue ?? "") \(finding["score"]?.written ?? "") (\(finding["stage"]?.stringValue ?? "")): \(Printable.text(finding["why"]?.stringValue ?? ""))"
            )
        }
        for recipient in value["recipients"]?.arrayValue ?? [] {
            lines.append(
                "  recipient    <\(recipient["address"]?.stringValue ?? "")> \(recipient["disposition"]?.stringValue ?? ""), \(recipient["state"]?.stringValue ?? "no state") \(recipient["reason"]?.stringValue ?? "")"
            )
            for step in recipient["steps"]?.arrayValue ?? [] {
                lines.append(
                    "    step       \(step["time"]?.stringValue ?? "") \(step["state"]?.stringValue ?? "") by \(step["by"]?.stringValue ?? "") \(step["why"]?.stringValue ?? "")"
                )
            }
            if let reply = recipient["reply"]?.stringValue {
                lines.append(
                    "    reply      \(recipient["next_hop"]?.stringValue ?? "") said: \(Printable.text(reply))")
            }
        }
        return lines
    }
}
