// SPDX-License-Identifier: Apache-2.0
import Logging
import ServiceLifecycle
import SluiceCore
import SluiceDelivery
import SluiceNative
import UnixSignals

/// Takes a new configuration while the server runs, with the rules, keys and certificates that it names. All of it is
/// made and checked first; if anything is wrong, all stays as it was.
struct Reloader: Sendable {
    /// Reads the configuration anew.
    let load: @Sendable () throws -> ServerConfiguration
    let foundations: Foundations
    let reception: Reception
    let listeners: BoundListeners
    let delivery: DeliveryService
    let time: any TimeSource
    let logger: Logger

    /// - Throws: ``ServerError`` where the old configuration stays, with the reason.
    func reload() async throws {
        let old = reception.settings
        let configuration = try load()
        guard configuration.state == old.configuration.state else {
            throw ServerError(
                message: "state is another directory: that takes a restart, \(old.configuration.state) would be right",
                isConfiguration: true)
        }
        let new = try ServerSettings(configuration, foundations, time: time, logger: logger)
        try await listeners.replace(by: configuration.listeners)
        reception.replaceSettings(by: new)
        delivery.replace(routes: new.routes, agent: new.agent, configuration: new.delivery)
        await listeners.closeUnwanted(configuration.listeners)
        logger.notice("configuration reloaded")
        for key in Self.restartKeys(old.configuration, configuration) {
            logger.warning("a changed value takes effect at the next start", metadata: ["key": "\(key)"])
        }
    }

    /// What differs and is built into what runs.
    static func restartKeys(_ old: ServerConfiguration, _ new: ServerConfiguration) -> [String] {
        let pairs: [(String, Bool)] = [
            ("limits.pipelines", old.limits.pipelines == new.limits.pipelines),
            ("limits.content_memory", old.limits.contentMemory == new.limits.contentMemory),
            ("quarantine.size", old.quarantine.size == new.quarantine.size),
            ("ledger.keep", old.ledger.keep == new.ledger.keep),
            ("resolver", old.resolver == new.resolver),
            ("metrics.address", old.metrics == new.metrics),
        ]
        return pairs.filter { !$0.1 }.map(\.0)
    }
}

/// Reloads the configuration at each SIGHUP.
struct ReloadService: Service {
    let reloader: Reloader
    let notification: ServiceNotification?

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                notification?.send(.reloading)
                // Whether the new configuration or the old one is in force.
                defer { notification?.send(.ready) }
                do { try await reloader.reload() } catch {
                    reloader.logger.error(
                        "configuration not reloaded, the old one stays in force", metadata: ["reason": "\(error)"])
                }
            }
        }
    }
}
