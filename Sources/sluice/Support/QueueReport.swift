// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The queue in figures, for people: by state, by age, and the destinations with the most recipients.
enum QueueReport {
    private static let destinationLimit = 20

    static func lines(_ value: JSONValue) -> [String] {
        func text(_ value: JSONValue, _ key: String) -> String {
            guard let member = value[key], member != .null else { return "-" }
            return member.stringValue ?? member.written
        }
        func figures(_ group: JSONValue) -> [String] {
            ["recipients", "octets", "oldest", "next_due"].map { text(group, $0) }
        }
        let header = ["RECIPIENTS", "OCTETS", "OLDEST", "NEXT DUE"]
        var lines = [
            "\(text(value, "messages")) messages, \(text(value, "items")) items, \(text(value, "octets")) octets"
        ]
        lines += Table.lines(
            ["STATE"] + header, (value["states"]?.arrayValue ?? []).map { [text($0, "state")] + figures($0) })
        let ages = (value["ages"]?.arrayValue ?? []).filter { $0["recipients"]?.integerValue != 0 }
        if !ages.isEmpty {
            lines.append("")
            lines += Table.lines(
                ["AGE UP TO"] + header,
                ages.map { [$0["up_to"]?.stringValue ?? "more"] + figures($0) })
        }
        let destinations = value["destinations"]?.arrayValue ?? []
        if !destinations.isEmpty {
            lines.append("")
            lines += Table.lines(
                ["DESTINATION", "QUEUED", "HELD", "QUARANTINED"] + header,
                destinations.prefix(destinationLimit).map { destination in
                    ["destination", "queued", "held", "quarantined"].map { text(destination, $0) }
                        + figures(destination)
                })
            let more =
                destinations.count - min(destinationLimit, destinations.count)
                + Int(value["more_destinations"]?.integerValue ?? 0)
            if more > 0 { lines.append("and \(more) more destinations (--json)") }
        }
        return lines
    }
}
