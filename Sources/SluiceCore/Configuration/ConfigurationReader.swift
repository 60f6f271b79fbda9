// SPDX-License-Identifier: Apache-2.0

/// Collects what reading a configuration finds: all mistakes at once, and every value in force.
package final class ConfigurationReader {
    package private(set) var diagnostics: [Diagnostic] = []
    /// Every value asked for: its path (`limits.recipients`), the value in force, and where it came from (`nil`: a default).
    package private(set) var values: [(path: String, value: String, mark: SourceMark?)] = []
    /// The folder that relative paths are relative to.
    package let directory: String

    package init(directory: String) { self.directory = directory }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    package func report(_ mark: SourceMark, _ message: String, severity: Diagnostic.Severity = .error) {
        diagnostics.append(Diagnostic(mark, message, severity: severity))
    }

    func note(_ path: String, _ value: String, _ mark: SourceMark?) { values.append((path, value, mark)) }

    /// A path as the file means it: relative to the file's folder.
    package func resolve(_ path: String) -> String {
        path.hasPrefix("/") || directory.isEmpty ? path : directory + "/" + path
    }
}

/// A type that reads itself from a section of the configuration.
package protocol ConfigurationReadable {
    /// Reads all keys it knows by the section's getters. It does not throw: each getter notes what is wrong and returns
    /// the default, so that all mistakes are reported at once.
    init(reading section: ConfigurationSection)
}

/// Values that a scalar of a configuration can be, besides text.
enum ConfigurationScalar {
    /// Reads `30s`, `5m`, `4h`, `30d`, `250ms`: a whole number and a unit.
    static func duration(_ text: String) -> Duration? {
        let units: [(String, Int64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 1_000_000_000,
            let unit = units.first(where: { $0.0 == text.dropFirst(digits.count) })
        else { return nil }
        return .milliseconds(number * unit.1)
    }

    /// Reads `512B`, `256KiB`, `50MB`, `10GB`: a whole number and a unit; `KB` is 1,000 octets, `KiB` 1,024.
    static func size(_ text: String) -> Int? {
        let units: [(String, Int)] = [
            ("B", 1), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20),
            ("GiB", 1 << 30),
        ]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number <= 1_000_000_000,
            let unit = units.first(where: { $0.0 == text.dropFirst(digits.count) })
        else { return nil }
        return number * unit.1
    }

    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }
}

extension Duration {
    /// The duration as the configuration writes it: `90s`, `5m`.
    package var written: String {
        let milliseconds = wholeMilliseconds
        for (unit, size) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where milliseconds != 0 && milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}

extension Duration {
    /// Reads a duration as the configuration writes it: `90s`, `5m`, `30d`.
    package init?(written text: String) {
        guard let duration = ConfigurationScalar.duration(text) else { return nil }
        self = duration
    }
}
