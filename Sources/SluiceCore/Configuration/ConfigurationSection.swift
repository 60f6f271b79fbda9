// SPDX-License-Identifier: Apache-2.0

/// A mapping of the configuration, read by typed getters.
///
/// Each getter notes a diagnostic with its line and column where the value is wrong, and returns the default.
/// ``finish()`` reports the keys that nobody asked for, with the nearest known one.
package final class ConfigurationSection {
    package let reader: ConfigurationReader
    /// The way to this section, such as `pipelines.inbound[2].virus`.
    package let path: String
    package let mark: SourceMark
    private let entries: [(key: String, mark: SourceMark, value: ConfigurationNode)]
    private var known: [String] = []

    /// - Parameter node: `nil` for a section that is not there: all its values are defaults.
    package init(_ node: ConfigurationNode?, path: String, reader: ConfigurationReader, mark: SourceMark) {
        self.reader = reader
        self.path = path
        self.mark = node?.mark ?? mark
        switch node?.value {
        case .mapping(let entries):
            self.entries = entries
            var seen: Set<String> = []
            for entry in entries where !seen.insert(entry.key).inserted {
                reader.report(entry.mark, "\(entry.key) stands here twice, once is right")
            }
        case .scalar("", isPlain: true), nil: entries = []
        case .scalar, .list:
            entries = []
            reader.report(
                self.mark,
                "\(path.isEmpty ? "the file" : path) is \(node?.kind ?? "empty"), a mapping (key: value) would be right"
            )
        }
    }

    /// The keys that stand in the section, in the order of the file.
    package var keys: [(key: String, mark: SourceMark)] { entries.map { ($0.key, $0.mark) } }

    /// The value of a key as it stands, which counts as asked for.
    package func node(_ key: String) -> ConfigurationNode? {
        known.append(key)
        guard let node = entries.first(where: { $0.key == key })?.value else { return nil }
        if case .scalar(let text, isPlain: true) = node.value, text.isEmpty || text == "null" || text == "~" {
            return nil
        }
        return node
    }

    package func markOf(_ key: String) -> SourceMark { entries.first { $0.key == key }?.value.mark ?? mark }
    package func isPresent(_ key: String) -> Bool { entries.contains { $0.key == key } }
    package func report(_ key: String, _ message: String, severity: Diagnostic.Severity = .error) {
        reader.report(markOf(key), message, severity: severity)
    }

    func pathOf(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    private func read<Value>(
        _ key: String, default fallback: Value, wanted: String, written: (Value) -> String = { "\($0)" },
        _ parse: (String) -> Value?
    ) -> Value {
        guard let node = node(key) else {
            reader.note(pathOf(key), written(fallback), nil)
            return fallback
        }
        guard case .scalar(let text, _) = node.value, let value = parse(text) else {
            let found = if case .scalar(let text, _) = node.value { "“\(text)”" } else { node.kind }
            reader.report(node.mark, "\(key) is \(found), \(wanted) would be right")
            return fallback
        }
        reader.note(pathOf(key), written(value), node.mark)
        return value
    }

    package func string(_ key: String, default fallback: String) -> String {
        read(key, default: fallback, wanted: "a text") { $0 }
    }

    /// A text that may be missing.
    package func optionalString(_ key: String) -> String? {
        read(key, default: String?.none, wanted: "a text", written: { $0 ?? "-" }) { .some($0) }
    }

    /// A text that must be there.
    package func requiredString(_ key: String) -> String {
        guard node(key) != nil else {
            reader.report(mark, "\(path.isEmpty ? "" : path + ": ")\(key) is missing")
            return ""
        }
        return string(key, default: "")
    }

    package func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        read(key, default: fallback, wanted: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package func number(_ key: String, default fallback: Double) -> Double {
        read(key, default: fallback, wanted: "a number") { text in
            Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    package func optionalNumber(_ key: String) -> Double? {
        read(key, default: Double?.none, wanted: "a number", written: { $0.map { "\($0)" } ?? "-" }) { text in
            Double(text).flatMap { $0.isFinite ? .some($0) : nil }
        }
    }

    package func boolean(_ key: String, default fallback: Bool) -> Bool {
        read(key, default: fallback, wanted: "true or false", ConfigurationScalar.boolean)
    }

    /// A duration with its unit: `30s`.
    package func duration(
        _ key: String, default fallback: Duration, in range: ClosedRange<Duration> = .zero ... .seconds(400 * 86400)
    ) -> Duration {
        read(
            key, default: fallback,
            wanted:
                "a duration from \(range.lowerBound.written) to \(range.upperBound.written) with its unit, such as 30s, 5m, 4h or 30d,",
            written: \.written
        ) { ConfigurationScalar.duration($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// A number of events in a time, such as `600/1h`; `nil` where the key is missing: no limit.
    package func optionalRate(_ key: String) -> Rate? {
        read(
            key, default: Rate?.none, wanted: "a number in a time from 1s to 30d, such as 600/1h,",
            written: { $0.map(\.description) ?? "-" }
        ) { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let count = Int(parts[0]), 1...1_000_000 ~= count,
                let period = ConfigurationScalar.duration(String(parts[1])),
                Duration.seconds(1) ... .seconds(30 * 86400) ~= period
            else { return nil }
            return .some(Rate(count: count, period: period))
        }
    }

    /// A size in octets with its unit: `50MB`.
    package func size(_ key: String, default fallback: Int, in range: ClosedRange<Int> = 0...(1 << 50)) -> Int {
        read(
            key, default: fallback,
            wanted:
                "a size from \(range.lowerBound)B to \(range.upperBound)B with its unit, such as 512B, 256KiB or 50MB,",
            written: { "\($0)B" }
        ) { ConfigurationScalar.size($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// One of some words.
    package func choice<Value: RawRepresentable & CaseIterable>(_ key: String, default fallback: Value) -> Value
    where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return read(key, default: fallback, wanted: "one of \(words)", written: \.rawValue) { Value(rawValue: $0) }
    }

    /// A path, relative to the file. Whether the file is there is for the reader of the section to check.
    package func path(_ key: String) -> String? { optionalString(key).map { reader.resolve($0) } }

    /// A list of texts; a lone text is a list of one.
    package func strings(_ key: String, default fallback: [String] = []) -> [String] {
        guard let node = node(key) else {
            reader.note(pathOf(key), "[" + fallback.joined(separator: ", ") + "]", nil)
            return fallback
        }
        let items: [ConfigurationNode] = if case .list(let items) = node.value { items } else { [node] }
        let texts = items.compactMap { item -> String? in
            if case .scalar(let text, _) = item.value { return text }
            reader.report(item.mark, "\(key) holds \(item.kind), a text would be right")
            return nil
        }
        reader.note(pathOf(key), "[" + texts.joined(separator: ", ") + "]", node.mark)
        return texts
    }

    /// The nodes of a list; empty where the key is missing.
    package func list(_ key: String) -> [ConfigurationNode] {
        guard let node = node(key) else { return [] }
        guard case .list(let items) = node.value else {
            reader.report(node.mark, "\(key) is \(node.kind), a list would be right")
            return []
        }
        return items
    }

    /// A section below this one; empty where the key is missing. The caller finishes it.
    package func section(_ key: String) -> ConfigurationSection {
        ConfigurationSection(node(key), path: pathOf(key), reader: reader, mark: mark)
    }

    /// Reads a section below this one and reports its unknown keys.
    package func read<Value: ConfigurationReadable>(_ key: String, as type: Value.Type = Value.self) -> Value {
        let section = section(key)
        defer { section.finish() }
        return Value(reading: section)
    }

    /// Reports the keys that nobody asked for.
    package func finish() {
        for entry in entries where !known.contains(entry.key) {
            let candidates = Set(known)
            let nearest = candidates.map { ($0, EditDistance.between($0, entry.key)) }
                .filter { $0.1 <= max(2, entry.key.utf8.count / 3) }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
            let hint =
                nearest.map { "did you mean \($0)?" }
                ?? (candidates.isEmpty
                    ? "no key is known here" : "known here: \(candidates.sorted().joined(separator: ", "))")
            reader.report(entry.mark, "unknown key \(entry.key)\(path.isEmpty ? "" : " in \(path)"), \(hint)")
        }
    }
}

/// How many single-octet changes lie between two words (Levenshtein).
package enum EditDistance {
    package static func between(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(64))
        let right = Array(right.utf8.prefix(64))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let kept = row[j + 1]
                row[j + 1] = min(previous + (a == b ? 0 : 1), row[j] + 1, row[j + 1] + 1)
                previous = kept
            }
        }
        return row[right.count]
    }
}
