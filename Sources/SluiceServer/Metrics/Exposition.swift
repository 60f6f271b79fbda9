// SPDX-License-Identifier: Apache-2.0

/// Writes samples in the text format that Prometheus reads, version 0.0.4. Pure.
package enum Exposition {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The metrics by name, the series of each by their labels; metrics without a series are left out.
    package static func text(_ samples: [MetricSample], _ definitions: [MetricDefinition]) -> String {
        let byName = Dictionary(grouping: samples, by: \.name)
        var text = ""
        for definition in definitions.sorted(by: { $0.name < $1.name }) {
            guard let samples = byName[definition.name] else { continue }
            text += "# HELP \(definition.name) \(escaped(definition.help))\n"
            text += "# TYPE \(definition.name) \(definition.kind.rawValue)\n"
            for sample in samples.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
                write(sample, definition, to: &text)
            }
        }
        return text
    }

    private static func write(_ sample: MetricSample, _ definition: MetricDefinition, to text: inout String) {
        let labels = zip(definition.labels, sample.labels).map { "\($0)=\"\(escaped($1, isLabel: true))\"" }
        let all = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        switch sample.value {
        case .number(let number): text += "\(sample.name)\(all) \(written(number))\n"
        case .histogram(let counts):
            var upTo: Int64 = 0
            for (bound, count) in zip(definition.buckets, counts.buckets) {
                upTo += count
                let bounded = (labels + ["le=\"\(written(bound))\""]).joined(separator: ",")
                text += "\(sample.name)_bucket{\(bounded)} \(upTo)\n"
            }
            let infinite = (labels + ["le=\"+Inf\""]).joined(separator: ",")
            text += "\(sample.name)_bucket{\(infinite)} \(counts.count)\n"
            text += "\(sample.name)_sum\(all) \(written(counts.sum))\n"
            text += "\(sample.name)_count\(all) \(counts.count)\n"
        }
    }

    private static func written(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }

    /// A backslash and a line feed are escaped everywhere, a quotation mark in the value of a label.
    private static func escaped(_ text: String, isLabel: Bool = false) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where isLabel: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
