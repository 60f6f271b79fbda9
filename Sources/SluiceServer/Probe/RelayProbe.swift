// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
package import SluiceCore
import SluiceNative
import SluiceSMTP

/// Sends a test message through the running relay and follows it to the next hop's reply.
package struct RelayProbe: Sendable {
    /// What became of it.
    package struct Outcome: Sendable {
        /// The next hop took it.
        package var hasArrived: Bool
        /// The id of the message, where the relay gave it one.
        package var id: String?
        package var listener: String
        package var recipient: Mailbox
        /// Milliseconds from the connection to the relay's last reply, where it accepted the message.
        package var acceptedAfter: Int?
        /// Milliseconds from the connection until the next hop's reply was known.
        package var deliveredAfter: Int?
        package var nextHop: String?
        /// The next hop's reply.
        package var reply: String?
        /// Its state in the queue, where the relay accepted it.
        package var state: String?
        /// Why it did not arrive, in words.
        package var reason: String?
    }

    /// Why nothing could be sent.
    package enum Failure: Error, CustomStringConvertible {
        /// No server answers.
        case noServer(String)
        /// The configuration has no listener that a probe can use.
        case noListener(String)
        /// Neither the caller nor the configuration says to whom.
        case noRecipient

        package var description: String {
            switch self {
            case .noServer(let why): why
            case .noListener(let why): why
            case .noRecipient: "the configuration names no postmaster, --to would be right"
            }
        }
    }

    private let configuration: ServerConfiguration
    private let recipient: Mailbox?
    private let timeout: Duration
    private let ports: [String: Int]

    /// - Parameters:
    ///   - recipient: `nil`: the postmaster.
    ///   - timeout: how long all of it may take.
    ///   - ports: of listeners whose configuration says 0, by name.
    package init(
        _ configuration: ServerConfiguration, to recipient: Mailbox?, timeout: Duration, ports: [String: Int] = [:]
    ) {
        self.configuration = configuration
        self.recipient = recipient
        self.timeout = timeout
        self.ports = ports
    }

    /// - Throws: ``Failure``, or where the system has no randomness or no TLS.
    package func run() async throws -> Outcome {
        let listener = try listener()
        guard let recipient = recipient ?? configuration.relay.postmaster else { throw Failure.noRecipient }
        try await checkServer()
        var outcome = Outcome(hasArrived: false, listener: listener.name, recipient: recipient)
        let start = ContinuousClock.now
        switch await send(to: recipient, over: listener, try message(to: recipient)) {
        case .noConnection(let why): throw Failure.noServer("listener \(listener.name): \(why)")
        case .refused(let why):
            outcome.reason = why
            return outcome
        case .accepted(let reply):
            outcome.acceptedAfter = Self.milliseconds(since: start)
            guard let id = Self.id(in: reply) else {
                outcome.reason = "the relay's reply names no message: \(reply)"
                return outcome
            }
            outcome.id = id
        }
        try await follow(&outcome, from: start)
        return outcome
    }

    // MARK: Where to

    /// The first listener that takes mail without a login.
    private func listener() throws(Failure) -> ListenerConfiguration {
        if let suitable = configuration.listeners.first(where: { $0.protocolName == .smtp }) { return suitable }
        let names = configuration.listeners.map { "\($0.name): \($0.protocolName.rawValue)" }.joined(separator: ", ")
        throw .noListener(
            "there is no listener that a probe can use (\(names)): submission takes mail only after a login, a milter's mail is the MTA's; one with protocol: smtp, such as on 127.0.0.1, would be right"
        )
    }

    /// Loopback where the listener listens on all addresses.
    static func host(_ listener: ListenerConfiguration) -> String {
        switch listener.host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        case let host: host
        }
    }

    private func checkServer() async throws {
        do {
            _ = try await ControlClient.ask(
                ControlRequest("ping", by: "probe"), state: configuration.state, within: .seconds(10))
        } catch let error as ControlClient.NotRunning {
            throw Failure.noServer("\(error)")
        } catch is ControlClient.NotAnswering {
            throw Failure.noServer("the server on \(configuration.state) does not answer on its control socket")
        }
    }

    // MARK: The message

    private func message(to recipient: Mailbox) throws -> ByteBuffer {
        let id = Hexadecimal.of(try RandomOctets.make(16))
        let sender = configuration.relay.postmaster ?? Mailbox(localPart: "postmaster", domain: configuration.hostname)
        return ByteBuffer(
            string: """
                From: Sluice probe <\(sender)>
                To: <\(recipient)>
                Subject: \(Self.subject)
                Date: \(SystemTime().now.rfc5322)
                Message-ID: <\(id)@\(configuration.hostname)>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=us-ascii

                This message was sent by sluice probe, to see whether mail gets through this
                relay to the next hop. It can be deleted.

                """.replacingOccurrences(of: "\n", with: "\r\n"))
    }

    /// By which the mailbox's owner may file it.
    package static let subject = "Sluice probe"

    private enum Sent {
        case noConnection(String)
        case refused(String)
        case accepted(Reply)
    }

    private func send(
        to recipient: Mailbox, over listener: ListenerConfiguration, _ content: ByteBuffer
    ) async -> Sent {
        let address: SocketAddress
        let contexts: ClientTLSContexts
        do {
            let port = ports[listener.name] ?? listener.port
            address = try SocketAddress(ipAddress: Self.host(listener), port: port)
            contexts = try ClientTLSContexts()
        } catch { return .noConnection("\(error)") }
        let client = ClientConfiguration(
            greetingName: configuration.hostname, tls: .none, contexts: contexts,
            timeouts: ClientTimeouts(connect: min(timeout, .seconds(10)), command: timeout, finalReply: timeout))
        let connected = await SMTPClientConnection.connect(
            to: address, name: nil, configuration: client, on: MultiThreadedEventLoopGroup.singleton)
        let connection: SMTPClientConnection
        switch connected {
        case .success(let made): connection = made
        // The relay spoke, and said no.
        case .failure(let failure) where failure.failure.reply != nil: return .refused("refused: \(failure.failure)")
        case .failure(let failure): return .noConnection("\(failure.failure)")
        }
        // The null reverse-path: nobody is to be told where it can't be delivered, but who runs this.
        let envelope = ClientEnvelope(reversePath: .null, recipients: [recipient])
        let outcome = await connection.send(ClientTransaction(envelope: envelope, content: MemoryContent(content)))
        connection.quit()
        switch outcome.recipients.first {
        case .delivered(let reply)?: return .accepted(reply)
        case .deferred(let failure)?, .failed(let failure)?: return .refused("refused: \(failure)")
        case nil: return .refused("the relay said nothing of the recipient")
        }
    }

    /// The id in the relay's reply, which is its last word.
    static func id(in reply: Reply) -> String? {
        let words = reply.description.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.last { $0.utf8.count == 12 }.map(String.init)
    }

    // MARK: What becomes of it

    private func follow(_ outcome: inout Outcome, from start: ContinuousClock.Instant) async throws {
        guard let id = outcome.id else { return }
        var pause = Duration.milliseconds(10)
        while true {
            let recipient = try await traced(id, outcome.recipient)
            let state = recipient?["state"]?.stringValue
            outcome.state = state ?? recipient?["disposition"]?.stringValue
            outcome.nextHop = recipient?["next_hop"]?.stringValue
            outcome.reply = recipient?["reply"]?.stringValue
            let reason = recipient?["reason"]?.stringValue ?? ""
            switch state {
            case "delivered"?:
                outcome.hasArrived = true
                outcome.deliveredAfter = Self.milliseconds(since: start)
                return
            case "queued"?, nil:
                guard ContinuousClock.now - start < timeout else {
                    let attempts = recipient?["attempts"]?.integerValue ?? 0
                    outcome.reason =
                        attempts > 0
                        ? "deferred: \(outcome.reply ?? reason)" : "not delivered within \(timeout.written)"
                    return
                }
            case let state?:
                outcome.reason = "\(state)\(reason.isEmpty ? "" : ": \(reason)")"
                return
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(250))
        }
    }

    private func traced(_ id: String, _ recipient: Mailbox) async throws -> JSONValue? {
        let request = ControlRequest("trace show", ["id": id], by: "probe")
        do {
            guard case .done(let values) = try await ControlClient.ask(request, state: configuration.state) else {
                return nil  // not yet told to the history
            }
            let recipients = values.first?["recipients"]?.arrayValue ?? []
            return recipients.first { $0["address"]?.stringValue == recipient.written } ?? recipients.first
        } catch let error as ControlClient.NotRunning {
            throw Failure.noServer("\(error)")
        }
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        Int((ContinuousClock.now - start).wholeMilliseconds)
    }
}

extension RelayProbe.Outcome {
    /// One line for people.
    package var line: String {
        guard hasArrived else {
            let accepted = acceptedAfter.map { "accepted in \($0) ms, " } ?? ""
            return "\(accepted)did not arrive: \(reason ?? "no reason is known")"
        }
        return
            "accepted in \(acceptedAfter ?? 0) ms, delivered in \(deliveredAfter ?? 0) ms, \(nextHop ?? "next hop"): \(reply ?? "no reply is known")"
    }

    package var json: JSONValue {
        [
            "arrived": .bool(hasArrived), "id": .optional(id), "listener": .string(listener),
            "recipient": .string(recipient.written), "accepted_ms": acceptedAfter.map { .integer($0) } ?? .null,
            "delivered_ms": deliveredAfter.map { .integer($0) } ?? .null, "next_hop": .optional(nextHop),
            "reply": .optional(reply), "state": .optional(state), "reason": .optional(reason),
        ]
    }
}
