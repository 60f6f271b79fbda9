// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import SluiceCore
import SluiceDelivery
import SluiceFilter
import SluiceHistory
import SluiceNative
import SluiceQueue
import SluiceSMTP
import UnixSignals

/// The whole relay: opens the state, makes the chain, listens, delivers, and stops cleanly.
package struct Server: Sendable {
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let time: any TimeSource
    private let resolver: (any SluiceCore.Resolver)?
    private let started: @Sendable (RunningServer) async -> Void

    /// - Parameters:
    ///   - resolver: in place of that of the configuration (the demo's zone).
    ///   - started: called once the listeners are bound.
    package init(
        _ configuration: ServerConfiguration, logger: Logger, time: any TimeSource = SystemTime(),
        resolver: (any SluiceCore.Resolver)? = nil,
        started: @escaping @Sendable (RunningServer) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.time = time
        self.resolver = resolver
        self.started = started
    }

    /// Runs until SIGTERM or SIGINT, or until the task is cancelled.
    ///
    /// - Throws: ``ServerError`` where it can't start.
    package func run(handlesSignals: Bool = true) async throws {
        let storage = FileStorage()
        let lock = try takeState(storage)
        defer { withExtendedLifetime(lock) {} }
        let foundations = try Foundations(configuration.resolver, resolver: resolver, logger: logger)
        do {
            try await run(foundations, storage: storage, handlesSignals: handlesSignals)
        } catch {
            await foundations.shutdown()
            throw error
        }
        await foundations.shutdown()
    }

    /// Makes the state directory where it is missing, and takes it for this process.
    private func takeState(_ storage: FileStorage) throws(ServerError) -> StateDirectoryLock {
        do {
            try storage.createDirectory(configuration.state)
            return try StateDirectoryLock(directory: configuration.state)
        } catch StateDirectoryLockError.storage(let error) {
            throw stateError(error)
        } catch let error as StateDirectoryLockError {
            throw ServerError(message: "\(error)")
        } catch { throw stateError(error) }
    }

    /// - Parameter error: why the state directory can't be used.
    private func stateError(_ error: any Error) -> ServerError {
        // A place that is wrong or not ours stays so until somebody changes it; a full disk does not.
        let isWrongPlace = [ENOENT, ENOTDIR, EACCES, EPERM, EROFS].contains((error as? StorageError)?.code ?? 0)
        return ServerError(
            message: "the state directory \(configuration.state) can't be used: \(error)", isConfiguration: isWrongPlace
        )
    }

    private func run(_ foundations: Foundations, storage: FileStorage, handlesSignals: Bool) async throws {
        let pipelines: Pipelines
        do {
            pipelines = try Pipelines(
                configuration.pipelines, services: foundations.services(time: time, logger: logger), logger: logger)
        } catch {
            throw ServerError(message: "\(error)", isConfiguration: true)
        }
        let history: History
        let queue: MailQueue
        do {
            history = try History(directory: configuration.state + "/history", logger: logger)
            queue = try MailQueue.open(
                directory: configuration.state, storage: storage, configuration: queueConfiguration, time: time,
                recorder: history, logger: logger)
        } catch { throw stateError(error) }
        let group = MultiThreadedEventLoopGroup.singleton
        let agent = DeliveryAgent(
            configuration: try deliveryConfiguration(), resolver: foundations.resolver, group: group, time: time)
        let routes = RouteTable(
            domains: configuration.relay.domains.mapValues(\.route), defaultRoute: configuration.relay.defaultRoute,
            reinjection: Dictionary(
                configuration.listeners.compactMap { listener in
                    listener.milter?.reinject.map { (listener.name, $0) }
                }
            ) { first, _ in first },
            domainPolicies: configuration.delivery.domains, routePolicies: configuration.delivery.routes)
        let ids = TransactionIDSource()
        let delivery = DeliveryService(
            queue: queue, agent: agent, routes: routes, configuration: try scheduleConfiguration(foundations, routes),
            time: time,
            logger: logger,
            makeID: { ids.next($0) })
        let reception = Reception(
            Reception.Parts(
                configuration: configuration, pipelines: pipelines, resolver: foundations.resolver, ids: ids,
                time: time,
                queue: queue, history: history,
                probe: RecipientProbe(agent: agent, routes: routes, time: time, logger: logger), pool: foundations.pool,
                users: try users(), inlineLimit: queueConfiguration.inlineLimit, logger: logger))
        let control = ControlCommands(
            queue: queue, history: history, delivery: delivery,
            release: try quarantineRelease(foundations, queue), time: time, logger: logger)
        let listeners = ListenerService(
            reception: reception, listeners: configuration.listeners, group: group,
            control: ControlServer(
                path: ControlSocket.path(state: configuration.state), group: group, logger: logger,
                answer: { await control.answer($0) }),
            shutdownTimeout: configuration.limits.shutdownTimeout, logger: logger, started: started)
        // Shut down in the opposite order: no new mail first, then deliveries, then what they write to.
        let services: [any Service] = [
            HistoryService(history: history),
            MaintenanceService(
                queue: queue, history: history, configuration: configuration, time: time, logger: logger),
            DeliveryRunner(service: delivery), listeners,
        ]
        let serviceGroup = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: handlesSignals ? [.sigterm, .sigint] : [], logger: logger))
        do {
            try await serviceGroup.run()
        } catch {
            await queue.close()
            throw error
        }
        await queue.close()
        try history.synchronize()
        logger.notice("stopped")
    }

    private func deliveryConfiguration() throws -> DeliveryAgent.Configuration {
        DeliveryAgent.Configuration(
            hostname: configuration.hostname, tls: configuration.delivery.tls, contexts: try ClientTLSContexts(),
            timeouts: ClientTimeouts(command: configuration.delivery.timeout))
    }

    private func scheduleConfiguration(
        _ foundations: Foundations, _ routes: RouteTable
    ) throws -> DeliveryService.Configuration {
        let queue = configuration.queue
        let signing = try NotificationSigning(configuration, foundations, time: time, logger: logger)
        return DeliveryService.Configuration(
            hostname: configuration.hostname,
            backoff: Backoff(
                firstRetry: queue.firstRetry, maxRetry: queue.maxRetry, expire: queue.expire, warn: queue.warn),
            limits: ScheduleLimits(
                connectionsPerHost: configuration.delivery.connectionsPerHost,
                connectionsByDestination: routes.connectionLimits),
            sign: { await signing.edits(for: $0, id: $1, now: $2) })
    }

    private var queueConfiguration: MailQueue.Configuration {
        var settings = MailQueue.Configuration()
        settings.quarantineSize = Int64(configuration.quarantine.size)
        settings.ledgerKeep = configuration.ledger.keep
        return settings
    }

    /// The users of a listener.
    ///
    /// - Throws: ``ServerError`` that names every line which is wrong.
    static func users(_ listener: ListenerConfiguration) throws -> UsersFile? {
        guard let path = listener.users else { return nil }
        let (users, diagnostics): (UsersFile, [Diagnostic])
        do { (users, diagnostics) = try UsersFile.read(path) } catch {
            throw ServerError(message: "users: \(error)", isConfiguration: true)
        }
        guard diagnostics.isEmpty else {
            throw ServerError(message: diagnostics.map(\.description).joined(separator: "\n"), isConfiguration: true)
        }
        return users
    }

    private func users() throws -> [String: UsersFile] {
        var all: [String: UsersFile] = [:]
        for listener in configuration.listeners { all[listener.name] = try Self.users(listener) }
        return all
    }

    private func quarantineRelease(_ foundations: Foundations, _ queue: MailQueue) throws -> QuarantineRelease {
        let scanner = try configuration.pipelines.sorted { $0.key < $1.key }
            .flatMap(\.value.stages).first { $0.name == "virus" }
            .map { blueprint in
                let stage = try blueprint.make(foundations.services(time: time, logger: logger))
                return try Pipeline(name: "release", stages: [stage], logger: logger)
            }
        return QuarantineRelease(
            queue: queue, resolver: foundations.resolver, hostname: configuration.hostname, scanner: scanner,
            timeout: configuration.limits.pipelineTimeout, logger: logger)
    }
}
