// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer
import SluiceTesting

/// A server with a milter listener `mta` beside the SMTP listener `mx`, whose pipeline obeys the messages.
struct MilterServer: Sendable {
    let server: TestServer
    /// Where what is released goes.
    let reinject: Sink
    /// Where what came by SMTP goes.
    let sink: Sink

    static let takeOver = "quarantine: take_over, reinject: \"smtp://127.0.0.1:REINJECT\""

    /// - Parameters:
    ///   - listener: further keys of the milter listener; `REINJECT` stands for the port of the sink `reinject`.
    ///   - untrusted: stages in YAML's flow style, in place of the scripted one.
    static func run(
        listener: String = "quarantine: mta", untrusted: String? = nil, address: String = "127.0.0.1:0",
        trustedNetworks: String = "[]", more: String = "", reinjection: SinkScript = SinkScript(),
        in folder: TemporaryFolder? = nil,
        _ body: @escaping @Sendable (MilterServer) async throws -> Void
    ) async throws {
        let reinject = try await Sink.start(reinjection)
        let sink = try await Sink.start()
        let keys = listener.replacing("REINJECT", with: "\(reinject.port)")
        let yaml = """
            hostname: mx.example.org
            state: state
            listeners:
              - {name: mx, protocol: smtp, address: "127.0.0.1:0", pipeline: {untrusted: inbound, trusted: outbound}}
              - {name: mta, protocol: milter, address: "\(address)", pipeline: {untrusted: inbound, trusted: outbound}, \(keys)}
            relay:
              domains: {example.org: {route: "smtp://127.0.0.1:\(sink.port)", recipients: any}}
              default_route: "smtp://127.0.0.1:\(sink.port)"
              trusted_networks: \(trustedNetworks)
            pipelines: {inbound: \(untrusted ?? "[]"), outbound: []}
            \(more)
            """
        try await TestServer.run(
            yaml, in: try folder ?? TemporaryFolder(),
            configure: { if untrusted == nil { ScriptedStage.install(in: &$0) } }
        ) { server in
            try await body(MilterServer(server: server, reinject: reinject, sink: sink))
        }
        try await sink.stop()
        try await reinject.stop()
    }

    var address: MTAAddress { .port(server.ports["mta"] ?? 0) }

    /// Tells the milter of one message over a connection of its own.
    func send(
        _ message: MTAMessage, offer: MTAOffer = .full, model: MTAModel = .postfix, hook: MTASession.Hook? = nil
    ) async throws -> MTAOutcome {
        let session = try await MTASession.open(address, offer: offer, model: model, hook: hook)
        let outcome = await session.send(message)
        try await session.quit()
        return outcome
    }

    /// The traces of the messages that a word finds.
    func traces(_ word: String) async throws -> [JSONValue] {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            // The index is written behind.
            let found = try await server.ask("trace find", ["query": "{\"term\": \"\(word)\", \"limit\": 20}"])
            if !found.isEmpty || ContinuousClock.now > end {
                var traces: [JSONValue] = []
                for id in found.compactMap({ $0["id"]?.stringValue }) {
                    traces += try await server.ask("trace show", ["id": id])
                }
                return traces
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension MTAMessage {
    /// A message that asks for this.
    init(
        _ script: ScriptedStage.Script, to recipients: [String] = ["anna@example.org"],
        content: String = "Subject: hello\r\n\r\nHello.\r\n"
    ) throws {
        self.init(try script.field() + content, to: recipients)
    }
}
