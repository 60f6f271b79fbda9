// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceDelivery
import SluiceFilter
import SluiceHistory
import SluiceNative
import SluiceQueue
import Synchronization

/// What all sessions of all listeners share, and what decides about a whole transaction: chain, dispatch, commit.
final class Reception: Sendable {
    let gate: SessionGate
    let ids: TransactionIDSource
    let resolver: any Resolver
    let time: any TimeSource
    let queue: MailQueue
    let probe: RecipientProbe
    /// Threads that may wait for the disk while content comes in.
    let disk: CPUPool
    let transactions: TransactionQueue
    let inlineLimit: Int
    let logger: Logger
    private let sessionCapacity: Int
    private let inForce: Mutex<ServerSettings>
    private let history: any HistoryRecorder
    let admission: PipelineAdmission
    /// The connections of MTAs: counted by themselves, since one MTA may have thousands.
    let mtaGate: SessionGate
    let rates: MessageRates
    let logins: LoginChecks
    let contentMemory: ContentMemory
    let heldMessages = HeldMessages()
    let recentRefusals = RecentRefusals()
    private let metrics = ReceptionMetrics()
    private let space = Mutex<(until: Timestamp, octets: Int64?)>((Timestamp(milliseconds: 0), nil))
    private let sampler = Mutex(RefusalSampler())

    struct Parts {
        var settings: ServerSettings
        var resolver: any Resolver
        var ids: TransactionIDSource
        var time: any TimeSource
        var steady: any TimeSource
        var queue: MailQueue
        var history: any HistoryRecorder
        var probe: RecipientProbe
        var pool: CPUPool
        /// Where transactions are decided.
        var tasks: CPUPool
        /// The octets of content that the journal takes whole.
        var inlineLimit: Int
        /// Sessions that the process has descriptors for.
        var sessionCapacity: Int
        var logger: Logger
    }

    init(_ parts: Parts) {
        inForce = Mutex(parts.settings)
        let limits = parts.settings.configuration.limits
        sessionCapacity = parts.sessionCapacity
        gate = SessionGate(
            limit: min(limits.sessions, sessionCapacity), limitPerClient: limits.sessionsPerClient,
            limitPerNetwork: limits.sessionsPerNetwork)
        mtaGate = SessionGate(
            limit: limits.sessions, limitPerClient: limits.sessions, limitPerNetwork: limits.sessions)
        rates = MessageRates(limits.rates)
        transactions = TransactionQueue(threads: parts.tasks)
        logins = LoginChecks(limits.logins, pool: parts.pool, time: parts.steady, logger: parts.logger)
        contentMemory = ContentMemory(limit: limits.contentMemory)
        resolver = parts.resolver
        ids = parts.ids
        time = parts.time
        queue = parts.queue
        probe = parts.probe
        disk = CPUPool(threads: 4)
        inlineLimit = parts.inlineLimit
        logger = parts.logger
        history = parts.history
        heldMessages.add(parts.queue.items())
        admission = PipelineAdmission(limit: limits.pipelines, wait: min(limits.pipelineTimeout / 2, .seconds(60)))
    }

    /// How much content the disk has room for, in octets, less than zero where it has none; looked up once a second.
    /// `nil` where it can't be asked.
    func spareSpace() -> Int64? {
        let now = time.now
        return space.withLock { space in
            if now >= space.until || now < space.until - .seconds(1) {
                space = (now + .seconds(1), try? queue.spareSpace())
            }
            return space.octets
        }
    }

    /// What is in force now. Who needs it more than once takes it once, at the beginning of a transaction.
    var settings: ServerSettings { inForce.withLock { $0 } }

    /// From the next transaction on.
    func replaceSettings(by settings: ServerSettings) {
        inForce.withLock { $0 = settings }
        let limits = settings.configuration.limits
        gate.replaceLimits(
            min(limits.sessions, sessionCapacity), perClient: limits.sessionsPerClient,
            perNetwork: limits.sessionsPerNetwork)
        mtaGate.replaceLimits(limits.sessions, perClient: limits.sessions, perNetwork: limits.sessions)
        rates.replaceLimits(by: limits.rates)
        logins.replaceLimits(by: limits.logins)
    }

