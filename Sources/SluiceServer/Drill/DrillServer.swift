// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SluiceCore
import SluiceSMTP

/// The private instance while it runs: on free ports of loopback, with a state directory of its own.
struct DrillServer: Sendable {
    let ports: [String: Int]
    let state: String
    /// What the longest wait for a state of a message is.
    private static let patience = Duration.seconds(20)

    /// Runs a server, and the body while it runs.
    ///
    /// - Parameters:
    ///   - resolver: in place of the DNS.
    ///   - worker: the program in place of `sluice-worker`.
    static func run<Value: Sendable>(
        _ configuration: ServerConfiguration, resolver: any SluiceCore.Resolver, worker: String? = nil, logger: Logger,
        _ body: @escaping @Sendable (DrillServer) async throws -> Value
    ) async throws -> Value {
        let (running, continuation) = AsyncStream<RunningServer>.makeStream()
        let server = Server(
            configuration, logger: logger, resolver: resolver, worker: worker,
            started: { continuation.yield($0) })
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await server.run(handlesSignals: false)
            }
            guard let started = await running.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw ServerError(message: "the private instance did not start")
            }
            let result: Result<Value, any Error>
            do {
                result = .success(
                    try await body(DrillServer(ports: started.ports, state: configuration.state)))
            } catch { result = .failure(error) }
            tasks.cancelAll()
            // Cancelled by us: how it ends is no news.
            do { try await tasks.waitForAll() } catch is CancellationError {}
            return try result.get()
        }
    }

    /// Sends a message to a listener; says what became of it as far as the chain goes.
    func send(_ content: [UInt8], to listener: String) async throws -> DrillOutcome {
        let start = ContinuousClock.now
        let reply = try await DrillClient.send(content, port: ports[listener] ?? 0)
        let elapsed = ContinuousClock.now - start
        guard let id = DrillClient.id(in: reply) else {
            return DrillOutcome(reply: reply, trace: .null, elapsed: elapsed)
        }
        return DrillOutcome(reply: reply, trace: try await trace(id), elapsed: elapsed)
    }

    /// The trace of a message, which is written behind.
    func trace(_ id: String) async throws -> JSONValue {
        let end = ContinuousClock.now + .seconds(5)
        while true {
            switch try await ControlClient.ask(ControlRequest("trace show", ["id": id], by: "drill"), state: state) {
            case .done(let values): return values.first ?? .null
            case .failed(_, let why):
                guard ContinuousClock.now < end else { throw ServerError(message: "trace show \(id): \(why)") }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func ask(_ command: String) async throws -> JSONValue {
        switch try await ControlClient.ask(ControlRequest(command, by: "drill"), state: state) {
        case .done(let values): return values.first ?? .null
        case .failed(_, let why): throw ServerError(message: "\(command): \(why)")
        }
    }

    /// Waits until the one recipient of a message is as wanted; returns what it is at last.
    func recipient(_ id: String, until isWanted: (JSONValue) -> Bool) async throws -> JSONValue {
        let end = ContinuousClock.now + Self.patience
        while true {
            let recipient = try await trace(id)["recipients"]?.arrayValue?.first ?? .null
            if isWanted(recipient) || ContinuousClock.now > end { return recipient }
            try await Task.sleep(for: .milliseconds(30))
        }
    }
}

/// The drill's own client.
enum DrillClient {
    /// Not a trusted network's.
    private static let source = "127.0.0.2"

    /// Sends a message; returns the reply to its end, or the first refusal.
    ///
    /// - Throws: ``ServerError`` where the server says nothing, or breaks off.
    static func send(_ content: [UInt8], port: Int) async throws -> Reply {
        let configuration = ClientConfiguration(
            greetingName: "client.\(DrillConfiguration.domain)", tls: .none,
            contexts: try ClientTLSContexts(trustRoots: .certificates([])),
            timeouts: ClientTimeouts(connect: .seconds(5), command: .seconds(20)),
            source: try SocketAddress(ipAddress: source, port: 0))
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let opened = await SMTPClientConnection.connect(
            to: address, name: nil, configuration: configuration, on: MultiThreadedEventLoopGroup.singleton)
        let connection: SMTPClientConnection
        switch opened {
        case .success(let made): connection = made
        case .failure(let failure):
            if let reply = failure.failure.reply { return reply }
            throw ServerError(message: "127.0.0.1:\(port): \(failure.failure)")
        }
        defer { connection.quit() }
        let envelope = ClientEnvelope(
            reversePath: .mailbox(Mailbox(localPart: "sender", domain: DrillConfiguration.domain)),
            recipients: [Mailbox(localPart: "box", domain: DrillConfiguration.domain)])
        let outcome = await connection.send(
            ClientTransaction(envelope: envelope, content: MemoryContent(ByteBuffer(bytes: content))))
        switch outcome.recipients.first {
        case .delivered(let reply): return reply
        case .failed(let failure), .deferred(let failure):
            guard let reply = failure.reply else { throw ServerError(message: "127.0.0.1:\(port): \(failure)") }
            return reply
        case nil: throw ServerError(message: "127.0.0.1:\(port): no reply")
        }
    }

    /// The id that a reply names: `accepted as ID` or `(id ID)`.
    static func id(in reply: Reply) -> String? {
        let words = reply.text.split(whereSeparator: { " ()".contains($0) })
        guard let place = words.lastIndex(where: { $0 == "as" || $0 == "id" }), place + 1 < words.count else {
            return nil
        }
        return String(words[place + 1])
    }
}
