// SPDX-License-Identifier: Apache-2.0

/// Where something stands in a file; line and column count from 1.
package struct SourceMark: Hashable, Sendable {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// A value of a configuration file with its place, whatever the file's syntax is.
package struct ConfigurationNode: Sendable {
    package indirect enum Value: Sendable {
        /// A scalar as written; `isPlain` tells whether it stood without quotes.
        case scalar(String, isPlain: Bool)
        case list([ConfigurationNode])
        case mapping([(key: String, mark: SourceMark, value: ConfigurationNode)])
    }

    package var mark: SourceMark
    package var value: Value

    package init(mark: SourceMark, value: Value) {
        self.mark = mark
        self.value = value
    }

    /// What kind of value it is, in words.
    package var kind: String {
        switch value {
        case .scalar: "a single value"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// `file:line:column: what is wrong, what would be right`.
package struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Sendable { case error, warning }
    package var mark: SourceMark
    package var severity: Severity
    package var message: String

    package init(_ mark: SourceMark, _ message: String, severity: Severity = .error) {
        self.mark = mark
        self.message = message
        self.severity = severity
    }

    package var description: String {
        "\(mark.file):\(mark.line):\(mark.column): \(severity == .warning ? "warning: " : "")\(message)"
    }
}
