// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SluiceCore
import SluiceDelivery
import SluiceHistory
import SluiceNative
import SluiceQueue
import Synchronization

/// Writes the history behind.
struct HistoryService: Service {
    let history: History

    func run() async throws { await cancelWhenGracefulShutdown { await history.run() } }
}

/// Delivers until it is told to stop, then lets the attempts under way end.
struct DeliveryRunner: Service {
    let service: DeliveryService

    func run() async throws {
        await withGracefulShutdownHandler {
            await service.run()
        } onGracefulShutdown: {
            service.stop()
        }
    }
}

/// What has to be done now and then: the journal's upkeep, the ledger's witness in the log, retention.
final class MaintenanceService: Service {
    private let queue: MailQueue
    private let history: History
    private let configuration: @Sendable () -> ServerConfiguration
    private let time: any TimeSource
    private let steady: any TimeSource
    private let logger: Logger
    private let hold: UpkeepHold
    private let retention = Mutex(RetentionTime())

    private static let interval = Duration.seconds(60)
    /// A start that finds more segments than this follows others that ended before their first upkeep.
    private static let segmentsForUpkeep = 4

    /// - Parameters:
    ///   - configuration: the one in force.
    ///   - steady: goes on evenly where the clock is set.
    ///   - hold: holds the upkeep off while a backup copies files.
    init(
        queue: MailQueue, history: History, configuration: @escaping @Sendable () -> ServerConfiguration,
        time: any TimeSource, steady: any TimeSource, logger: Logger, hold: UpkeepHold? = nil
    ) {
        self.hold = hold ?? UpkeepHold(time: steady)
        self.queue = queue
        self.history = history
        self.configuration = configuration
        self.time = time
        self.steady = steady
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            if queue.segmentsAtStart > Self.segmentsForUpkeep { await maintain() }
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.interval) } catch { return }
                await maintain()
            }
        }
    }

    func maintain() async {
        let now = time.now
        let keptUntil = retentionTime(now)
        let witness = queue.ledgerWitness()
        logger.info("ledger", metadata: ["records": "\(witness.length)", "head": "\(witness.head)"])
        guard hold.upkeepBegins() else {
            logger.info("the upkeep waits for a backup")
            return
        }
        defer { hold.upkeepEnded() }
        // Each by itself: a disk on which the journal can't write must not keep retention from making room there.
        await upkeep("journal") { try await queue.maintain(now: now, ledgerKeptUntil: keptUntil) }
        await upkeep("quarantine") { try await expireQuarantine(keptUntil) }
        await upkeep("history") {
            let (keep, size) = (configuration().history.keep, configuration().history.size)
            try await history.perform { try $0.retire(before: keptUntil - keep, sizeLimit: size) }
        }
        MemoryAllocator.returnUnused()
    }

    private func retentionTime(_ now: Timestamp) -> Timestamp {
        let (kept, jump) = retention.withLock { ($0.time(now, steady: steady.now), $0.jump) }
        if let jump {
            logger.warning(
                "the clock was set; what is kept for a time goes by the new one when it has stayed so for a day",
                metadata: ["by_seconds": "\(jump.components.seconds)"])
        }
        return kept
    }

    private func upkeep(_ part: String, _ body: () async throws -> Void) async {
        do { try await body() } catch {
            logger.error("upkeep failed", metadata: ["part": "\(part)", "error": "\(error)"])
        }
    }

    /// Removes what has been in quarantine for longer than `quarantine.keep`.
    private func expireQuarantine(_ now: Timestamp) async throws {
        let keep = configuration().quarantine.keep
        let limit = now - keep
        let changes = queue.items().flatMap { item in
            item.recipients.enumerated().compactMap { number, recipient -> StateChange? in
                guard case .quarantined(_, let since) = recipient.state, since < limit else { return nil }
                return StateChange(
                    item: item.id, recipient: number, state: .removed, by: "retention",
                    why: "in quarantine for \(keep.written)")
            }
        }
        if !changes.isEmpty { _ = try await queue.apply(changes) }
    }
}

/// Where a server that runs can be reached.
package struct RunningServer: Sendable {
    /// The port of each listener, by its name (a configuration may say 0).
    package let ports: [String: Int]
    /// The port of the metrics endpoint, where there is one.
    package let metricsPort: Int?
    /// Takes the configuration anew, as SIGHUP does; throws where the old one stays in force.
    package let reload: @Sendable () async throws -> Void
}

/// All listeners and the control socket; drains the transactions of their sessions.
struct ListenerService: Service {
    let reception: Reception
    let listeners: BoundListeners
    let control: ControlServer
    /// `nil` where nobody is to read what is counted.
    let metrics: MetricsEndpoint?
    let readiness: Readiness
    let reload: @Sendable () async throws -> Void
    let started: @Sendable (RunningServer) async -> Void

    func run() async throws {
        var channels = [try await control.start()]
        do {
            if let metrics { channels.append(try await metrics.start()) }
            try await listeners.replace(by: reception.settings.configuration.listeners)
        } catch {
            try await close(channels)
            throw error
        }
        let metricsPort = metrics == nil ? nil : channels.last?.localAddress?.port
        let running = RunningServer(ports: listeners.ports, metricsPort: metricsPort, reload: reload)
        readiness.set(true)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reception.transactions.drain() }
            group.addTask { await started(running) }
            group.addTask {
                await untilGracefulShutdown()
                readiness.set(false)
                await listeners.shutDown(within: reception.settings.configuration.limits.shutdownTimeout)
                reception.transactions.close()
            }
        }
        try await close(channels)
    }

    private func close(_ channels: [any Channel]) async throws {
        for channel in channels { try await channel.close() }
    }

    /// Returns when a graceful shutdown begins, or the task is cancelled.
    private func untilGracefulShutdown() async {
        // It throws where the task is cancelled instead: the same for us.
        try? await gracefulShutdown()
    }
}
