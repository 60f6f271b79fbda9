// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Logging
import NIOCore
import NIOPosix
package import SluiceCore
import SluiceNative
import SluiceSMTP

/// The main job on sample mail: a relay, a sink that plays the internal server, and a zone that plays the DNS, all on
/// loopback and in a temporary directory.
package struct Demo: Sendable {
    /// What the demo tells as it goes.
    package enum Event: Sendable {
        case started(relay: Int, sink: Int, directory: String)
        case startedWithMTA(postfix: Int, milter: Int, sink: Int, directory: String)
        case message(DemoReport)
        case released(id: String, received: String)
        case verified(String)
        case account(JSONValue)
        case ended(seconds: Double)
    }

    private let tell: @Sendable (Event) -> Void
    private let logger: Logger
    private let isMilter: Bool

    /// - Parameter isMilter: Sluice is the milter of a Postfix, in place of a relay.
    package init(logger: Logger, isMilter: Bool = false, tell: @escaping @Sendable (Event) -> Void) {
        self.logger = logger
        self.isMilter = isMilter
        self.tell = tell
    }

    /// Runs it from start to end; what it wrote is removed.
    ///
    /// - Throws: ``ServerError`` where something of it does not work.
    package func run() async throws {
        let start = ContinuousClock.now
        let postfix = isMilter ? DemoPostfix.root() : nil
        if isMilter, postfix == nil {
            throw ServerError(
                message:
                    "no Postfix here: apt-get install postfix, or scripts/peers --fetch postfix in Sluice's folder, and again"
            )
        }
        let directory =
            FileManager.default.temporaryDirectory.path + "/sluice-demo-\(ProcessInfo.processInfo.processIdentifier)"
        // Postfix's own user enters its folder there; the server closes its own.
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: isMilter ? 0o711 : 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }  // What is left is in the temporary directory.
        let group = MultiThreadedEventLoopGroup.singleton
        let sink = try await DemoSink.start(group: group, logger: logger)
        let key = try DKIMKey.generate(.rsaSHA256)
        try writePrivate(key.pem, to: directory + "/demo.pem")
        let resolver = try DemoMessage.zone(adding: Self.zoneLines(key))
        let ports = try await DemoPostfix.freePorts(2)
        let configuration = try configuration(directory: directory, sinkPort: sink.port, reinjectPort: ports[1])
        let (started, continuation) = AsyncStream<Int>.makeStream()
        let server = Server(configuration, logger: logger, resolver: resolver) { running in
            continuation.yield(running.ports["mx"] ?? running.ports["mta"] ?? 0)
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await server.run(handlesSignals: false)
            }
            if let port = await started.first(where: { _ in true }) {
                var play = DemoPlay(
                    port: port, state: configuration.state, sink: sink, resolver: resolver, group: group, tell: tell)
                if let postfix {
                    try await DemoPostfix.run(
                        root: postfix, directory: directory + "/postfix", port: ports[0], reinjectPort: ports[1],
                        milter: port, nextHop: sink.port
                    ) { postfix in
                        tell(
                            .startedWithMTA(
                                postfix: postfix.port, milter: port, sink: sink.port, directory: directory))
                        play.postfix = postfix
                        try await play.run()
                    }
                } else {
                    tell(.started(relay: port, sink: sink.port, directory: directory))
                    try await play.run()
                }
            }
            tasks.cancelAll()
            do { try await tasks.waitForAll() } catch is CancellationError {}
        }
        try await sink.stop()
        let elapsed = ContinuousClock.now - start
        tell(.ended(seconds: Double(elapsed.wholeMilliseconds) / 1000))
    }

    private func writePrivate(_ octets: [UInt8], to path: String) throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(octets), attributes: [.posixPermissions: 0o600])
        else { throw ServerError(message: "\(path): can't be written") }
    }

    /// The key that outgoing mail is signed with, as the DNS shows it.
    private static func zoneLines(_ key: DKIMKey) -> String {
        "demo._domainkey.demo.example:\n  - TXT: [" + key.recordStrings.map { "\"\($0)\"" }.joined(separator: ", ")
            + "]\n"
    }

    private func configuration(directory: String, sinkPort: Int, reinjectPort: Int) throws -> ServerConfiguration {
        let listener =
            isMilter
            ? "name: mta, protocol: milter, quarantine: take_over, reinject: \"smtp://127.0.0.1:\(reinjectPort)\""
            : "name: mx, protocol: smtp"
        let text = """
            hostname: mx.demo.example
            state: state
            listeners:
              - {\(listener), address: "127.0.0.1:0", pipeline: {untrusted: inbound, trusted: outbound}}
            relay:
              domains:
                demo.example: "smtp://127.0.0.1:\(sinkPort)"
              trusted_networks: [127.0.0.1]
              default_route: "smtp://127.0.0.1:\(sinkPort)"
            pipelines:
              inbound:
                - spf: {}
                - dkim-verify: {}
                - virus: {infected: reject, database: embedded}
                - spam: {tag: 5, quarantine: 8, reject: 15, recipients: {strict@demo.example: {tag: 2, quarantine: 3}}}
              outbound:
                - virus: {infected: reject, database: embedded}
                - dkim-sign: {keys: [{domain: demo.example, selector: demo, file: demo.pem}]}
            """
        let reading = ServerConfiguration.read(text, file: "(demo)", directory: directory)
        guard let configuration = reading.configuration else {
            throw ServerError(message: reading.diagnostics.map(\.description).joined(separator: "\n"))
        }
        return configuration
    }
}

/// One message of the demo and what became of it.
package struct DemoReport: Sendable {
    package var name: String
    package var disposition: String
    package var reply: String
    package var score: Double?
    /// In words.
    package var reasons: [String]
    /// What the internal server got.
    package var received: String
}
