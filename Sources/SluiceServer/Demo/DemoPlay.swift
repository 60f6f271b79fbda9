// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import SluiceCore
import SluiceNative
import SluiceSMTP

/// Sends the messages of the demo one after the other, and finds out what became of each.
struct DemoPlay: Sendable {
    let port: Int
    let state: String
    let sink: DemoSink
    let resolver: any SluiceCore.Resolver
    let group: MultiThreadedEventLoopGroup
    let tell: @Sendable (Demo.Event) -> Void
    /// The MTA whose milter Sluice is, and to which the messages are sent then.
    var postfix: DemoPostfix?

    func run() async throws {
        var held: String?
        var outgoing: String?
        for message in try DemoMessage.all() {
            let outcome = try await send(message)
            let trace = try await settled(outcome.id)
            if held == nil, trace["disposition"]?.stringValue == "quarantine" { held = outcome.id }
            if message.file == "outgoing.eml" { outgoing = outcome.hopID }
            tell(.message(report(message, outcome, trace)))
        }
        if let held {
            _ = try await ask("quarantine release", ["id": held])
            _ = try await settled(held)
            try await awaitMessage(held)
            tell(.released(id: held, received: received(held, sent: nil)))
        }
        if let outgoing { tell(.verified(try await verified(outgoing))) }
        if let account = try await ask("account", [:]).first { tell(.account(account)) }
    }

    private struct Outcome {
        var reply: Reply
        var id: String
        /// The id in the Received field of the hop before the sink: ours, or the MTA's.
        var hopID: String
    }

    private func send(_ message: DemoMessage) async throws -> Outcome {
        let configuration = ClientConfiguration(
            greetingName: message.helo, tls: .none, contexts: try ClientTLSContexts(),
            timeouts: ClientTimeouts(connect: .seconds(5), command: .seconds(30)),
            source: try SocketAddress(ipAddress: message.client.description, port: 0))
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: postfix?.port ?? port)
        let connection = try await SMTPClientConnection.connect(
            to: address, name: nil, configuration: configuration, on: group
        ).get()
        defer { connection.quit() }
        let envelope = ClientEnvelope(
            reversePath: message.reversePath, recipients: message.recipients, is8BitMIME: true)
        let outcome = await connection.send(
            ClientTransaction(envelope: envelope, content: MemoryContent(ByteBuffer(bytes: message.content))))
        let reply: Reply
        switch outcome.recipients.first {
        case .delivered(let given): reply = given
        case .failed(.reply(let given)), .deferred(.reply(let given)): reply = given
        case .failed(let failure), .deferred(let failure): throw ServerError(message: "\(message.file): \(failure)")
        case nil: throw ServerError(message: "\(message.file): no reply")
        }
        guard let id = Self.id(in: reply) else { throw ServerError(message: "\(message.file): no id in “\(reply)”") }
        guard let postfix, reply.code / 100 == 2 else { return Outcome(reply: reply, id: id, hopID: id) }
        let own = try await own(id)
        try await postfix.settle(id)
        return Outcome(reply: reply, id: own, hopID: id)
    }

    /// The id that we gave to the message which the MTA has under that one. The index is written behind.
    private func own(_ queueID: String) async throws -> String {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let found = try await ask("trace find", ["query": "{\"term\": \"\(queueID)\", \"limit\": 1}"])
            if let id = found.first?["id"]?.stringValue { return id }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ServerError(message: "\(queueID): no trace")
    }

    /// Waits until the sink has that message, or for ten seconds: an MTA between takes its time.
    private func awaitMessage(_ id: String) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while sink.messages(id: id).isEmpty, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// The id that a reply names: `accepted as ID` or `(id ID)`.
    private static func id(in reply: Reply) -> String? {
        reply.text.split(whereSeparator: { " ()".contains($0) }).last.map(String.init)
    }

    private func ask(_ command: String, _ arguments: [String: String]) async throws -> [JSONValue] {
        switch try await ControlClient.ask(ControlRequest(command, arguments, by: "demo"), state: state) {
        case .done(let values): return values
        case .failed(_, let why): throw ServerError(message: "\(command): \(why)")
        }
    }

    /// The trace of a message once none of its recipients is queued, or after ten seconds.
    private func settled(_ id: String) async throws -> JSONValue {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            guard let trace = try await ask("trace show", ["id": id]).first else {
                throw ServerError(message: "\(id): no trace")
            }
            let states = (trace["recipients"]?.arrayValue ?? []).map { $0["state"]?.stringValue }
            if !states.contains("queued") || ContinuousClock.now > end { return trace }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func report(_ message: DemoMessage, _ outcome: Outcome, _ trace: JSONValue) -> DemoReport {
        let recipients = trace["recipients"]?.arrayValue ?? []
        var dispositions: [String] = []
        for recipient in recipients {
            let disposition = recipient["disposition"]?.stringValue ?? ""
            if !dispositions.contains(disposition) { dispositions.append(disposition) }
        }
        return DemoReport(
            name: message.name, disposition: dispositions.joined(separator: " + "), reply: "\(outcome.reply)",
            score: trace["score"].flatMap(Self.number), reasons: reasons(trace, recipients),
            received: received(outcome.hopID, sent: message.content))
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    private func reasons(_ trace: JSONValue, _ recipients: [JSONValue]) -> [String] {
        var reasons: [String] = []
        for recipient in recipients {
            let address = recipients.count > 1 ? "\(recipient["address"]?.stringValue ?? ""): " : ""
            if let reason = recipient["reason"]?.stringValue { reasons.append(address + reason) }
            if recipient["state"]?.stringValue == "bounced", let reply = recipient["reply"]?.stringValue {
                reasons.append("\(address)the next hop said \(reply)")
            }
        }
        for finding in trace["findings"]?.arrayValue ?? [] {
            reasons.append("\(finding["name"]?.stringValue ?? ""): \(finding["why"]?.stringValue ?? "")")
        }
        return reasons
    }

    /// What the sink got of a message, compared with what was sent.
    private func received(_ id: String, sent: [UInt8]?) -> String {
        let messages = sink.messages(id: id)
        guard let first = messages.first else { return "nothing" }
        let recipients = messages.flatMap(\.envelope.recipients).map { "<\($0)>" }.joined(separator: " ")
        guard let sent else { return "\(recipients): \(first.content.readableBytes) octets" }
        let isWhole = first.content.readableBytesView.suffix(sent.count).elementsEqual(sent)
        let added = first.content.readableBytes - sent.count
        return "\(recipients): "
            + (isWhole
                ? "all \(sent.count) octets, after \(added) of trace"
                : "changed (\(first.content.readableBytes) octets)")
    }

    private func verified(_ id: String) async throws -> String {
        guard let message = sink.messages(id: id).first else { return "\(id): it did not arrive" }
        let results = try await DKIMVerifier(pool: CPUPool(threads: 1)).verify(
            message: try Message(MemoryContent(message.content)), resolver: resolver, now: SystemTime().now)
        let words = results.map {
            "\($0.result.rawValue), signed by \($0.domain ?? "?"), selector \($0.selector ?? "?")"
        }
        return words.isEmpty ? "not signed" : words.joined(separator: "; ")
    }
}
