// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceMilter
import SluiceSMTP

/// One milter listener: accepts the connections of MTAs, on a port or a Unix socket, and runs a session on each.
struct MilterListener: Sendable {
    let listener: ListenerConfiguration
    let milter: MilterConfiguration
    let reception: Reception
    let group: MultiThreadedEventLoopGroup
    let sessions: SessionChannels
    let logger: Logger

    /// Listens on the address. The file of a Unix socket goes with the channel.
    ///
    /// - Throws: ``ServerError`` where it can't be bound.
    func bind() async throws -> any Channel {
        let bootstrap = bootstrap()
        let address = milter.socket.map { "unix:\($0)" } ?? "\(listener.host):\(listener.port)"
        do {
            let channel: any Channel
            if let socket = milter.socket {
                channel = try await bind(bootstrap, to: socket)
            } else {
                channel = try await bootstrap.bind(host: listener.host, port: listener.port).get()
            }
            let port = channel.localAddress?.port.map { "\(listener.host):\($0)" }
            logger.notice("listening", metadata: ["listener": "\(listener.name)", "address": "\(port ?? address)"])
            return channel
        } catch {
            throw ServerError(
                message: "listener \(listener.name) can't use \(address): \(SocketErrorText.text(error))")
        }
    }

    private func bootstrap() -> ServerBootstrap {
        let configuration = Self.configuration
        let reception = reception
        let listener = listener
        let sessions = sessions
        let logger = logger
        let isPort = milter.socket == nil
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            // A small message comes in one piece: MTAs send all that needs no reply at once.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 8192, initial: 8192, maximum: 65536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isPort { try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1) }
                    sessions.add(channel)
                    var sessionLogger = logger
                    sessionLogger[metadataKey: "listener"] = "\(listener.name)"
                    let policy = MilterReception(
                        reception, listener: listener, eventLoop: channel.eventLoop, logger: sessionLogger)
                    try channel.pipeline.syncOperations.addHandler(
                        MilterServerHandler(configuration: configuration, policy: policy, logger: sessionLogger))
                }
            }
    }

    /// What we ask of the MTA beyond the session's own wishes: who the MTA is, and what Sendmail knows of its client.
    private static var configuration: MilterServerConfiguration {
        var configuration = MilterServerConfiguration()
        configuration.macroLists[.connect, default: []] += ["v", "client_resolve"]
        configuration.macroLists[.mail, default: []].append("r")
        return configuration
    }

    /// A socket that nobody listens on any more was left by a process that was killed: it is replaced.
    private func bind(_ bootstrap: ServerBootstrap, to path: String) async throws -> any Channel {
        if FileManager.default.fileExists(atPath: path) {
            if let other = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get() {
                try await other.close()  // nobody is there where the connect fails, which is what is asked
                throw ServerError(message: "another process listens on it")
            }
        }
        let channel = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        try FileManager.default.setAttributes([.posixPermissions: milter.mode], ofItemAtPath: path)
        return channel
    }
}
