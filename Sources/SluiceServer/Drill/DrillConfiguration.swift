// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The configuration of the private instance: the stages as they are configured, each behind a listener of its own, with
/// shorter times and with addresses of ours in place of theirs.
struct DrillConfiguration: Sendable {
    /// A stage with what is replaced in its settings.
    struct Part: Sendable {
        var stage: DrillStage
        var changes: [(key: String, value: Value)]
    }

    /// A value that replaces another.
    enum Value: Sendable {
        case text(String)
        /// Keys of a section within the stage's, the others of which stay.
        case section([(key: String, value: Value)])
        /// A list in place of another.
        case list([ConfigurationNode])
    }

    /// The longest that a stage gets in the drill.
    static let stageCap = Duration.milliseconds(1500)
    /// The longest that our resolver waits.
    static let resolverCap = Duration.milliseconds(400)
    /// How late what is slow answers: well within all caps.
    static let slowness = Duration.milliseconds(80)

    var state: String
    /// Where the next hop listens.
    var nextHop: Int
    var parts: [Part] = []
    /// The port of the listener without stages; 0 is any.
    var port = 0

    /// The listener of a part.
    static func listener(_ index: Int) -> String { "drill-\(index)" }
    /// The listener without stages.
    static let plain = "plain"
    static let domain = "drill.example"

    var text: String {
        let listeners = (parts.indices.map(Self.listener).map { ($0, 0) } + [(Self.plain, port)]).map { name, port in
            "  - {name: \(name), protocol: smtp, address: \"127.0.0.1:\(port)\", pipeline: \(name)}"
        }
        let pipelines = parts.enumerated().map { index, part in
            "  \(Self.listener(index)): [\(Self.stages(part))]"
        }
        return """
            hostname: mx.drill.example
            state: \(DrillText.quoted(state))
            listeners:
            \(listeners.joined(separator: "\n"))
            relay:
              domains: {\(Self.domain): {route: "smtp://127.0.0.1:\(nextHop)", recipients: any}}
              default_route: "smtp://127.0.0.1:\(nextHop)"
            queue: {first_retry: 1s, max_retry: 1s}
            delivery: {timeout: 500ms, tls: none}
            pipelines:
              \(Self.plain): []
            \(pipelines.joined(separator: "\n"))

            """
    }

    private static func stages(_ part: Part) -> String {
        let before = part.stage.before.map { "{\($0.name): \(DrillText.flow($0.settings))}" }
        let own = DrillText.flow(DrillText.replacing(part.changes, in: part.stage.settings))
        return (before + ["{\(part.stage.name): \(own)}"]).joined(separator: ", ")
    }

    /// Reads it, relative paths as the user's configuration has them.
    ///
    /// - Throws: ``ServerError`` with all that is wrong.
    func read(directory: String) throws -> ServerConfiguration {
        let reading = ServerConfiguration.read(text, file: "(drill)", directory: directory)
        guard let configuration = reading.configuration else {
            let errors = reading.diagnostics.filter { $0.severity == .error }
            throw ServerError(message: errors.map(\.message).joined(separator: "; "), isConfiguration: true)
        }
        return configuration
    }
}

/// Writes nodes of a configuration as YAML's flow style.
enum DrillText {
    static func quoted(_ text: String) -> String {
        var written = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": written += "\\\(scalar)"
            case "\u{20}"..."\u{7E}", "\u{A0}"...: written.unicodeScalars.append(scalar)
            default: written += "\\x" + String(UInt32(0x100 | (scalar.value & 0xFF)), radix: 16).dropFirst()
            }
        }
        return written + "\""
    }

    static func flow(_ node: ConfigurationNode?) -> String {
        switch node?.value {
        case nil, .scalar("", isPlain: true): "{}"
        case .scalar(let text, let isPlain): isPlain && text == "null" ? "null" : quoted(text)
        case .list(let items): "[" + items.map { flow($0) }.joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(quoted($0.key)): \(flow($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    static func replacing(
        _ changes: [(key: String, value: DrillConfiguration.Value)], in node: ConfigurationNode?
    ) -> ConfigurationNode {
        let mark = node?.mark ?? SourceMark(file: "(drill)", line: 1, column: 1)
        var entries = node?.entries ?? []
        for (key, value) in changes {
            let earlier = entries.first { $0.key == key }?.value
            entries.removeAll { $0.key == key }
            let made: ConfigurationNode =
                switch value {
                case .text(let text): ConfigurationNode(mark: mark, value: .scalar(text, isPlain: false))
                case .list(let items): ConfigurationNode(mark: mark, value: .list(items))
                case .section(let changes): replacing(changes, in: earlier)
                }
            entries.append((key, mark, made))
        }
        return ConfigurationNode(mark: mark, value: .mapping(entries))
    }
}
