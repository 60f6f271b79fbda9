// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceSMTP

/// One SMTP or submission listener: accepts connections and runs a session on each.
struct SMTPListener: Sendable {
    let listener: ListenerConfiguration
    let reception: Reception
    let group: MultiThreadedEventLoopGroup
    let sessions: SessionChannels
    let logger: Logger

    /// Listens on the address.
    ///
    /// - Throws: ``ServerError`` where it can't be bound.
    func bind() async throws -> any Channel {
        let reception = reception
        let listener = listener
        let sessions = sessions
        let logger = logger
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let address = channel.remoteAddress.flatMap({ IPAddress($0.ipAddress ?? "") }) else {
                        throw ServerError(message: "a connection without an address")
                    }
                    sessions.add(channel)
                    let settings = reception.settings
                    let listener = settings.listener(listener)
                    // A stranger could have notices of success sent to whomever he names as sender.
                    let offersDSN =
                        listener.protocolName == .submission || settings.configuration.relay.isTrusted(address)
                    let configuration = SMTPServerConfiguration(
                        hostname: settings.configuration.hostname,
                        limits: SMTPServerLimits(settings.configuration.limits),
                        tls: settings.certificate(of: listener), offersAuthentication: listener.users != nil,
                        offersDSN: offersDSN)
                    let policy = ReceptionSession(
                        reception, listener: listener, address: address, eventLoop: channel.eventLoop)
                    var sessionLogger = logger
                    sessionLogger[metadataKey: "client"] = "\(address)"
                    sessionLogger[metadataKey: "listener"] = "\(listener.name)"
                    try channel.pipeline.syncOperations.addHandler(
                        SMTPServerHandler(
                            configuration: configuration, client: ClientInfo(address: address), policy: policy,
                            logger: sessionLogger))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: listener.host, port: listener.port).get()
            let port = channel.localAddress?.port ?? listener.port
            logger.notice("listening", metadata: ["listener": "\(listener.name)", "address": "\(written(port))"])
            return channel
        } catch {
            throw ServerError(
                message: "listener \(listener.name) can't use \(written(listener.port)): \(SocketErrorText.text(error))"
            )
        }
    }

    /// `192.0.2.1:25` or `[2001:db8::1]:25`.
    private func written(_ port: Int) -> String {
        listener.host.contains(":") ? "[\(listener.host)]:\(port)" : "\(listener.host):\(port)"
    }
}

extension SMTPServerLimits {
    init(_ limits: LimitsConfiguration) {
        self.init(
            messageSize: limits.messageSize, recipients: limits.recipients, errors: limits.errors, hops: limits.hops,
            header: limits.header, commandLine: limits.commandLine, authenticationLine: limits.authLine,
            contentLine: limits.contentLine, commandTimeout: limits.commandTimeout,
            transactionTimeout: limits.transactionTimeout)
    }
}