    /// Takes a transaction whose content has come whole; its sender is answered when it is decided.
    ///
    /// - Returns: `false` where we are about to end; the caller keeps the transaction.
    func take(_ transaction: ReceptionTransaction) -> Bool {
        transactions.offer(isShort: transaction.isShort) { await self.decide(transaction) }
    }

    /// Decides about a transaction and answers: what `250` is said to is on stable storage.
    private func decide(_ transaction: ReceptionTransaction) async {
        switch transaction.answer {
        case .client(let promise):
            switch await evaluated(transaction, within: transaction.configuration.limits.pipelineTimeout) {
            case .refused(let reply): promise.succeed(refuse(transaction, reply))
            case .decided(let decision): promise.succeed(await conclude(transaction, decision.record))
            }
        case .mta(let exchange): exchange.promise.succeed(await conclude(transaction, exchange))
        }
    }

    /// A message that the chain has judged.
    struct Decision: Sendable {
        var record: DecisionRecord
        let message: Message
        /// The Received field of ours, where it is not among the record's edits already.
        let received: MessageEdit
    }

    enum Evaluation: Sendable {
        case decided(Decision)
        /// No chain has seen the message.
        case refused(Reply)
    }

    /// Runs the chain.
    func evaluated(_ transaction: ReceptionTransaction, within timeout: Duration) async -> Evaluation {
        // One who has gone is no longer counted among the sessions, and leaves no message whatever the chain says.
        guard transaction.presence.isPresent else {
            return .refused(Reply(451, EnhancedStatusCode(4, 4, 2), "the client has gone"))
        }
        do {
            return try await judged(transaction, within: timeout)
        } catch {
            logger.error("message can't be evaluated", metadata: ["id": "\(transaction.id)", "error": "\(error)"])
            return .refused(Reply(451, EnhancedStatusCode(4, 3, 0), "local error, try again later"))
        }
    }

    private func judged(_ transaction: ReceptionTransaction, within timeout: Duration) async throws -> Evaluation {
        let name = transaction.isTrusted ? transaction.listener.trusted.name : transaction.listener.untrusted.name
        guard let pipeline = transaction.settings.pipelines[name] else {
            return .refused(Reply(451, EnhancedStatusCode(4, 3, 5), "there is no pipeline \(name)"))
        }
        let message = try Message(try transaction.content.source())
        var request = PipelineRequest(
            id: transaction.id, now: time.now, hostname: transaction.configuration.hostname, client: transaction.client,
            isTrusted: transaction.isTrusted, hasClientAddress: transaction.hasClientAddress,
            envelope: transaction.envelope, nesting: transaction.configuration.limits.nesting, resolver: resolver)
        if transaction.listener.protocolName == .submission || transaction.client.login != nil {
            request.edits = SubmissionEdits.edits(
                for: message, id: transaction.id, hostname: request.hostname, now: request.now)
        }
        let started = request
        let outcome = await admission.run { await pipeline.evaluate(message, started, timeout: timeout) }
        guard let outcome else {
            return .refused(Reply(451, EnhancedStatusCode(4, 3, 2), "too busy, try again later"))
        }
        var dispatch = Dispatch(listener: transaction.listener.name, pipeline: name, request: request)
        dispatch.addsReceived = transaction.addsReceived
        return .decided(
            Decision(
                record: dispatch.decide(message, size: transaction.content.length, outcome), message: message,
                received: dispatch.received))
    }

    /// Commits what is accepted; records what is not.
    private func conclude(_ transaction: ReceptionTransaction, _ record: DecisionRecord) async -> Reply {
        switch record.disposition {
        case .reject, .defer:
            transaction.content.discard()
            note(record)
            return record.reply
        case .deliver, .quarantine, .discard:
            let items = QueueItems.items(record, transaction.envelope)
            if let refusal = await commit(record, items, of: transaction) { return refusal.reply }
            return record.reply
        }
    }

    /// Takes a message, or a part of its recipients, over.
    ///
    /// - Returns: `nil` where it is on stable storage; else the record of why it is not, which says defer.
    func commit(
        _ record: DecisionRecord, _ items: [NewItem], of transaction: ReceptionTransaction
    ) async -> DecisionRecord? {
        let content: Submission.Content
        switch transaction.content {
        case .memory(let buffer, _): content = .memory(buffer)
        case .staged(let staged): content = .staged(staged)
        }
        let presence = transaction.presence
        let submission = Submission(messageID: record.id, content: content, items: items, record: record)
        do throws(JournalError) {
            _ = try await queue.commit(submission, shouldBegin: { presence.isPresent })
            log(record)
            return nil
        } catch {
            transaction.content.discard()
            return unaccepted(record, error)
        }
    }

