// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The sockets that are listened on, and the sessions that came by them.
final class BoundListeners: Sendable {
    let sessions = SessionChannels()
    private let reception: Reception
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    private let channels = Mutex<[ListenerConfiguration.Endpoint: any Channel]>([:])

    init(_ reception: Reception, group: MultiThreadedEventLoopGroup, logger: Logger) {
        self.reception = reception
        self.group = group
        self.logger = logger
    }

    /// The port of each listener that has one, by name.
    var ports: [String: Int] {
        Dictionary(
            channels.withLock { $0 }.compactMap { endpoint, channel in
                channel.localAddress?.port.map { (endpoint.name, $0) }
            }
        ) { first, _ in first }
    }

    /// Listens on what is not listened on yet. Where that fails, what was bound by this call is closed again.
    ///
    /// - Throws: ``ServerError`` that names the listener.
    func replace(by listeners: [ListenerConfiguration]) async throws {
        var bound: [ListenerConfiguration.Endpoint: any Channel] = [:]
        do {
            for listener in listeners where channels.withLock({ $0[listener.endpoint] == nil }) {
                bound[listener.endpoint] = try await bind(listener)
            }
        } catch {
            for channel in bound.values { try await channel.close() }
            throw error
        }
        let new = bound
        channels.withLock { $0.merge(new) { $1 } }
    }

    /// Closes the sockets that none of these listeners has; sessions under way go on.
    func closeUnwanted(_ listeners: [ListenerConfiguration]) async {
        let wanted = Set(listeners.map(\.endpoint))
        let unwanted = channels.withLock { channels in
            let unwanted = channels.filter { !wanted.contains($0.key) }
            channels = channels.filter { wanted.contains($0.key) }
            return unwanted
        }
        for (endpoint, channel) in unwanted {
            try? await channel.close()  // closed already is closed
            logger.notice("no longer listening", metadata: ["listener": "\(endpoint.name)"])
        }
    }

    /// Closes all sockets, and waits for the sessions under way.
    func shutDown(within limit: Duration) async {
        let open = channels.withLock { channels in
            defer { channels = [:] }
            return channels
        }
        for channel in open.values { try? await channel.close() }  // closed already is closed
        await sessions.shutDown(within: limit)
    }

    private func bind(_ listener: ListenerConfiguration) async throws -> any Channel {
        if let milter = listener.milter {
            return try await MilterListener(
                listener: listener, milter: milter, reception: reception, group: group, sessions: sessions,
                logger: logger
            ).bind()
        }
        return try await SMTPListener(
            listener: listener, reception: reception, group: group, sessions: sessions, logger: logger
        ).bind()
    }
}
