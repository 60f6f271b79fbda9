// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import SluiceCore
import SluiceNative
import SluiceSMTP
import Synchronization

/// The HTTP endpoint that Prometheus reads. It only tells, and knows nobody: the address is the right to ask.
struct MetricsEndpoint: Sendable {
    let address: MetricsConfiguration.Address
    let group: MultiThreadedEventLoopGroup
    let registry: MetricsRegistry
    let figures: ServerFigures
    let readiness: Readiness
    let logger: Logger
    var timeLimit = Self.usualTimeLimit

    /// Connections at once; Prometheus has one.
    static let connectionLimit = 16
    /// From the connection to its end.
    static let usualTimeLimit = TimeAmount.seconds(10)
    /// A header section is that long at most, in octets.
    static let headerLimit = 16 << 10

    /// Listens until the channel is closed.
    ///
    /// - Throws: ``ServerError`` where the address can't be used.
    func start() async throws -> any Channel {
        let (logger, timeLimit) = (logger, timeLimit)
        let connections = ConnectionCount(limit: Self.connectionLimit)
        let endpoint = self
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.enter() else { throw ChannelError.operationUnsupported }
                    channel.closeFuture.whenComplete { _ in connections.leave() }
                    var limits = NIOHTTPDecoderLimitConfiguration()
                    limits.maxHeaderFieldSize = Self.headerLimit
                    limits.maxHeaderListSize = Self.headerLimit
                    limits.maxHeaderFieldCount = 64
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withEncoderConfiguration: HTTPResponseEncoder.Configuration(),
                        withDecoderLimitConfiguration: limits)
                    try channel.pipeline.syncOperations.addHandler(
                        MetricsHandler(timeLimit: timeLimit, logger: logger) { await endpoint.answer($0) })
                }
            }
        do {
            let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
            logger.notice(
                "metrics", metadata: ["address": "\(address.written(port: channel.localAddress?.port ?? 0))"])
            return channel
        } catch {
            throw ServerError(message: "metrics can't use \(address.written()): \(SocketErrorText.text(error))")
        }
    }

    func answer(_ page: MetricsPage) async -> MetricsAnswer {
        switch page {
        case .metrics:
            let (registry, figures) = (registry, figures)
            do {
                return .metrics(
                    try await figures.reception.disk.run {
                        Exposition.text(registry.samples() + figures.samples(), MetricCatalog.definitions)
                    })
            } catch {
                logger.warning("metrics can't be told now", metadata: ["error": "\(error)"])
                return .failed
            }
        case .health: return .healthy
        case .readiness: return .ready(readiness.isReady)
        case .notFound: return .notFound
        case .otherMethod: return .otherMethod
        }
    }
}

/// Whether mail is taken: from when all listeners are bound until the shutdown begins.
final class Readiness: Sendable {
    private let ready = Atomic(false)

    var isReady: Bool { ready.load(ordering: .relaxed) }
    func set(_ isReady: Bool) { ready.store(isReady, ordering: .relaxed) }
}

/// Counts connections up to a limit.
private final class ConnectionCount: Sendable {
    private let count = Atomic(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Returns: whether there is room; one that was let in has to leave.
    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            leave()
            return false
        }
        return true
    }

    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}
