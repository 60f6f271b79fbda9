// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceQueue

extension DeliveryService {
    /// What of a message may come back with a notification, as it was received; nothing where it can't be read.
    func original(of item: QueueItem) async -> DeliveryStatusNotification.Original {
        var original = DeliveryStatusNotification.Original.nothing
        do {
            let content = try await content(of: item.id)
            let header = try Message(content).header
            original = .header(header)
            guard item.dsn?.returned == .full, content.length <= DeliveryStatusNotification.contentLimit else {
                return original
            }
            let whole = try await NIOThreadPool.singleton.runIfActive {
                try content.read(at: 0, count: content.length)
            }
            return .content(whole, header)
        } catch {
            logger.error(
                "a message can't be read for the notification about it",
                metadata: item.metadata(["reason": "\(error)"]))
            return original
        }
    }

    /// A notification about some recipients, as a new message; `nil` where nobody is to be told.
    func notification(
        about item: QueueItem, _ recipients: [NotifiedRecipient], _ action: DeliveryStatusNotification.Action,
        _ original: DeliveryStatusNotification.Original
    ) async -> Submission? {
        let now = time.now
        let id = makeID(now)
        let unique = id + "." + String(UInt64.random(in: .min ... .max), radix: 36)
        let notification = DeliveryStatusNotification(
            hostname: configuration.hostname, queueID: item.messageID, action: action, reversePath: item.reversePath,
            envelopeID: item.dsn?.envelopeID, arrival: item.acceptedAt, recipients: recipients, original: original)
        guard let (envelope, content) = notification.message(at: now, id: id, unique: unique),
            let recipient = envelope.recipients.first
        else { return nil }
        let edits = await signature(of: content, id, now)
        let record = DecisionRecord(
            id: id, time: now, listener: Self.name, client: ClientInfo(address: .unspecified), reversePath: .null,
            recipients: [RecipientDecision(address: recipient, disposition: .deliver)],
            messageID: "<\(unique)@\(configuration.hostname)>", size: content.readableBytes, disposition: .deliver,
            reply: Reply(250, EnhancedStatusCode(2, 0, 0), "notification about \(item.messageID)"))
        return Submission(
            messageID: id, content: .memory(content),
            items: [
                NewItem(
                    reversePath: .null, recipients: [NewRecipient(recipient)], edits: edits,
                    is8BitMIME: envelope.is8BitMIME, isInternationalized: envelope.isInternationalized,
                    origin: item.origin.map { ItemOrigin(listener: $0.listener) })
            ],
            record: record)
    }

    private func signature(of content: ByteBuffer, _ id: String, _ now: Timestamp) async -> [MessageEdit] {
        guard let sign = configuration.sign else { return [] }
        do {
            return await sign(try Message(MemoryContent(content)), id, now)
        } catch {
            logger.error("a notification can't be signed", metadata: ["id": "\(id)", "reason": "\(error)"])
            return []
        }
    }

    /// Tells the sender of an item that it still waits, once: the notice and the steps that say so are one append.
    func warn(_ id: QueueID) async {
        guard let item = queue.item(id), item.reversePath != .null, !item.wasWarned else { return }
        let numbers = item.recipients.indices.filter {
            item.isQueued($0) && item.dsn(of: item.recipients[$0].mailbox).wantsDelay
        }
        if numbers.isEmpty { return }
        let retryUntil = item.acceptedAt + configuration.backoff.expire
        let recipients = numbers.map { number in
            let recipient = item.recipients[number]
            let step = recipient.steps.last { $0.by == Self.name }
            return NotifiedRecipient(
                mailbox: recipient.mailbox, original: item.dsn(of: recipient.mailbox).originalRecipient,
                status: EnhancedStatusCode(4, 4, 1),
                reason: step?.reply ?? step?.why ?? "not tried yet", nextHop: step?.nextHop, lastAttempt: step?.time)
        }
        let notice = await notification(
            about: item, recipients, .delayed(until: retryUntil), await original(of: item))
        guard let notice, let fresh = queue.item(id) else { return }
        // As they stand now: an attempt may have ended meanwhile.
        let changes = numbers.compactMap { number -> StateChange? in
            guard case .queued = fresh.recipients[number].state else { return nil }
            return StateChange(
                item: id, recipient: number, state: fresh.recipients[number].state, by: Self.warner,
                why: "delayed; the sender was told")
        }
        if changes.isEmpty { return }
        do {
            try await queue.apply(changes, adding: [notice])
            logger.notice("delayed", metadata: item.metadata(["notification": "\(notice.messageID)"]))
        } catch {
            // No second try: it is a courtesy, and the sender hears of the end in any case.
            logger.error("a notice of delay can't be queued", metadata: item.metadata(["reason": "\(error)"]))
        }
    }
}

extension QueueItem {
    /// Whether the sender was told of the delay.
    fileprivate var wasWarned: Bool {
        recipients.contains { $0.steps.contains { $0.by == DeliveryService.warner } }
    }
}
