// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceFilter
import SluiceMilter
import SluiceSMTP

/// Decides for one connection of an MTA: puts each message together from what the MTA tells, and hands it to the same
/// chain that the SMTP front has. Whom the MTA takes mail for is its own business. Lives on the connection's event loop.
final class MilterReception: MilterSessionPolicy {
    /// What is kept of the transaction under way.
    private struct Current {
        let id: String
        var envelope: Envelope
        var paths: [Mailbox: [ByteBuffer]] = [:]
        var pathCount = 0
        let content: IncomingContent
        var headerLength = 0
        var length = 0
        var hops = 0
        var hasBody = false
        /// Why the message is refused, once that is certain.
        var refusal: Reply?
        let presence = ClientPresence()
        /// Those that were told up to MAIL.
        let macros: MilterMacros
    }

    private let reception: Reception
    /// What is in force: since the transaction began. MTAs keep their connections for long.
    private var settings: ServerSettings
    private var listener: ListenerConfiguration
    private let eventLoop: any EventLoop
    private let logger: Logger
    private var options = MilterOptions(version: 2, actions: [], steps: [])
    private var client = MilterClient()
    private var current: Current?
    private var hasEntered = false
    /// Why this connection is one too many.
    private var refusal: Reply?

    init(_ reception: Reception, listener: ListenerConfiguration, eventLoop: any EventLoop, logger: Logger) {
        self.reception = reception
        settings = reception.settings
        self.listener = listener
        self.eventLoop = eventLoop
        self.logger = logger
    }

    private var limits: LimitsConfiguration { settings.configuration.limits }

    func negotiated(_ options: MilterOptions) {
        self.options = options
        // One place for all MTAs: their connections count, not their clients.
        refusal = reception.mtaGate.enter(.unspecified)
        hasEntered = refusal == nil
    }

    func connected(
        hostname: ByteBuffer, _ address: MilterClientAddress, _ macros: MilterMacros
    ) -> MilterStepAnswer {
        client = MilterClient(hostname: hostname, address)
        if let refusal {
            logger.warning("an MTA's connection is one too many", metadata: ["reply": "\(refusal)"])
            return .reply(.temporaryFailure)
        }
        return .proceed
    }

    func heloReceived(_ name: ByteBuffer, _ macros: MilterMacros) -> MilterStepAnswer {
        client.helo = String(latin1OrUTF8: name.readableBytesView.prefix(255))
        return .proceed
    }

    func mailReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer {
        let inForce = reception.settings
        if inForce !== settings { (settings, listener) = (inForce, inForce.listener(listener)) }
        let id = reception.ids.next(reception.time.now)
        let path = arguments.first.flatMap { MilterPath.reversePath($0, domain: localDomain(macros)) }
        let parameters = MilterParameters(arguments.dropFirst())
        current = Current(
            id: id,
            envelope: Envelope(
                reversePath: path ?? .null, recipients: [], is8BitMIME: parameters.is8BitMIME,
                isInternationalized: parameters.isInternationalized, dsn: parameters.dsn),
            content: IncomingContent(reception, eventLoop: eventLoop), macros: macros)
        if path == nil {
            return refuse(Reply(553, EnhancedStatusCode(5, 1, 7), "the sender's address is malformed"))
        }
        if let size = parameters.size, size > limits.messageSize {
            return refuse(ContentDefect.tooLarge.reply)
        }
        let info = client.info(macros)
        let refusal = reception.rates.refusal(
            of: info, isTrustedNetwork: isTrusted(info) && info.login == nil, reversePath: path ?? .null,
            at: reception.time.now)
        if let refusal { return refuse(refusal) }
        guard reception.admission.hasRoom else {
            return refuse(Reply(451, EnhancedStatusCode(4, 3, 2), "too busy, try again later"))
        }
        if listener.milter?.quarantine == .takeOver, reception.spareSpace() ?? -1 < 0 {
            return refuse(Reply(451, EnhancedStatusCode(4, 3, 1), "the disk is full, try again later"))
        }
        return .proceed
    }

