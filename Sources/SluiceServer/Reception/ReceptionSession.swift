// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceDelivery
import SluiceNative
import SluiceQueue
import SluiceSMTP
import Synchronization

/// Decides for one SMTP session: who may connect, send, and be written to; keeps the content as it comes, and hands the
/// whole transaction over at the final dot. Lives on the session's event loop.
final class ReceptionSession: SMTPSessionPolicy {
    /// What is kept of the transaction under way.
    private struct Current {
        var id: String
        var envelope: Envelope
        let content: IncomingContent
        let presence = ClientPresence()
    }

    private let reception: Reception
    /// What is in force: since the transaction began, or since the session did.
    private var settings: ServerSettings
    private var listener: ListenerConfiguration
    private let eventLoop: any EventLoop
    private let address: IPAddress
    private let clientName = ClientName()
    private var current: Current?
    private var hasEntered = false
    /// What the client read where its content was refused.
    private var contentRefusal: Reply?

    init(_ reception: Reception, listener: ListenerConfiguration, address: IPAddress, eventLoop: any EventLoop) {
        self.reception = reception
        settings = reception.settings
        self.listener = listener
        self.address = address
        self.eventLoop = eventLoop
    }

    func connected(_ client: ClientInfo) -> PolicyAnswer {
        if let refusal = reception.gate.enter(client.address) { return .refuse(refusal) }
        hasEntered = true
        return .accept
    }

    private func isTrusted(_ client: ClientInfo) -> Bool {
        client.login != nil || settings.configuration.relay.isTrusted(client.address)
    }

    func mailReceived(_ mail: MailCommand, from client: ClientInfo) -> PolicyAnswer {
        let inForce = reception.settings
        if inForce !== settings { (settings, listener) = (inForce, inForce.listener(listener)) }
        if listener.protocolName == .submission, !isTrusted(client) {
            return .refuse(Reply(530, EnhancedStatusCode(5, 7, 0), "authentication is required (RFC 6409)"))
        }
        if let refusal = refusal(of: mail, from: client) {
            return .refuse(refused(refusal, [], Envelope(reversePath: mail.reversePath, recipients: []), client))
        }
        if !isTrusted(client) { clientName.lookUp(client.address, reception.resolver) }
        current = Current(
            id: reception.ids.next(reception.time.now),
            envelope: Envelope(reversePath: mail.reversePath, recipients: [], is8BitMIME: mail.is8BitMIME),
            content: IncomingContent(reception, eventLoop: eventLoop))
        return .accept
    }

    /// Why no message can be taken from this client now: too many came, or the disk has no room.
    private func refusal(of mail: MailCommand, from client: ClientInfo) -> Reply? {
        // Where the disk can't be asked, the write will tell.
        guard reception.spareSpace() ?? .max >= Int64(mail.size ?? 0) else {
            return Reply(452, EnhancedStatusCode(4, 3, 1), "not enough room now, try again later")
        }
        return reception.rates.refusal(
            of: client, isTrustedNetwork: settings.configuration.relay.isTrusted(client.address),
            reversePath: mail.reversePath, at: reception.time.now)
    }

    func recipientReceived(_ recipient: Mailbox, for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        switch settings.relayPolicy.judge(recipient, isTrusted: isTrusted(client)) {
        case .accept: return .accept
        case .refuse(let reply): return .refuse(refused(reply, [recipient], envelope, client))
        case .ask(let mailbox):
            let probe = reception.probe
            let asked = eventLoop.makeFutureWithTask { await probe.answer(for: mailbox) }
            return .later(
                asked.assumeIsolated().map { answer in
                    guard let answer else {
                        let text = "whether the mailbox exists can't be asked now, try again later"
                        return self.refused(
                            Reply(450, EnhancedStatusCode(4, 4, 3), text), [recipient], envelope, client)
                    }
                    if answer.exists { return nil }
                    // The next hop's own words may name more than a stranger has to know.
                    let text = "there is no such mailbox here"
                    return self.refused(Reply(550, EnhancedStatusCode(5, 1, 1), text), [recipient], envelope, client)
                }.nonisolated())
        }
    }

    /// Records refused recipients, or where there is none a refused sender, and gives the reply with the id to ask for.
    private func refused(
        _ reply: Reply, _ recipients: [Mailbox], _ envelope: Envelope, _ client: ClientInfo
    ) -> Reply {
        let id = reception.ids.next(reception.time.now)
        let numbered = reply.asking(for: id)
        reception.recordRefusal(
            id: id, listener: listener, client: named(client), reversePath: envelope.reversePath,
            recipients: recipients, reply: numbered, reason: reply.text)
        return numbered
    }

