// SPDX-License-Identifier: Apache-2.0
import Logging
package import NIOCore
package import SluiceCore
import SluiceQueue
package import SluiceSMTP
import Synchronization

/// Hands messages to their next hops: finds the hosts, connects, keeps connections for the next message.
package final class DeliveryAgent: Sendable {
    /// How the agent talks to next hops.
    package struct Configuration: Sendable {
        /// Our name, for EHLO.
        package var hostname: String
        /// Where the policy of a destination does not say otherwise.
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

    /// A connection and what it leads to.
    struct Session: Sendable {
        var connection: SMTPClientConnection
        var key: ConnectionKey
        var uses: Int

        var host: String { key.host.description }
    }

    /// Sessions of one attempt: where a host puts recipients off before it has the content, others are asked too
    /// (RFC 5321 §5.1 wants two at least).
    private static let sessionLimit = 3

    private let inForce: Mutex<Configuration>
    private let lookup: HostLookup
    private let group: any EventLoopGroup
    private let time: any TimeSource
    private let idle: Mutex<IdleConnections<Session>>
    private let distrusted = Mutex(DistrustedHosts())

    package init(
        configuration: Configuration, resolver: any Resolver, group: any EventLoopGroup,
        time: any TimeSource = SystemTime()
    ) {
        inForce = Mutex(configuration)
        lookup = HostLookup(resolver: resolver, ownName: configuration.hostname)
        self.group = group
        self.time = time
        idle = Mutex(IdleConnections(idleTime: configuration.idleTime, useLimit: configuration.useLimit))
    }

    /// Tries to deliver one message to some recipients that share a next hop and its policy. Each gets exactly one
    /// outcome.
    package func deliver(
        _ envelope: ClientEnvelope, content: any ContentSource, to nextHop: NextHop,
        policy: DestinationPolicy = DestinationPolicy()
    ) async -> AttemptOutcome {
        var progress = AttemptProgress(envelope)
        var tried: Set<ConnectionKey> = []
        // A kept connection may have been closed by the next hop meanwhile: then a new one is made.
        while let session = takeIdle(nextHop, policy) {
            let wasAnswered = await send(content, over: session, nextHop, &progress)
            if wasAnswered {
                tried.insert(session.key)
                break
            }
        }
        if progress.remaining.isEmpty { return progress.outcome }
        let hosts: [MailHost]
        switch await lookUp(nextHop) {
        case .hosts(let found): hosts = found
        case .failed(let failure):
            progress.failed(failure, at: nil)
            return progress.outcome
        case .deferred(let failure):
            progress.deferred(failure, at: nil)
            return progress.outcome
        }
        for host in hosts {
            let key = key(host, nextHop, policy)
            if progress.remaining.isEmpty || tried.count >= Self.sessionLimit || Task.isCancelled { break }
            if tried.contains(key) { continue }
            switch await session(key, nextHop) {
            case .success(let session):
                tried.insert(key)
                _ = await send(content, over: session, nextHop, &progress)
            case .failure(let failure) where failure.isLoop:
                // Those behind us in the list would send it back to us (RFC 5321 §5.1).
                progress.failed(failure.failure, at: host.description)
            case .failure(let failure):
                progress.deferred(failure.failure, at: host.description)
            }
        }
        return progress.outcome
    }

    /// Asks a next hop about a recipient.
    package func probe(
        _ recipient: Mailbox, at nextHop: NextHop, policy: DestinationPolicy = DestinationPolicy()
    ) async -> (outcome: ProbeOutcome, nextHop: String?) {
        // A question costs the next hop as much as a transaction does: Postfix bears with a hundred resets.
        if var session = takeIdle(nextHop, policy) {
            let outcome = await session.connection.probe(recipient)
            session.uses += 1
            let isAnswered = if case .unknown(.local) = outcome { false } else { true }
            if isAnswered, session.connection.isUsable {
                keep(session, nextHop)
                return (outcome, session.host)
            }
            session.connection.quit()
        }
        let hosts: [MailHost]
        switch await lookUp(nextHop) {
        case .hosts(let found): hosts = found
        case .failed(let failure), .deferred(let failure): return (.unknown(failure), nil)
        }
        var last = ConnectionFailure(.local(EnhancedStatusCode(4, 4, 1), "no host to connect to"))
        for host in hosts where !Task.isCancelled {
            switch await session(key(host, nextHop, policy), nextHop) {
            case .success(var session):
                let outcome = await session.connection.probe(recipient)
                session.uses += 1
                keep(session, nextHop)
                return (outcome, session.host)
            case .failure(let failure): last = failure
            }
        }
        return (.unknown(last.failure), hosts.last?.description)
    }

    /// How the agent talks to next hops now.
    var configuration: Configuration { inForce.withLock { $0 } }

    /// For attempts that begin from now on.
    func replaceConfiguration(by configuration: Configuration) { inForce.withLock { $0 = configuration } }

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

    // MARK: Transactions

    /// Sends the message to who remains; where the next hop takes only so many recipients at once, in as many
    /// transactions as that needs. Then keeps the connection.
    ///
    /// - Returns: whether the next hop answered anything.
    private func send(
        _ content: any ContentSource, over session: Session, _ nextHop: NextHop, _ progress: inout AttemptProgress
    ) async -> Bool {
        var session = session
        var wasAnswered = false
        while true {
            let transaction: ClientTransaction
            do {
                transaction = try await self.transaction(progress.pending, content, over: session)
            } catch {
                let failure = DeliveryFailure.local(EnhancedStatusCode(4, 3, 0), "the content can't be read: \(error)")
                progress.deferred(failure, at: session.host)
                break
            }
            let outcome = await session.connection.send(transaction)
            session.uses += 1
            wasAnswered = wasAnswered || !outcome.endedUnanswered
            noteLostStep(outcome, session)
            let isMoreTaken = progress.take(outcome, from: session.host)
            if !isMoreTaken || !session.connection.isUsable || Task.isCancelled { break }
        }
        keep(session, nextHop)
        return wasAnswered
    }

    /// A host that pipelines is not believed any more where it did not get as far as the content.
    private func noteLostStep(_ outcome: TransactionOutcome, _ session: Session) {
        guard session.connection.extensions.pipelining, !session.connection.isUsable, !outcome.endedUnanswered,
            !outcome.unsent.isEmpty
        else { return }
        let now = time.now
        distrusted.withLock { $0.note(session.key, at: now) }
    }

    /// Looks at the content where the next hop may not take all that it can be.
    private func transaction(
        _ envelope: ClientEnvelope, _ content: any ContentSource, over session: Session
    ) async throws -> ClientTransaction {
        var envelope = envelope
        let extensions = session.connection.extensions
        if !extensions.eightBitMIME || (envelope.isInternationalized && !extensions.internationalized) {
            let found = try await EightBitContent.find(in: content)
            envelope.hasEightBitContent = found.isAnywhere
            envelope.hasEightBitHeader = found.isInHeader
        }
        return ClientTransaction(envelope: envelope, content: content)
    }

    // MARK: Sessions

    private func lookUp(_ nextHop: NextHop) async -> HostLookupResult {
        var generator = SystemRandomNumberGenerator()
        return await lookup.hosts(of: nextHop, using: &generator)
    }

    private func key(_ host: MailHost, _ nextHop: NextHop, _ policy: DestinationPolicy) -> ConnectionKey {
        var kind = ClientStateMachine.Kind.smtp
        if case .route(.host(let configured, _, _)) = nextHop { kind = configured }
        return ConnectionKey(host: host, kind: kind, tls: policy.tls ?? configuration.tls)
    }

    /// A kept connection for the next hop, found without the DNS.
    private func takeIdle(_ nextHop: NextHop, _ policy: DestinationPolicy) -> Session? {
        let now = time.now
        let tls = policy.tls ?? configuration.tls
        while let taken = idle.withLock({ $0.take(nextHop.destination, at: now) { $0.tls == tls } }) {
            if taken.kept.connection.connection.isUsable { return taken.kept.connection }
        }
        return nil
    }

    /// A kept connection to this host, else a new one.
    private func session(_ key: ConnectionKey, _ nextHop: NextHop) async -> Result<Session, ConnectionFailure> {
        let now = time.now
        while let kept = idle.withLock({ $0.take(key, at: now) }) {
            if kept.connection.connection.isUsable { return .success(kept.connection) }
        }
        var client = ClientConfiguration(
            kind: key.kind, greetingName: configuration.hostname, tls: key.tls, contexts: configuration.contexts,
            timeouts: configuration.timeouts)
        if case .domain = nextHop { client.refusesOwnName = true }
        client.usesPipelining = !distrusted.withLock { $0.contains(key, at: now) }
        do {
            let address = try SocketAddress(ipAddress: key.host.address.description, port: key.host.port)
            return await SMTPClientConnection.connect(
                to: address, name: key.host.name, configuration: client, on: group
            ).map { Session(connection: $0, key: key, uses: 0) }
        } catch {
            return .failure(
                ConnectionFailure(
                    .local(EnhancedStatusCode(4, 4, 1), "can't connect to \(key.host): \(error)")))
        }
    }

    private func keep(_ session: Session, _ nextHop: NextHop) {
        closeExpired()
        let kept = IdleConnections.Kept(session, uses: session.uses)
        let now = time.now
        let isKept =
            session.connection.isUsable
            && idle.withLock { $0.put(session.key, for: nextHop.destination, kept, at: now) }
        if !isKept { session.connection.quit() }
    }
}
