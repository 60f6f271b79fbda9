// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceHistory
import SluiceQueue

extension ControlCommands {
    private func quarantined() -> [QueueItem] {
        queue.items().filter { $0.recipients.contains { $0.state.name == .quarantined } }
    }

    /// What is held for review, with what the decision record says of it.
    func quarantineList(_ request: ControlRequest) async throws -> [JSONValue] {
        let items = quarantined()
        let decisions = try await history.perform { history in
            try items.map { try history.message($0.messageID)?.decision }
        }
        return zip(items, decisions).map { item, decision in
            .object(
                [
                    .init("id", .string(item.messageID)), .init("queue_id", .string(item.id.description)),
                    .init("time", .string(item.acceptedAt.rfc3339)), .init("size", .integer(item.size)),
                    .init("reverse_path", .string(item.reversePath.written)),
                    .init("recipients", .array(item.recipients.map { .string($0.mailbox.written) })),
                    .init("reason", .optional(reason(item))), .init("score", .optional(decision?.score)),
                    .init("turned_on", decision?.turnedOn?.json ?? .null),
                ])
        }
    }

    private func reason(_ item: QueueItem) -> String? {
        for recipient in item.recipients {
            if case .quarantined(let reason, _) = recipient.state { return reason }
        }
        return nil
    }

    /// The decision, and the message as it was received.
    func quarantineShow(_ request: ControlRequest) async throws -> JSONValue {
        guard let item = try items(request).first(where: { $0.recipients.contains { $0.state.name == .quarantined } })
        else { throw Failure.notFound("it is not in quarantine") }
        let (decision, content, start) = try await history.perform { [queue] history in
            let content = try queue.content(of: item.id)
            let start = try content.read(at: 0, count: Self.shownOctets)
            return (try history.message(item.messageID)?.decision, content, start)
        }
        return .object(
            (decision?.decisionMembers ?? [.init("id", .string(item.messageID))]) + [
                .init("queue_id", .string(item.id.description)), .init("size", .integer(content.length)),
                .init("content", .string(String(latin1OrUTF8: start.readableBytesView))),
            ])
    }

    /// So much of a message's content is shown.
    private static let shownOctets = 64 << 10

    func quarantineRelease(_ request: ControlRequest) async throws -> JSONValue {
        let held = try items(request).filter { $0.recipients.contains { $0.state.name == .quarantined } }
        guard !held.isEmpty else { throw Failure.notFound("it is not in quarantine") }
        let isUnscanned = request.arguments["infected"] == "true"
        guard let release = release ?? (isUnscanned ? unscannedRelease : nil) else {
            throw Failure(
                status: 69,
                why: "without a configuration nothing can be scanned, --config or --infected would be right")
        }
        var released = 0
        for item in held {
            switch try await release.release(item, isUnscanned: isUnscanned, by: request.by, now: time.now)
            {
            case .released(let recipients): released += recipients
            case .stillHeld(let why): throw Failure(status: 1, why: "\(item.messageID) stays in quarantine: \(why)")
            }
        }
        return ["released": .integer(released)]
    }

    private var unscannedRelease: QuarantineRelease {
        QuarantineRelease(queue: queue, scanner: { nil }, logger: logger)
    }

    func quarantineDelete(_ request: ControlRequest) async throws -> JSONValue {
        ["deleted": .integer(try await remove(try items(request), by: request.by, why: "deleted from quarantine"))]
    }

    /// Removes all that has been held for longer than `older_than` milliseconds.
    func quarantinePurge(_ request: ControlRequest) async throws -> JSONValue {
        guard let age = request.arguments["older_than"].flatMap({ Int64($0) }) else {
            throw Failure.usage("older_than is missing")
        }
        let limit = time.now - .milliseconds(age)
        let old = quarantined().filter { $0.acceptedAt < limit }
        return ["deleted": .integer(try await remove(old, by: request.by, why: "purged from quarantine"))]
    }

    private func remove(_ items: [QueueItem], by: String, why: String) async throws -> Int {
        let changes = items.flatMap { item in
            item.recipients.enumerated().filter { $0.element.state.name == .quarantined }.map {
                StateChange(item: item.id, recipient: $0.offset, state: .removed, by: by, why: why)
            }
        }
        if !changes.isEmpty { _ = try await queue.apply(changes) }
        return changes.count
    }
}