    private func named(_ client: ClientInfo) -> ClientInfo {
        var client = client
        client.name = clientName.name
        return client
    }

    func contentAwaited(for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        var envelope = envelope
        // `<postmaster>` gets its domain here; it may then be there twice.
        if let postmaster = settings.configuration.relay.postmaster {
            for recipient in envelope.recipients where recipient.domain.isEmpty {
                guard let asked = envelope.dsn?[recipient], asked != RecipientDSNParameters() else { continue }
                envelope.changeDSN { dsn in
                    dsn[recipient] = RecipientDSNParameters()
                    // Of two that become one, what was asked first counts.
                    if dsn[postmaster] == RecipientDSNParameters() { dsn[postmaster] = asked }
                }
            }
            var seen: Set<Mailbox> = []
            envelope.recipients = envelope.recipients.map { $0.domain.isEmpty ? postmaster : $0 }
                .filter { seen.insert($0).inserted }
        }
        current?.envelope = envelope
        currentClient = client
        return .accept
    }

    private var currentClient: ClientInfo?

    func contentReceived(_ chunk: ByteBuffer) -> EventLoopFuture<Void>? { current?.content.append(chunk) }

    func contentEnded() -> EventLoopFuture<Reply> {
        guard let transaction = current, let client = currentClient else {
            return eventLoop.makeSucceededFuture(Reply(451, EnhancedStatusCode(4, 3, 0), "local error"))
        }
        let promise = eventLoop.makePromise(of: Reply.self)
        let handed = ReceptionTransaction(
            id: transaction.id, settings: settings, listener: listener, client: named(client),
            isTrusted: isTrusted(client),
            envelope: transaction.envelope,
            content: transaction.content.finish(), presence: transaction.presence, answer: .client(promise))
        // What the task needs is in `handed`; only whether the client is there is still told.
        if !reception.take(handed) {
            let reply = Reply(451, EnhancedStatusCode(4, 3, 2), "shutting down, try again later")
            promise.succeed(reception.refuse(handed, reply))
        }
        return promise.futureResult
    }

    func contentRefused(_ reply: Reply) -> Reply {
        guard let id = current?.id else { return reply }
        let reply = reply.asking(for: id)
        contentRefusal = reply
        return reply
    }

    func transactionEnded(_ end: TransactionEnd) {
        guard let transaction = current else { return }
        current = nil
        transaction.presence.clientHasGone()
        transaction.content.discard()
        defer { contentRefusal = nil }
        if case .refused(let reply) = end, let client = currentClient {
            reception.recordRefusal(
                id: transaction.id, listener: listener, client: named(client),
                reversePath: transaction.envelope.reversePath, recipients: transaction.envelope.recipients,
                reply: contentRefusal ?? reply)
        }
    }

    func credentialsReceived(
        _ credentials: Credentials, from client: ClientInfo
    ) -> EventLoopFuture<AuthenticationOutcome> {
        let reception = reception
        let name = listener.name
        let users = reception.settings.users[name]
        let address = client.address
        return eventLoop.makeFutureWithTask {
            try await reception.logins.check(credentials, from: address, at: name, users)
        }
    }

    func sessionEnded() {
        if hasEntered { reception.gate.leave(address) }
        hasEntered = false
    }
}

/// The name of a client, looked up while the dialogue goes on (`iprev`, RFC 8601 §3): used where it is there in time.
final class ClientName: Sendable {
    private enum State {
        case unasked, asked
        case known(String?)
    }

    private let state = Mutex(State.unasked)

    var name: String? {
        state.withLock { if case .known(let name) = $0 { name } else { nil } }
    }

    func lookUp(_ address: IPAddress, _ resolver: any Resolver) {
        let isFirst = state.withLock { state in
            guard case .unasked = state else { return false }
            state = .asked
            return true
        }
        guard isFirst else { return }
        // Nobody waits for it: the resolver's own deadline ends it.
        Task { [weak self] in
            let name = await Self.confirmedName(address, resolver)
            self?.state.withLock { $0 = .known(name) }
        }
    }

    /// The first name of the address that leads back to it.
    static func confirmedName(_ address: IPAddress, _ resolver: any Resolver) async -> String? {
        let reverse = await resolver.resolve(DNSQuestion(address.reverseName, .ptr))
        for record in reverse.records.prefix(5) {
            guard case .name(let name) = record else { continue }
            let forward = await resolver.resolve(DNSQuestion(name, address.isIPv4 ? .a : .aaaa))
            if forward.addresses.contains(address) { return name }
        }
        return nil
    }
}
