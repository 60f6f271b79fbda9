// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import Synchronization

/// A TCP server on loopback whose peers get what a handler says; stopped with all its connections.
final class DrillListener: Sendable {
    let port: Int
    private let listener: any Channel
    private let connections: DrillConnections

    /// - Parameters:
    ///   - dialogue: what each connection begins with.
    ///   - port: 0 for any.
    static func start(
        _ dialogue: some DrillDialogue, fault: DrillRow.Fault = .none, port: Int = 0
    ) async throws -> DrillListener {
        let connections = DrillConnections()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add(channel)
                    try channel.pipeline.syncOperations.addHandler(DrillPeerHandler(dialogue, fault: fault))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return DrillListener(listener, connections)
    }

    private init(_ listener: any Channel, _ connections: DrillConnections) {
        self.listener = listener
        self.connections = connections
        port = listener.localAddress?.port ?? 0
    }

    func stop() async throws {
        try await listener.close()
        connections.closeAll()
    }

    /// A port on which nobody listens.
    static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }
}

/// What is open.
private final class DrillConnections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        channels.withLock { $0[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { [self] _ in
            channels.withLock { $0[ObjectIdentifier(channel)] = nil }
        }
    }

    func closeAll() { for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) } }
}
