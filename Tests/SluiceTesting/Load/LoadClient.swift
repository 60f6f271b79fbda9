// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import Synchronization

/// Sends messages over many connections at once, and notes the id of each only after its 250 was read.
///
/// What was noted has been acknowledged, so a server that is killed in the middle must still account for it; what was
/// not noted may or may not have arrived.
package struct LoadClient: Sendable {
    package var host = "127.0.0.1"
    package var port: Int
    package var connections = 10
    /// How many messages in all.
    package var messages = 100
    package var messagesPerConnection = 1
    /// Octets of a message's body, about.
    package var bodySize = 4096
    /// Whether MAIL, RCPT and DATA are sent at once (RFC 2920).
    package var isPipelined = false
    package var sender = "sender@client.test"
    package var recipients = ["recipient@example.org"]
    /// Begins every id, so that several runs can be told apart.
    package var idPrefix = "load"
    /// How long to go on connecting anew after a connection broke; with zero a broken connection ends its share.
    package var patience = TimeAmount.zero
    /// How long to wait for a reply.
    package var timeout = TimeAmount.seconds(20)
    /// How many messages a second, over all connections; `nil`: as many as are taken.
    package var rate: Double?
    /// What is sent as content of a message with that id, with its id field, CRLF and dots doubled where a line begins
    /// with one; `nil`: lines of text.
    package var content: (@Sendable (String) -> String)?

    package init(port: Int) { self.port = port }

    /// What a run found.
    package struct Report: Sendable {
        /// The ids whose 250 was read.
        package var acknowledged: [String] = []
        /// The ids that were refused, with the reply.
        package var refused: [String: String] = [:]
        /// The ids whose fate is not known: the connection broke.
        package var unknown: [String] = []
        /// Why the last of them broke.
        package var failure: String?
        /// Of the messages that were acknowledged: from when they were due, or MAIL, to the 250; of those on new
        /// connections with connecting.
        package var latencies: [Duration] = []

        package init() {}
    }

    /// The header field that carries the id.
    package static let idField = "X-Load-Id"

    /// Runs to the end.
    ///
    /// - Parameter onAcknowledged: called for each id after its 250 was read and before anything else is sent on that
    ///   connection; here a test writes the id to a file.
    package func run(onAcknowledged: @escaping @Sendable (String) -> Void = { _ in }) async -> Report {
        let next = Counter()
        let started = ContinuousClock.now
        return await withTaskGroup(of: Report.self) { group in
            for _ in 0..<connections {
                group.addTask { await share(of: next, since: started, onAcknowledged: onAcknowledged) }
            }
            var report = Report()
            for await part in group {
                report.acknowledged += part.acknowledged
                report.refused.merge(part.refused) { old, _ in old }
                report.unknown += part.unknown
                report.failure = report.failure ?? part.failure
                report.latencies += part.latencies
            }
            return report
        }
    }

    /// Numbers the messages of all connections.
    private final class Counter: Sendable {
        private let value = Atomic(0)
        func take() -> Int { value.add(1, ordering: .relaxed).oldValue }
    }

    private func share(
        of next: Counter, since started: ContinuousClock.Instant, onAcknowledged: @Sendable (String) -> Void
    ) async -> Report {
        var report = Report()
        var connection: DialogueRunner?
        var sent = 0
        while true {
            let number = next.take()
            guard number < messages else { break }
            let id = "\(idPrefix)-\(number)"
            do {
                var due = ContinuousClock.now
                if let rate {
                    due = started + .seconds(Double(number) / rate)
                    try await Task.sleep(until: due)
                }
                if connection == nil {
                    connection = try await open()
                    sent = 0
                }
                guard let dialogue = connection else { break }
                let reply = try await transmit(id, over: dialogue)
                if reply.hasPrefix("250") {
                    onAcknowledged(id)
                    report.acknowledged.append(id)
                    report.latencies.append(ContinuousClock.now - due)
                } else {
                    report.refused[id] = reply
                }
                sent += 1
                if sent >= messagesPerConnection {
                    try await dialogue.send("QUIT", expect: "221")
                    try await dialogue.close()
                    connection = nil
                }
            } catch {
                if report.acknowledged.last != id, report.refused[id] == nil {
                    report.unknown.append(id)
                    report.failure = "\(error)"
                }
                _ = try? await connection?.close()  // it is broken already
                connection = nil
                if patience == .zero { break }
            }
        }
        _ = try? await connection?.close()  // nothing is in progress on it
        return report
    }

    private func open() async throws -> DialogueRunner {
        let deadline = NIODeadline.now() + patience
        while true {
            do {
                let dialogue = try await DialogueRunner.connect(host: host, port: port, timeout: timeout)
                try await dialogue.expect("220")
                try await dialogue.send("EHLO load.client.test", expect: "250")
                return dialogue
            } catch {
                guard NIODeadline.now() < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// One transaction; returns the last line of the reply that decided it.
    private func transmit(_ id: String, over dialogue: DialogueRunner) async throws -> String {
        let commands = ["MAIL FROM:<\(sender)>"] + recipients.map { "RCPT TO:<\($0)>" } + ["DATA"]
        if isPipelined { try await dialogue.send(octets: commands.map { $0 + "\r\n" }.joined()) }
        var refusal: String?
        var wantsContent = false
        for command in commands {
            if !isPipelined { try await dialogue.send(command) }
            let reply = try await dialogue.reply().last ?? ""
            if reply.hasPrefix("354") {
                wantsContent = true
            } else if !reply.hasPrefix("250") {
                refusal = refusal ?? reply
                if !isPipelined { break }
            }
        }
        if wantsContent {
            try await dialogue.send(octets: (content?(id) ?? message(id)) + ".\r\n")
            return try await dialogue.reply().last ?? ""
        }
        try await dialogue.send("RSET", expect: "250")
        return refusal ?? ""
    }

    private func message(_ id: String) -> String {
        let line = "A line of a message that the load client sends, seventy octets or so.\r\n"
        return "From: <\(sender)>\r\nTo: <\(recipients.first ?? "")>\r\nSubject: load \(id)\r\n"
            + "Message-ID: <\(id)@client.test>\r\nDate: Tue, 24 Nov 2026 07:00:00 +0000\r\n\(Self.idField): \(id)\r\n\r\n"
            + String(repeating: line, count: max(1, bodySize / line.utf8.count))
    }
}
