// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore

@testable import SluiceSMTP

/// A listener of SluiceSMTP's on a free loopback port.
final class LiveServer: Sendable {
    let port: Int
    /// What the sessions have noted.
    let log: ScriptedPolicy.Log
    private let server: any Channel

    private init(server: any Channel, port: Int, log: ScriptedPolicy.Log) {
        self.server = server
        self.port = port
        self.log = log
    }

    static func start(
        _ configuration: SMTPServerConfiguration, answers: ScriptedPolicy.Answers = .init()
    ) async throws -> LiveServer {
        let log = ScriptedPolicy.Log()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let client = SMTPServerHandler.client(of: channel) else {
                        throw ChannelError.unknownLocalAddress
                    }
                    let policy = ScriptedPolicy(loop: channel.eventLoop, answers: answers, log: log)
                    let handler = SMTPServerHandler(
                        configuration: configuration, client: client, policy: policy,
                        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = server.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        return LiveServer(server: server, port: port, log: log)
    }

    func stop() async throws { try await server.close() }
}