    func recipientReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer {
        guard let path = arguments.first, let count = current?.pathCount else { return .proceed }
        guard let mailbox = MilterPath.mailbox(path, domain: localDomain(macros)) else {
            return refuseRecipient(
                nil, Reply(553, EnhancedStatusCode(5, 1, 3), "the recipient's address is malformed"), macros)
        }
        guard count < limits.recipients else {
            return refuseRecipient(mailbox, Reply(452, EnhancedStatusCode(4, 5, 3), "too many recipients"), macros)
        }
        if current?.paths[mailbox] == nil {
            current?.envelope.recipients.append(mailbox)
            let asked = MilterParameters.recipient(arguments.dropFirst())
            if asked != RecipientDSNParameters() { current?.envelope.changeDSN { $0[mailbox] = asked } }
        }
        if current?.paths[mailbox]?.contains(path) != true {
            current?.paths[mailbox, default: []].append(ByteBuffer(buffer: path))
            current?.pathCount += 1
        }
        return .proceed
    }

    /// Refuses one recipient, with a record of its own like the SMTP front's; the transaction goes on without it.
    ///
    /// - Parameter mailbox: `nil` where the recipient is no mailbox.
    private func refuseRecipient(
        _ mailbox: Mailbox?, _ reply: Reply, _ macros: MilterMacros
    ) -> MilterStepAnswer {
        guard let transaction = current else { return .proceed }
        let id = reception.ids.next(reception.time.now)
        let numbered = record(reply, id, transaction, macros, recipients: mailbox.map { [$0] } ?? [])
        return .reply(.replyCode(MilterReplyText.written(numbered)))
    }

    func dataReceived(_ macros: MilterMacros) -> MilterStepAnswer { .proceed }

    func fieldReceived(name: ByteBuffer, value: ByteBuffer) -> MilterStepAnswer {
        guard var transaction = current else { return .proceed }
        current = nil  // so that what it holds has one owner
        defer { current = transaction }
        var written = 0
        transaction.content.appendInMemory { memory in
            let start = memory.writerIndex
            memory.writeImmutableBuffer(name)
            memory.writeInteger(UInt8(ascii: ":"))
            memory.writeFolded(value)
            memory.writeStaticString("\r\n")
            written = memory.writerIndex - start
        }
        transaction.headerLength += written
        transaction.length += written
        if name.readableBytes == 8, name.readableBytesView.equalsIgnoringCase("Received") { transaction.hops += 1 }
        let defect: ContentDefect? =
            transaction.headerLength > limits.header
            ? .headerTooLarge : transaction.hops > limits.hops ? .tooManyHops : nil
        guard let defect else { return .proceed }
        let reply = refused(defect.reply, &transaction)
        return .reply(.replyCode(MilterReplyText.written(reply)))
    }

    func headerEnded(_ macros: MilterMacros) -> MilterStepAnswer {
        beginBody()
        return .proceed
    }

    /// The empty line between header section and body, which is not told.
    private func beginBody() {
        guard let transaction = current, !transaction.hasBody else { return }
        current?.hasBody = true
        current?.length += 2
        transaction.content.appendInMemory { $0.writeStaticString("\r\n") }
    }

    func bodyReceived(_ piece: ByteBuffer) -> EventLoopFuture<Void>? {
        beginBody()
        guard let transaction = current, transaction.refusal == nil else { return nil }
        current?.length += piece.readableBytes
        guard transaction.length + piece.readableBytes <= limits.messageSize else {
            transaction.content.discard()
            current?.refusal = ContentDefect.tooLarge.reply
            return nil
        }
        return transaction.content.append(piece)
    }

    var hasEnoughOfBody: Bool { current?.refusal != nil }

