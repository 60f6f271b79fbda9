// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOSSL
import SluiceCore
import SluiceDelivery
import SluiceFilter
import SluiceQueue
import SluiceSMTP

/// What is in force: made of a configuration at the start and anew at each reload, with the rules, keys, certificates
/// and logins that it names. It never changes; a transaction keeps the one that it began with.
final class ServerSettings: Sendable {
    let configuration: ServerConfiguration
    let relayPolicy: RelayPolicy
    let routes: RouteTable
    let pipelines: Pipelines
    /// For releases from quarantine; `nil` where no pipeline scans.
    let scanner: ReleaseScanner?
    let signing: NotificationSigning
    let agent: DeliveryAgent.Configuration
    /// By the name of the listener.
    let users: [String: UsersFile]
    private let certificates: [String: NIOSSLContext]

    /// - Throws: ``ServerError`` that says what can't be used.
    init(
        _ configuration: ServerConfiguration, _ foundations: Foundations, time: any TimeSource, logger: Logger
    ) throws {
        self.configuration = configuration
        relayPolicy = RelayPolicy(configuration.relay)
        routes = RouteTable(
            domains: configuration.relay.domains.mapValues(\.route), defaultRoute: configuration.relay.defaultRoute,
            reinjection: Dictionary(
                configuration.listeners.compactMap { listener in
                    listener.milter?.reinject.map { (listener.name, $0) }
                }
            ) { first, _ in first },
            domainPolicies: configuration.delivery.domains, routePolicies: configuration.delivery.routes)
        let services = foundations.services(time: time, logger: logger)
        do {
            pipelines = try Pipelines(configuration.pipelines, services: services, logger: logger)
            scanner = try ReleaseScanner(configuration, foundations, time: time, logger: logger)
            signing = try NotificationSigning(configuration, foundations, time: time, logger: logger)
        } catch {
            throw ServerError(message: "\(error)", isConfiguration: true)
        }
        agent = DeliveryAgent.Configuration(
            hostname: configuration.hostname, tls: configuration.delivery.tls, contexts: try ClientTLSContexts(),
            timeouts: ClientTimeouts(command: configuration.delivery.timeout))
        var users: [String: UsersFile] = [:]
        var certificates: [String: NIOSSLContext] = [:]
        for listener in configuration.listeners {
            users[listener.name] = try Self.users(listener)
            certificates[listener.name] = try TLSContext.make(listener)
        }
        self.users = users
        self.certificates = certificates
    }

    /// The certificate of a listener; `nil` where it announces no STARTTLS.
    func certificate(of listener: ListenerConfiguration) -> NIOSSLContext? { certificates[listener.name] }

    /// What is in force for the listener of that name; what was in force where it has gone from the configuration.
    func listener(_ earlier: ListenerConfiguration) -> ListenerConfiguration {
        configuration.listeners.first { $0.endpoint == earlier.endpoint } ?? earlier
    }

    /// How deliveries are scheduled and notifications signed.
    var delivery: DeliveryService.Configuration {
        let queue = configuration.queue
        let signing = signing
        return DeliveryService.Configuration(
            hostname: configuration.hostname,
            backoff: Backoff(
                firstRetry: queue.firstRetry, maxRetry: queue.maxRetry, expire: queue.expire, warn: queue.warn),
            limits: ScheduleLimits(
                connectionsPerHost: configuration.delivery.connectionsPerHost,
                connectionsByDestination: routes.connectionLimits),
            sign: { await signing.edits(for: $0, id: $1, now: $2) })
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
}

extension ListenerConfiguration {
    /// What tells one listening socket from another.
    struct Endpoint: Hashable, Sendable {
        var name: String
        var isMilter: Bool
        /// The path of a Unix socket, or address and port.
        var address: String
    }

    var endpoint: Endpoint {
        Endpoint(
            name: name, isMilter: milter != nil, address: milter?.socket.map { "unix:\($0)" } ?? "\(host) \(port)")
    }
}
