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
    private let steady: any TimeSource
    private let resolver: (any SluiceCore.Resolver)?
    private let worker: String?
    private let load: @Sendable () throws -> ServerConfiguration
    private let metrics: MetricsRegistry
    private let started: @Sendable (RunningServer) async -> Void

    /// - Parameters:
    ///   - steady: goes on evenly where the clock is set: for what lasts or is due.
    ///   - resolver: in place of that of the configuration (the demo's zone).
    ///   - worker: the program in place of `sluice-worker` (the drill's).
    ///   - metrics: what the process counts in (``MetricsRegistry/bootstrap(logger:)``); without it the counters are
    ///     those that nobody has asked for, and only what is looked at can be told.
    ///   - started: called once the listeners are bound.
    ///   - load: reads the configuration anew, for a reload; without it a reload makes anew what the configuration
    ///     names (rules, keys, certificates, logins).
    package init(
        _ configuration: ServerConfiguration, logger: Logger, time: any TimeSource = SystemTime(),
        steady: any TimeSource = SteadyTime(), resolver: (any SluiceCore.Resolver)? = nil, worker: String? = nil,
        metrics: MetricsRegistry? = nil,
        started: @escaping @Sendable (RunningServer) async -> Void = { _ in },
        load: (@Sendable () throws -> ServerConfiguration)? = nil
    ) {
        self.configuration = configuration
        self.logger = logger
        self.time = time
        self.steady = steady
        self.resolver = resolver
        self.worker = worker
        self.metrics = metrics ?? MetricsRegistry(logger: logger)
        self.load = load ?? { configuration }
        self.started = started
    }

    /// Runs until SIGTERM or SIGINT, or until the task is cancelled.
    ///
    /// - Throws: ``ServerError`` where it can't start.
    package func run(handlesSignals: Bool = true) async throws {
        MemoryAllocator.bound()
        let storage = FileStorage()
        let lock = try await takeState(storage)
        defer { withExtendedLifetime(lock) {} }
        let foundations = try Foundations(
            configuration.resolver, resolver: resolver, worker: worker, logger: logger)
        do {
            try await run(foundations, storage: storage, handlesSignals: handlesSignals)
        } catch {
            await foundations.shutdown()
            throw error
        }
        await foundations.shutdown()
    }

    /// Makes the state directory where it is missing, and takes it for this process.
    private func takeState(_ storage: FileStorage) async throws -> StateDirectoryLock {
        var attempts = 0
        while true {
            do {
                try storage.createDirectory(configuration.state)
                try StateOwner.check(configuration.state)
                let lock = try StateDirectoryLock(directory: configuration.state)
                guard !RestoreMarker.isSet(configuration.state) else {
                    throw ServerError(message: RestoreMarker.refusal(configuration.state), isConfiguration: true)
                }
                return lock
            } catch let error as StateDirectoryLockError {
                if case .storage(let error) = error { throw stateError(error) }
                // A command looks whether somebody holds it by taking it for a moment.
                attempts += 1
                if attempts >= 10 { throw ServerError(message: "\(error)") }
            } catch let error as StateOwner.Foreign {
                throw ServerError(message: "\(error)", isConfiguration: true)
            } catch let error as ServerError {
                throw error
            } catch { throw stateError(error) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// - Parameter error: why the state directory can't be used.
    private func stateError(_ error: any Error) -> ServerError {
        if case .otherVersion? = error as? JournalError { return newerState(error) }
        if let error = error as? HistoryError, error.isOtherVersion { return newerState(error) }
        // A place that is wrong or not ours stays so until somebody changes it; a full disk does not.
        let isWrongPlace = [ENOENT, ENOTDIR, EACCES, EPERM, EROFS].contains((error as? StorageError)?.code ?? 0)
        return ServerError(
            message: "the state directory \(configuration.state) can't be used: \(error)", isConfiguration: isWrongPlace
        )
    }

    /// The state directory was written by another version, which is the one to start; nothing in it was touched.
    private func newerState(_ error: any Error) -> ServerError {
        ServerError(
            message: "the state directory \(configuration.state) is of another version of Sluice: \(error)",
            isConfiguration: true)
    }

    private func run(_ foundations: Foundations, storage: FileStorage, handlesSignals: Bool) async throws {
        let descriptors = DescriptorLimit.raise()
        let sessionCapacity = Self.sessionCapacity(descriptors)
        if sessionCapacity < configuration.limits.sessions {
            logger.warning(
                "fewer sessions than limits.sessions: the process has no descriptors for more",
                metadata: ["sessions": "\(sessionCapacity)", "descriptors": "\(descriptors)"])
        }
        let settings = try ServerSettings(configuration, foundations, time: time, logger: logger)
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
            configuration: settings.agent, resolver: foundations.resolver, group: group, time: steady)
        let ids = TransactionIDSource()
        // What comes and what goes on the same threads: those that are at work need not be woken.
        let tasks = CPUPool(threads: max(2, System.coreCount))
        let delivery = DeliveryService(
            queue: queue, agent: agent, routes: settings.routes, configuration: settings.delivery, time: time,
            steady: steady, executor: tasks,
            logger: logger, makeID: { ids.next($0) })
        let reception = Reception(
            Reception.Parts(
                settings: settings, resolver: foundations.resolver, ids: ids, time: time, steady: steady, queue: queue,
                history: history,
                probe: RecipientProbe(agent: agent, routes: { delivery.routes }, time: steady, logger: logger),
                pool: foundations.pool, tasks: tasks, inlineLimit: queueConfiguration.inlineLimit,
                sessionCapacity: sessionCapacity, logger: logger))
        let upkeep = UpkeepHold(time: steady)
        let figures = ServerFigures(
            queue: queue, history: history, delivery: delivery, reception: reception, workers: foundations.workers,
            state: configuration.state, time: time, started: time.now)
        let control = ControlCommands(
            queue: queue, history: history, delivery: delivery, running: RunningFigures(metrics, figures),
            release: QuarantineRelease(queue: queue, scanner: { reception.settings.scanner }, logger: logger),
            time: time, logger: logger, upkeep: upkeep)
        let listeners = BoundListeners(reception, group: group, logger: logger)
        let reloader = Reloader(
            load: load, foundations: foundations, reception: reception, listeners: listeners, delivery: delivery,
            time: time, logger: logger)
        let notification = handlesSignals ? ServiceNotification() : nil
        let listenerService = listenerService(
            reception, listeners, control, figures, group: group, notification: notification,
            reload: { try await reloader.reload() })
        // Shut down in the opposite order: no new mail first, then deliveries, then what they write to.
        var services: [any Service] = [
            HistoryService(history: history),
            MaintenanceService(
                queue: queue, history: history, configuration: { reception.settings.configuration }, time: time,
                steady: steady, logger: logger, hold: upkeep),
            DeliveryRunner(service: delivery), listenerService,
        ]
        if handlesSignals {
            services.append(ReloadService(reloader: reloader, notification: notification))
            if let notification { services.append(NotificationService(notification: notification)) }
        }
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

    /// The listeners, and what tells of the server to whoever may ask: the control socket and the metrics endpoint.
    private func listenerService(
        _ reception: Reception, _ listeners: BoundListeners, _ control: ControlCommands, _ figures: ServerFigures,
        group: MultiThreadedEventLoopGroup, notification: ServiceNotification?,
        reload: @escaping @Sendable () async throws -> Void
    ) -> ListenerService {
        let started = started
        let readiness = Readiness()
        return ListenerService(
            reception: reception, listeners: listeners,
            control: ControlServer(
                path: ControlSocket.path(state: configuration.state), group: group, logger: logger,
                answer: { await control.answer($0) }),
            metrics: configuration.metrics.address.map {
                MetricsEndpoint(
                    address: $0, group: group, registry: metrics, figures: figures, readiness: readiness, logger: logger
                )
            },
            readiness: readiness, reload: reload,
            started: { running in
                notification?.send(.ready)
                await started(running)
            })
    }

    /// How many sessions may be at once: each may have a file beside its socket, and deliveries, workers and the journal
    /// must find theirs.
    static func sessionCapacity(_ descriptors: Int) -> Int { max(16, (descriptors - 256) / 2) }

    private var queueConfiguration: MailQueue.Configuration { MailQueue.Configuration(configuration) }
}
