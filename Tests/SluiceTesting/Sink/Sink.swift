// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import NIOPosix
import Synchronization

/// A next hop: an SMTP or LMTP server on a free loopback port that keeps what it gets, and misbehaves by script.
///
/// It is made of its own lines and not of SluiceSMTP's server, as it has to do what that never does.
package final class Sink: Sendable {
    final class Store: Sendable {
        let messages = Mutex<[SinkMessage]>([])
        let connections = Atomic(0)
        let commands = Mutex<[String]>([])
    }

    private let server: any Channel
    private let store: Store
    package let port: Int

    private init(server: any Channel, store: Store, port: Int) {
        self.server = server
        self.store = store
        self.port = port
    }

    /// Starts a sink.
    ///
    /// - Parameter configure: puts handlers, such as TLS, before the dialogue.
    package static func start(
        _ script: SinkScript = SinkScript(), port: Int = 0,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws -> Sink {
        let store = Store()
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try configure(channel)
                    try channel.pipeline.syncOperations.addHandler(SinkHandler(script: script, store: store))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        guard let bound = server.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        return Sink(server: server, store: store, port: bound)
    }

    /// The messages acknowledged so far, in order. A message counts once its 2yz has been handed to the socket.
    package var messages: [SinkMessage] { store.messages.withLock { $0 } }
    /// How many connections there have been.
    package var connections: Int { store.connections.load(ordering: .relaxed) }
    /// All command lines, in order of arrival.
    package var commands: [String] { store.commands.withLock { $0 } }

    /// Waits until there are so many messages, or the time is over; returns those there are.
    package func messages(atLeast count: Int, within time: Duration = .seconds(20)) async throws -> [SinkMessage] {
        let end = ContinuousClock.now + time
        while messages.count < count, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
        return messages
    }

    package func stop() async throws { try await server.close() }
}
