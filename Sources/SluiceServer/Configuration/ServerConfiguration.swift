// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// The whole configuration: read once, checked as a whole, immutable. A reload makes a new one.
package struct ServerConfiguration: Sendable {
    package var hostname: String
    /// The state directory: journal, ledger, index, quarantine.
    package var state: String
    package var listeners: [ListenerConfiguration]
    package var relay: RelayConfiguration
    package var pipelines: [String: PipelineConfiguration]
    package var limits: LimitsConfiguration
    package var queue: QueueConfiguration
    package var delivery: DeliveryConfiguration
    package var quarantine: QuarantineConfiguration
    package var history: HistoryConfiguration
    package var ledger: LedgerConfiguration
    package var resolver: ResolverConfiguration
    package var metrics: MetricsConfiguration
    /// Where the file begins.
    package var mark: SourceMark

    /// What reading a configuration gives: a value to work with where there is no error, and all that was found.
    package struct Reading {
        package var configuration: ServerConfiguration?
        package var diagnostics: [Diagnostic]
        /// Every value in force: its path, the value, and the place it came from (`nil`: a default).
        package var values: [(path: String, value: String, mark: SourceMark?)]

        package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
    }

    /// Reads a configuration from YAML.
    ///
    /// - Parameters:
    ///   - text: the file's text.
    ///   - file: the name that diagnostics show.
    ///   - directory: the folder that its relative paths are relative to.
    package static func read(_ text: String, file: String, directory: String) -> Reading {
        let root: ConfigurationNode?
        do {
            root = try YAMLReader.read(text, file: file)
        } catch {
            return Reading(configuration: nil, diagnostics: [error.diagnostic], values: [])
        }
        let reader = ConfigurationReader(directory: directory)
        let section = ConfigurationSection(
            root, path: "", reader: reader, mark: SourceMark(file: file, line: 1, column: 1))
        let configuration = ServerConfiguration(reading: section)
        section.finish()
        configuration.checkTogether(section)
        let diagnostics = reader.diagnostics.sorted { ($0.mark.line, $0.mark.column) < ($1.mark.line, $1.mark.column) }
        return Reading(
            configuration: reader.hasErrors ? nil : configuration, diagnostics: diagnostics, values: reader.values)
    }

    private init(reading section: ConfigurationSection) {
        mark = section.mark
        hostname = section.requiredString("hostname")
        if !hostname.isEmpty, Mailbox("postmaster@\(hostname)") == nil || hostname.hasPrefix("[") {
            section.report("hostname", "hostname is “\(hostname)”, a domain name would be right")
        }
        if section.node("state") == nil {
            section.reader.report(section.mark, "state is missing: the directory of journal, ledger and index")
        }
        state = section.path("state") ?? ""
        if ControlSocket.path(state: state).utf8.count > ControlSocket.pathLimit {
            section.report(
                "state",
                "\(ControlSocket.path(state: state)) is too long for a socket, a path of at most \(ControlSocket.pathLimit - ControlSocket.path(state: "").utf8.count) octets would be right"
            )
        }
        listeners = section.list("listeners").enumerated().map { index, node in
            let listener = ConfigurationSection(
                node, path: "listeners[\(index)]", reader: section.reader, mark: node.mark)
            defer { listener.finish() }
            return ListenerConfiguration(reading: listener)
        }
        if listeners.isEmpty {
            section.report("listeners", "listeners are missing, a list with at least one would be right")
        }
        let relaySection = section.section("relay")
        relay = RelayConfiguration(
            reading: relaySection,
            isUsed: listeners.isEmpty || listeners.contains { $0.protocolName != .milter })
        relaySection.finish()
        limits = section.read("limits")
        pipelines = PipelineConfiguration.readAll(section.section("pipelines"))
        queue = section.read("queue")
        delivery = section.read("delivery")
        quarantine = section.read("quarantine")
        history = section.read("history")
        ledger = section.read("ledger")
        resolver = section.read("resolver")
        metrics = section.read("metrics")
    }

    /// Checks what refers to something elsewhere in the file.
    private func checkTogether(_ section: ConfigurationSection) {
        var names: Set<String> = []
        for listener in listeners {
            if !listener.name.isEmpty, !names.insert(listener.name).inserted {
                section.reader.report(
                    listener.mark, "two listeners are called \(listener.name), a name of its own would be right")
            }
            if listener.milter != nil, limits.pipelineTimeout > MilterConfiguration.pipelineLimit {
                section.reader.report(
                    listener.mark,
                    "pipeline_timeout is \(limits.pipelineTimeout.written): for an MTA the chain gets \(MilterConfiguration.pipelineLimit.written), since it waits 300s",
                    severity: .warning)
            }
            let wanted =
                listener.trusted.mark == listener.untrusted.mark
                ? [listener.trusted] : [listener.untrusted, listener.trusted]
            for (name, mark) in wanted where !name.isEmpty && pipelines[name] == nil {
                let nearest = pipelines.keys.map { ($0, EditDistance.between($0, name)) }
                    .filter { $0.1 <= max(2, name.utf8.count / 3) }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
                section.reader.report(
                    mark,
                    "there is no pipeline \(name)"
                        + (nearest.map { ", did you mean \($0)?" } ?? ", it would have to stand under pipelines"))
            }
        }
    }
}
