// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import NIOPosix
package import SluiceCore

/// A session with a next hop, over which transactions are sent one after the other (RFC 5321, RFC 2033).
///
/// Nothing here throws or waits without end: whatever the peer does, each recipient gets one outcome.
package final class SMTPClientConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<ClientHandler>
    /// `192.0.2.1:25`.
    package let peer: String
    /// What the next hop offered.
    package let extensions: ServerExtensions

    private init(
        channel: any Channel, handler: NIOLoopBound<ClientHandler>, peer: String, extensions: ServerExtensions
    ) {
        self.extensions = extensions
        self.channel = channel
        self.handler = handler
        self.peer = peer
    }

    /// Connects and greets. Where opportunistic TLS fails, a second connection is made without it.
    ///
    /// - Parameters:
    ///   - address: where to connect to.
    ///   - name: the next hop's name, which its certificate must bear where TLS is required; `nil` where it has only
    ///     an address.
    package static func connect(
        to address: SocketAddress, name: String?, configuration: ClientConfiguration, on group: any EventLoopGroup
    ) async -> Result<SMTPClientConnection, ConnectionFailure> {
        let first = await connectOnce(to: address, name: name, configuration: configuration, on: group)
        guard case .failure(let failure) = first, failure.isHandshake, configuration.tls == .opportunistic else {
            return first
        }
        var inClear = configuration
        inClear.tls = .none
        return await connectOnce(to: address, name: name, configuration: inClear, on: group)
    }

    private static func connectOnce(
        to address: SocketAddress, name: String?, configuration: ClientConfiguration, on group: any EventLoopGroup
    ) async -> Result<SMTPClientConnection, ConnectionFailure> {
        guard ClientCommand.isWritable(greetingName: configuration.greetingName) else {
            return .failure(
                ConnectionFailure(.local(EnhancedStatusCode(4, 3, 5), "our own name is not a domain")))
        }
        let eventLoop = group.any()
        let session = eventLoop.makePromise(of: ConnectionFailure?.self)
        let opening = OpeningChannel()
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.timeouts.connect))
        if let source = configuration.source { bootstrap = bootstrap.bind(to: source) }
        return await withTaskCancellationHandler {
            do {
                let (channel, handler) =
                    try await bootstrap
                    .connect(to: address) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            let handler = ClientHandler(configuration, serverName: name, session: session)
                            try channel.pipeline.syncOperations.addHandler(handler)
                            opening.opened(channel)
                            return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                        }
                    }
                if let failure = try await session.futureResult.get() { return .failure(failure) }
                let extensions = try await channel.eventLoop.submit { handler.value.extensions }.get()
                return .success(
                    SMTPClientConnection(
                        channel: channel, handler: handler, peer: text(address), extensions: extensions))
            } catch {
                // Fulfilled already where the handler got as far as being added; the second time does nothing.
                session.succeed(nil)
                return .failure(
                    ConnectionFailure(
                        .local(
                            EnhancedStatusCode(4, 4, 1),
                            "can't connect to \(text(address)): \(SocketErrorText.text(error))")))
            }
        } onCancel: {
            opening.cancel()
        }
    }

    /// Whether the next hop still holds the connection open, as far as we know.
    package var isUsable: Bool { channel.isActive }

    /// Sends one message. One at a time: the next only after the outcome of this one.
    ///
    /// Where the task is cancelled the connection is closed, and who has no outcome yet is deferred.
    package func send(_ transaction: ClientTransaction) async -> TransactionOutcome {
        let handler = handler
        // Only an event loop that has been shut down fails a promise here.
        let outcome = try? await withTaskCancellationHandler {
            try await channel.eventLoop.flatSubmit { [eventLoop = channel.eventLoop] in
                handler.value.send(transaction, on: eventLoop)
            }.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        return outcome
            ?? TransactionOutcome(
                recipients: transaction.envelope.recipients.map { _ in .deferred(Self.shutDown) },
                endedUnanswered: false)
    }

    /// Asks whether the next hop would take a message for this recipient.
    package func probe(_ recipient: Mailbox) async -> ProbeOutcome {
        let handler = handler
        // Only an event loop that has been shut down fails a promise here.
        let outcome = try? await withTaskCancellationHandler {
            try await channel.eventLoop.flatSubmit { [eventLoop = channel.eventLoop] in
                handler.value.probe(recipient, on: eventLoop)
            }.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        return outcome ?? .unknown(Self.shutDown)
    }

    /// Sends QUIT and lets the connection go, without waiting for the answer.
    package func quit() {
        let handler = handler
        channel.eventLoop.execute { handler.value.quit() }
    }

    private static let shutDown = DeliveryFailure.local(EnhancedStatusCode(4, 3, 2), "the relay is shutting down")

    private static func text(_ address: SocketAddress) -> String {
        let host = address.ipAddress ?? "\(address)"
        guard let port = address.port else { return host }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
