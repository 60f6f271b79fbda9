// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceQueue

extension DeliveryService {
    private static let longestWait = Duration.seconds(60)

    /// Records what became of recipients. Outcomes are facts: this tries until the journal takes them.
    func record(_ settled: SettledRecipients) async {
        var settled = settled
        let original = settled.notices.isEmpty ? .nothing : await original(of: settled.item)
        var wait = Duration.seconds(1)
        var withNotice = true
        while !settled.changes.isEmpty {
            let notices = withNotice ? await self.notices(settled, original) : [:]
            do throws(JournalError) {
                try await queue.apply(settled.changes, adding: Array(notices.values))
                log(settled, notices)
                return
            } catch {
                switch error {
                case .unknownItem: return
                case .unknownRecipient(_, let number), .impossibleTransition(_, let number, _, _):
                    // An operator removed it during the attempt: that stands.
                    logger.notice(
                        "an outcome came too late", metadata: settled.item.metadata(["reason": "\(error)"]))
                    settled.drop(number)
                case .invalid, .damaged, .clientGone, .otherVersion:
                    guard !notices.isEmpty else {
                        logger.critical(
                            "an outcome can't be recorded", metadata: settled.item.metadata(["reason": "\(error)"]))
                        return
                    }
                    logger.error(
                        "a notification can't be queued", metadata: settled.item.metadata(["reason": "\(error)"]))
                    withNotice = false
                case .storage, .notDurable, .quarantineFull, .overloaded, .closed:
                    logger.error(
                        "an outcome is not recorded yet", metadata: settled.item.metadata(["reason": "\(error)"]))
                    do {
                        try await Task.sleep(for: wait)
                    } catch {
                        // Cancelled: the process ends, and the next one knows only what was recorded.
                        logger.critical(
                            "an outcome was not recorded; what was delivered will be delivered again",
                            metadata: settled.item.metadata())
                        return
                    }
                    wait = min(wait * 2, Self.longestWait)
                }
            }
        }
    }

    /// One notice for each thing that is to be told.
    private func notices(
        _ settled: SettledRecipients, _ original: DeliveryStatusNotification.Original
    ) async -> [DeliveryStatusNotification.Action: Submission] {
        var notices: [DeliveryStatusNotification.Action: Submission] = [:]
        for (action, recipients) in Dictionary(grouping: settled.notices, by: \.action) {
            notices[action] = await notification(
                about: settled.item, recipients.map(\.recipient), action, original)
        }
        return notices
    }

    private func log(_ settled: SettledRecipients, _ notices: [DeliveryStatusNotification.Action: Submission]) {
        for change in settled.changes {
            DeliveryMetrics.count(change, of: settled)
            var metadata = settled.item.metadata([
                "recipient": "\(settled.item.recipients[change.recipient].mailbox)",
                "next_hop": "\(change.nextHop ?? "none")",
            ])
            if let reply = change.reply { metadata["reply"] = "\(reply)" }
            if !change.why.isEmpty { metadata["reason"] = "\(change.why)" }
            switch change.state {
            case .delivered:
                if let notice = notices[.delivered] ?? notices[.relayed],
                    settled.notices.contains(where: { $0.number == change.recipient })
                {
                    metadata["notification"] = "\(notice.messageID)"
                }
                logger.info("delivered", metadata: metadata)
            case .queued(let attempts, let next):
                metadata["attempts"] = "\(attempts)"
                metadata["next_attempt"] = "\(next.rfc3339)"
                logger.notice("deferred", metadata: metadata)
            case .bounced:
                if let notice = notices[.failed], settled.notices.contains(where: { $0.number == change.recipient }) {
                    metadata["notification"] = "\(notice.messageID)"
                    logger.warning("bounced", metadata: metadata)
                } else if settled.item.reversePath != .null,
                    !settled.item.dsn(of: settled.item.recipients[change.recipient].mailbox).wantsFailure
                {
                    logger.warning("bounced; the sender asked for no notice", metadata: metadata)
                } else {
                    logger.error("bounced, no notice", metadata: metadata)
                }
            case .held, .quarantined, .removed: continue
            }
        }
    }
}

extension QueueItem {
    /// What names the item in the log.
    func metadata(_ more: Logger.Metadata = [:]) -> Logger.Metadata {
        more.merging(["id": "\(messageID)", "queue_id": "\(id)"]) { first, _ in first }
    }
}
