// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceServer
import SluiceTesting

/// A whole server in this process: on free ports, in a folder of its own, stopped when the test's body returns.
struct TestServer: Sendable {
    let ports: [String: Int]
    /// The port of the metrics endpoint, where the configuration has one.
    let metricsPort: Int?
    let state: String
    /// Takes the configuration anew, as SIGHUP does.
    let reload: @Sendable () async throws -> Void

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// The usual configuration: one listener `mx`, the relay domain `example.org` at the sink.
    ///
    /// - Parameters:
    ///   - sink: the port of the next hop.
    ///   - untrusted: the stages of strangers' mail, in YAML's flow style.
    ///   - more: further lines of the configuration.
    static func yaml(
        sink: Int, recipients: String = "any", untrusted: String = "[]", trusted: String = "[]", listener: String = "",
        trustedNetworks: String = "[]", more: String = ""
    ) -> String {
        """
        hostname: mx.example.org
        state: state
        listeners:
          - {name: mx, protocol: smtp, address: "127.0.0.1:0", pipeline: {untrusted: inbound, trusted: outbound}\(listener)}
        relay:
          domains: {example.org: {route: "smtp://127.0.0.1:\(sink)", recipients: \(recipients)}}
          default_route: "smtp://127.0.0.1:\(sink)"
          trusted_networks: \(trustedNetworks)
        pipelines: {inbound: \(untrusted), outbound: \(trusted)}
        \(more)
        """
    }

    /// Runs a server, and the body while it runs.
    static func run<Value: Sendable>(
        _ yaml: String, in folder: TemporaryFolder, resolver: (any SluiceCore.Resolver)? = nil,
        handlesSignals: Bool = false, configure: (inout ServerConfiguration) -> Void = { _ in },
        load: (@Sendable () throws -> ServerConfiguration)? = nil,
        _ body: @escaping @Sendable (TestServer) async throws -> Value
    ) async throws -> Value {
        let reading = ServerConfiguration.read(yaml, file: "sluice.yml", directory: folder.path)
        guard var configuration = reading.configuration else {
            throw Failure(description: reading.diagnostics.map(\.description).joined(separator: "\n"))
        }
        configure(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let state = configuration.state
        let (running, continuation) = AsyncStream<RunningServer>.makeStream()
        let server = Server(
            configuration, logger: logger, resolver: resolver ?? TestZone([:]), started: { continuation.yield($0) },
            load: load)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await server.run(handlesSignals: handlesSignals)
            }
            guard let started = await running.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw Failure(description: "it did not start")
            }
            let value = try await body(
                TestServer(
                    ports: started.ports, metricsPort: started.metricsPort, state: state, reload: started.reload))
            tasks.cancelAll()
            do { try await tasks.waitForAll() } catch is CancellationError {}
            return value
        }
    }

    /// A dialogue whose greeting has been read.
    func connect(_ listener: String = "mx") async throws -> DialogueRunner {
        let dialogue = try await DialogueRunner.connect(port: ports[listener] ?? 0)
        try await dialogue.expect("220")
        return dialogue
    }

    /// A dialogue that has said EHLO.
    func greeted(_ listener: String = "mx") async throws -> DialogueRunner {
        let dialogue = try await connect(listener)
        try await dialogue.send("EHLO client.test", expect: "250")
        return dialogue
    }

    /// Sends one message over a connection of its own; returns the reply to the final dot, or the first refusal.
    @discardableResult
    func send(
        _ content: String = "Subject: hello\r\n\r\nHello.\r\n", from: String = "sender@client.test",
        to recipients: [String] = ["anna@example.org"]
    ) async throws -> String {
        let dialogue = try await greeted()
        let reply = try await dialogue.transmit(content, from: from, to: recipients)
        try await dialogue.send("QUIT", expect: "221")
        try await dialogue.close()
        return reply
    }

    /// Asks over the control socket.
    ///
    /// - Throws: ``Failure`` with code and words where the server says no.
    @discardableResult
    func ask(_ command: String, _ arguments: [String: String] = [:]) async throws -> [JSONValue] {
        switch try await ControlClient.ask(ControlRequest(command, arguments, by: "tester"), state: state) {
        case .done(let values): return values
        case .failed(let code, let why): throw Failure(description: "\(code) \(why)")
        }
    }

    /// The trace of a message: at once where it was refused, else once all its recipients are in a final state or held.
    func settled(_ id: String) async throws -> JSONValue {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let trace = try await ask("trace show", ["id": id]).first ?? .null
            let states = trace["recipients"]?.arrayValue?.map { $0["state"]?.stringValue } ?? []
            if trace["disposition"] == "reject" || trace["disposition"] == "defer" { return trace }
            if states.allSatisfy({ $0 != nil && $0 != "queued" }) || ContinuousClock.now > end { return trace }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The id that a reply names.
    static func id(_ reply: String) throws -> String {
        let word = reply.split(separator: " ").last.map(String.init) ?? ""
        let id = String(word.filter { $0.isLetter || $0.isNumber })
        guard id.utf8.count == 12 else { throw Failure(description: "no id in: \(reply)") }
        return id
    }
}

extension DialogueRunner {
    /// One transaction; returns the last line of the reply that decided it.
    func transmit(_ content: String, from: String, to recipients: [String]) async throws -> String {
        try await send("MAIL FROM:<\(from)>", expect: "250")
        for recipient in recipients {
            try await send("RCPT TO:<\(recipient)>")
            let reply = try await reply().last ?? ""
            if !reply.hasPrefix("250") { return reply }
        }
        try await send("DATA", expect: "354")
        try await send(octets: content + ".\r\n")
        return try await reply().last ?? ""
    }
}