    /// Records what was decided about a message that we don't take.
    func note(_ record: DecisionRecord) {
        history.record(record)
        log(record)
    }

    /// The journal did not take it: the client keeps it.
    func unaccepted(_ record: DecisionRecord, _ error: JournalError) -> DecisionRecord {
        let reply: Reply
        switch error {
        case .clientGone:
            logger.notice("client has gone before the commit, no message", metadata: ["id": "\(record.id)"])
            reply = Reply(451, EnhancedStatusCode(4, 4, 2), "the client has gone")
        case .quarantineFull:
            reply = Reply(451, EnhancedStatusCode(4, 3, 1), "the quarantine is full, try again later")
        case .storage, .notDurable, .overloaded, .unknownItem, .unknownRecipient, .impossibleTransition, .invalid,
            .damaged, .otherVersion, .closed:
            reply = Reply(451, EnhancedStatusCode(4, 3, 0), "can't be stored now, try again later")
        }
        logger.error("message is not accepted", metadata: ["id": "\(record.id)", "error": "\(error)"])
        var record = record
        record.reply = reply.asking(for: record.id)
        record.mta?.answer = .reply
        record.disposition = .defer
        record.recipients = record.recipients.map {
            RecipientDecision(address: $0.address, disposition: .defer, reason: reply.text)
        }
        history.record(record)
        count(record)
        return record
    }

    /// Refuses a whole transaction that no chain has seen.
    func refuse(_ transaction: ReceptionTransaction, _ reply: Reply) -> Reply {
        transaction.content.discard()
        let numbered = reply.asking(for: transaction.id)
        recordRefusal(
            id: transaction.id, listener: transaction.listener, client: transaction.client,
            reversePath: transaction.envelope.reversePath, recipients: transaction.envelope.recipients,
            reply: numbered, reason: reply.text, mta: transaction.mta(.reply))
        return numbered
    }

    /// Records what was refused without a chain; a flood from one client is only counted.
    ///
    /// - Parameter reason: why, in words, where the reply says more (the id to ask for).
    func recordRefusal(
        id: String, listener: ListenerConfiguration, client: ClientInfo, reversePath: ReversePath,
        recipients: [Mailbox], reply: Reply, reason: String? = nil, mta: MTAReturn? = nil
    ) {
        let now = time.now
        guard sampler.withLock({ $0.shouldRecord(client.address, at: now) }) else {
            metrics.countUnrecordedRefusal()
            return
        }
        let disposition: Disposition = reply.isTransientNegative ? .defer : .reject
        let record = DecisionRecord(
            id: id, time: now, listener: listener.name, client: client, reversePath: reversePath,
            recipients: recipients.map {
                RecipientDecision(address: $0, disposition: disposition, reason: reason ?? reply.text)
            },
            disposition: disposition, reply: reply, mta: mta)
        note(record)
    }

    private func count(_ record: DecisionRecord) {
        metrics.count(record.disposition, at: record.listener)
        recentRefusals.note(record)
    }

    private func log(_ record: DecisionRecord) {
        count(record)
        logger.info(
            "message decided",
            metadata: [
                "id": "\(record.id)", "listener": "\(record.listener)", "client": "\(record.client.address)",
                "from": "<\(record.reversePath.written)>",
                "to": "\(record.recipients.prefix(20).map { "<\($0.address)>" }.joined(separator: ","))",
                "disposition": "\(record.disposition.rawValue)", "reply": "\(record.reply)",
                "mta": "\(record.mta.map { "\($0.answer.rawValue) \($0.queueID ?? "-")" } ?? "-")",
                "size": "\(record.size)", "score": "\(record.score.map { TraceFields.decimal($0) } ?? "-")",
                "turned_on": "\(record.turnedOn?.finding.name ?? "-")",
                "not_checked":
                    "\(record.stages.filter { $0.outcome == .failed || $0.outcome == .timedOut }.map(\.name).joined(separator: ","))",
            ])
    }
}
