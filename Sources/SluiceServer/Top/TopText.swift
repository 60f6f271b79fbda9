// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// How `sluice top` writes numbers and strangers' text. Pure.
enum TopText {
    /// A rate with as many places as say something: `0`, `0.3`, `12.5`, `340`.
    static func rate(_ rate: Double) -> String {
        if rate >= 99.95 { return "\(Int64(rate.rounded()))" }
        let tenths = Int64((rate * 10).rounded())
        if tenths == 0 { return rate > 0 ? "<0.1" : "0" }
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    static func milliseconds(_ milliseconds: Double) -> String {
        if milliseconds < 1 { return "\(Int64((milliseconds * 1000).rounded())) µs" }
        return milliseconds < 1000 ? "\(rate(milliseconds)) ms" : "\(rate(milliseconds / 1000)) s"
    }

    static func percent(_ share: Double) -> String { "\(Int64((share * 100).rounded()))%" }

    static func octets(_ octets: Int64) -> String {
        var value = Double(octets)
        var unit = 0
        let units = ["B", "kB", "MB", "GB", "TB"]
        while value >= 1000, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(octets) B" : "\(rate(value)) \(units[unit])"
    }

    /// In its two greatest units: `3d4h`, `2m10s`, `7s`.
    static func age(_ age: Duration) -> String {
        let seconds = max(0, age.components.seconds)
        let parts = [
            (seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
        ].drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return parts.isEmpty ? "0s" : parts.map { "\($0.0)\($0.1)" }.joined()
    }

    /// `17:20:31`, in UTC as everywhere.
    static func timeOfDay(_ time: Timestamp) -> String { String(time.rfc3339.dropFirst(11).prefix(8)) }

    /// Text that may be a stranger's: what could act on a terminal, or is of unknown width, becomes `?`.
    static func visible(_ text: String) -> String {
        String(decoding: text.utf8.prefix(1000).map { 0x20..<0x7F ~= $0 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// The first characters of a line that has no wide ones.
    static func cut(_ line: String, to width: Int) -> String { String(line.unicodeScalars.prefix(width)) }

    /// A table whose columns line up: text to the left, numbers to the right.
    ///
    /// - Parameter numbersFrom: the first column of numbers.
    static func columns(_ header: [String], _ rows: [[String]], numbersFrom: Int = 1) -> [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].unicodeScalars.count }.max() ?? 0
        }
        return ([header] + rows).map { row in
            row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.unicodeScalars.count)
                if column >= numbersFrom { return padding + text }
                return column == row.count - 1 ? text : text + padding
            }.joined(separator: "  ")
        }
    }
}
