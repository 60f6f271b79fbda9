// SPDX-License-Identifier: Apache-2.0
import Logging
package import NIOCore
package import SluiceCore
import SluiceQueue
package import SluiceSMTP
import Synchronization

/// What came of one attempt.
package struct AttemptOutcome: Hashable, Sendable {
    /// In the order of the envelope's recipients.
    package var recipients: [RecipientOutcome]
    /// The host that answered, or was tried last: `mail.example.org[192.0.2.1]:25`; `nil` where none was found.
    package var nextHop: String?
    /// Whether a session came about (or none was needed to know the outcome).
    package var wasReached: Bool

    package init(recipients: [RecipientOutcome], nextHop: String?, wasReached: Bool) {
        self.recipients = recipients
        self.nextHop = nextHop
        self.wasReached = wasReached
    }
}

/// Hands messages to their next hops: finds the hosts, connects, keeps connections for the next message.
package final class DeliveryAgent: Sendable {
    /// How the agent talks to next hops.
    package struct Configuration: Sendable {
        /// Our name, for EHLO.
        package var hostname: String
        package var tls: ClientTLSMode
        package var contexts: ClientTLSContexts
        package var timeouts: ClientTimeouts
        /// How long a connection is kept for the next message; zero keeps none.
        package var idleTime: Duration
        /// Transactions over one connection.
        package var useLimit: Int

        package init(
            hostname: String, tls: ClientTLSMode = .opportunistic, contexts: ClientTLSContexts,
            timeouts: ClientTimeouts = ClientTimeouts(), idleTime: Duration = .seconds(10), useLimit: Int = 100
        ) {
            self.hostname = hostname
            self.tls = tls
            self.contexts = contexts
            self.timeouts = timeouts
            self.idleTime = idleTime
            self.useLimit = useLimit
        }
    }

    /// A connection and the host that it leads to.
    private struct Session: Sendable {
        var connection: SMTPClientConnection
        var host: String
        var uses: Int
    }

    private enum Opened: Sendable {
        case session(Session)
        /// The DNS says that there is no host.
        case impossible(DeliveryFailure)
        case failed(DeliveryFailure, host: String?)
    }

    private let configuration: Configuration
    private let lookup: HostLookup
    private let group: any EventLoopGroup
    private let time: any TimeSource
    private let idle: Mutex<IdleConnections<Session>>

    package init(
        configuration: Configuration, resolver: any Resolver, group: any EventLoopGroup,
        time: any TimeSource = SystemTime()
    ) {
        self.configuration = configuration
        lookup = HostLookup(resolver: resolver, ownName: configuration.hostname)
        self.group = group
        self.time = time
        idle = Mutex(IdleConnections(idleTime: configuration.idleTime, useLimit: configuration.useLimit))
    }

    /// Tries to deliver one message to some recipients that share a next hop. Each gets exactly one outcome.
    package func deliver(
        _ envelope: ClientEnvelope, content: any ContentSource, to nextHop: NextHop
    ) async -> AttemptOutcome {
        let transaction = ClientTransaction(envelope: envelope, content: content)
        // A kept connection may have been closed by the next hop meanwhile: then a new one is made, once.
        if let session = takeIdle(nextHop.destination) {
            let outcome = await session.connection.send(transaction)
            if !outcome.endedUnanswered { return finish(outcome, session, nextHop) }
        }
        switch await open(nextHop) {
        case .session(let session):
            return finish(await session.connection.send(transaction), session, nextHop)
        case .impossible(let failure):
            let outcomes = envelope.recipients.map { _ in RecipientOutcome.failed(failure) }
            return AttemptOutcome(recipients: outcomes, nextHop: nil, wasReached: true)
        case .failed(let failure, let host):
            let outcomes = envelope.recipients.map { _ in RecipientOutcome.deferred(failure) }
            return AttemptOutcome(recipients: outcomes, nextHop: host, wasReached: false)
        }
    }

    /// Asks a next hop about a recipient.
    package func probe(_ recipient: Mailbox, at nextHop: NextHop) async -> (outcome: ProbeOutcome, nextHop: String?) {
        if let session = takeIdle(nextHop.destination) {
            let outcome = await session.connection.probe(recipient)
            switch outcome {
            case .accepted, .refused, .unknown(.reply):
                keep(session, nextHop)
                return (outcome, session.host)
            case .unknown(.local): session.connection.quit()
            }
        }
        switch await open(nextHop) {
        case .session(let session):
            let outcome = await session.connection.probe(recipient)
            keep(session, nextHop)
            return (outcome, session.host)
        case .impossible(let failure): return (.unknown(failure), nil)
        case .failed(let failure, let host): return (.unknown(failure), host)
        }
    }

    /// For timers of those who use the agent.
    var eventLoop: any EventLoop { group.any() }

    /// Closes connections that have been idle for too long; to be called now and then.
    package func closeExpired() {
        let now = time.now
        for session in idle.withLock({ $0.expired(at: now) }) { session.connection.quit() }
    }

    /// Closes all idle connections.
    package func closeIdle() {
        for session in idle.withLock({ $0.removeAll() }) { session.connection.quit() }
    }

    private func takeIdle(_ destination: Destination) -> Session? {
        let now = time.now
        while let kept = idle.withLock({ $0.take(destination, at: now) }) {
            if kept.connection.connection.isUsable { return kept.connection }
        }
        return nil
    }

    private func keep(_ session: Session, _ nextHop: NextHop) {
        closeExpired()
        var session = session
        session.uses += 1
        let kept = IdleConnections.Kept(session, uses: session.uses)
        let now = time.now
        let isKept =
            session.connection.isUsable && idle.withLock { $0.put(nextHop.destination, kept, at: now) }
        if !isKept { session.connection.quit() }
    }

    private func finish(_ outcome: TransactionOutcome, _ session: Session, _ nextHop: NextHop) -> AttemptOutcome {
        keep(session, nextHop)
        return AttemptOutcome(
            recipients: outcome.recipients, nextHop: session.host, wasReached: !outcome.endedUnanswered)
    }

    /// Connects to the first host that holds a session.
    private func open(_ nextHop: NextHop) async -> Opened {
        var generator = SystemRandomNumberGenerator()
        let hosts: [MailHost]
        switch await lookup.hosts(of: nextHop, using: &generator) {
        case .hosts(let found): hosts = found
        case .failed(let failure): return .impossible(failure)
        case .deferred(let failure): return .failed(failure, host: nil)
        }
        var client = ClientConfiguration(
            greetingName: configuration.hostname, tls: configuration.tls, contexts: configuration.contexts,
            timeouts: configuration.timeouts)
        if case .route(.host(let kind, _, _)) = nextHop { client.kind = kind }
        var last = DeliveryFailure.local(EnhancedStatusCode(4, 4, 1), "no host to connect to")
        var lastHost: String?
        for host in hosts {
            let written = Self.written(host)
            lastHost = written
            do {
                let address = try SocketAddress(ipAddress: host.address.description, port: host.port)
                switch await SMTPClientConnection.connect(
                    to: address, name: host.name, configuration: client, on: group)
                {
                case .success(let connection):
                    return .session(Session(connection: connection, host: written, uses: 0))
                case .failure(let failure): last = failure.failure
                }
            } catch {
                last = .local(EnhancedStatusCode(4, 4, 1), "can't connect to \(written): \(error)")
            }
            if Task.isCancelled { break }
        }
        return .failed(last, host: lastHost)
    }

    private static func written(_ host: MailHost) -> String {
        let address = "[\(host.address)]:\(host.port)"
        return host.name.map { $0 + address } ?? address
    }
}