    func messageEnded(_ macros: MilterMacros) -> EventLoopFuture<MilterConclusion> {
        beginBody()
        let promise = eventLoop.makePromise(of: MilterConclusion.self)
        guard let transaction = current, !transaction.envelope.recipients.isEmpty else {
            promise.succeed(MilterConclusion(final: .temporaryFailure))
            return promise.futureResult
        }
        let info = client.info(macros)
        let exchange = MilterExchange(
            options: options, rules: .of(version: macros["v"]), queueID: macros["i"], daemon: macros["daemon_name"],
            hasClientAddress: client.address != nil, paths: transaction.paths,
            promise: promise)
        let isTrusted = isTrusted(info)
        var envelope = transaction.envelope
        // Of what we hold and release: by a stranger's NOTIFY=SUCCESS anybody could be sent notices.
        if !isTrusted { envelope.forgetSuccess() }
        let handed = ReceptionTransaction(
            id: transaction.id, settings: settings, listener: listener, client: info, isTrusted: isTrusted,
            envelope: envelope, content: transaction.content.finish(), presence: transaction.presence,
            answer: .mta(exchange))
        let refusal =
            transaction.refusal
            ?? (reception.take(handed)
                ? nil : Reply(451, EnhancedStatusCode(4, 3, 2), "shutting down, try again later"))
        if let refusal {
            let reply = reception.refuse(handed, refusal)
            promise.succeed(MilterConclusion(final: .replyCode(MilterReplyText.written(reply))))
        }
        return promise.futureResult
    }

    func transactionEnded() {
        guard let transaction = current else { return }
        current = nil
        transaction.presence.clientHasGone()
        transaction.content.discard()
    }

    func clientEnded() {
        transactionEnded()
        client = MilterClient()
    }

    func connectionEnded() {
        transactionEnded()
        if hasEntered { reception.mtaGate.leave(.unspecified) }
        hasEntered = false
    }

    // MARK: Trust and refusals

    /// A login, a trusted network, or the MTA's own command line.
    private func isTrusted(_ info: ClientInfo) -> Bool {
        guard let address = client.address else { return client.isLocal }
        return info.login != nil || settings.configuration.relay.isTrusted(address)
    }

    /// The domain of mailboxes that the MTA names without one.
    private func localDomain(_ macros: MilterMacros) -> String { macros["j"] ?? settings.configuration.hostname }

    /// Refuses the transaction at a step before its end.
    private func refuse(_ reply: Reply) -> MilterStepAnswer {
        guard var transaction = current else { return .proceed }
        let numbered = refused(reply, &transaction)
        current = transaction
        return .reply(.replyCode(MilterReplyText.written(numbered)))
    }

    private func refused(_ reply: Reply, _ transaction: inout Current) -> Reply {
        transaction.content.discard()
        transaction.refusal = reply
        return record(
            reply, transaction.id, transaction, transaction.macros, recipients: transaction.envelope.recipients)
    }

    /// Records a refusal, and gives the reply with the id to ask for.
    private func record(
        _ reply: Reply, _ id: String, _ transaction: Current, _ macros: MilterMacros, recipients: [Mailbox]
    ) -> Reply {
        let numbered = reply.asking(for: id)
        reception.recordRefusal(
            id: id, listener: listener, client: client.info(transaction.macros),
            reversePath: transaction.envelope.reversePath, recipients: recipients, reply: numbered, reason: reply.text,
            mta: MTAReturn(
                queueID: macros["i"], daemon: transaction.macros["daemon_name"], answer: .reply))
        return numbered
    }
}

extension ByteBuffer {
    /// Writes a field's value with CRLF where it is folded with LF.
    fileprivate mutating func writeFolded(_ value: ByteBuffer) {
        let view = value.readableBytesView
        var start = view.startIndex
        while let end = view[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let isWhole = end > view.startIndex && view[end - 1] == UInt8(ascii: "\r")
            writeBytes(view[start..<(isWhole ? end - 1 : end)])
            writeStaticString("\r\n")
            start = end + 1
        }
        if start == view.startIndex { writeImmutableBuffer(value) } else { writeBytes(view[start...]) }
    }
}
