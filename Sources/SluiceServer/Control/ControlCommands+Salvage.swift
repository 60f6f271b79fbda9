// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceHistory
import SluiceQueue

extension ControlCommands {
    /// What can be read out of what was set aside.
    func salvageList(_ request: ControlRequest) async throws -> [JSONValue] {
        try await salvaged(request).map(\.json)
    }

    /// Brings what is whole back into the queue, held.
    func salvageRequeue(_ request: ControlRequest) async throws -> JSONValue {
        var requeued = 0
        var left = 0
        for message in try await salvaged(request) {
            // One whose place could be forged only where somebody has looked at it and names it.
            guard message.contentCondition == .whole, message.isTrusted || request.arguments["id"] != nil,
                message.envelope != .missing
            else {
                left += 1
                continue
            }
            let known = try await history.perform { try $0.message(message.messageID)?.decision }
            let ids = try await queue.requeue(
                message, record: message.record ?? known ?? message.bareRecord, by: request.by)
            requeued += 1
            logger.notice(
                "salvaged, and held",
                metadata: ["id": "\(message.messageID)", "by": "\(request.by)", "items": "\(ids)"])
        }
        return ["requeued": .integer(requeued), "left": .integer(left)]
    }

    private func salvaged(_ request: ControlRequest) async throws -> [SalvagedMessage] {
        let messages = try await queue.salvage()
        guard let id = request.arguments["id"] else { return messages }
        let wanted = messages.filter { message in
            message.messageID == id.asciiLowercased() || message.items.contains { $0.id == QueueID(id) }
        }
        guard !wanted.isEmpty else { throw Failure.notFound("\(id): nothing of that id can be salvaged") }
        return wanted
    }
}

extension SalvagedMessage {
    /// As `queue salvage` prints it, and as it is written beside the message.
    var json: JSONValue {
        [
            "id": .string(messageID), "queue_ids": .array(items.map { .string($0.id.description) }),
            "time": .string(acceptedAt.rfc3339), "place": .string(place), "trusted": .bool(isTrusted),
            "envelope": .string(envelope.rawValue), "content": .string(contentCondition.rawValue),
            "size": content.map { .integer($0.length) } ?? .null,
            "reverse_path": .optional(items.first?.reversePath.written),
            "recipients": .array(
                items.flatMap { item in
                    item.recipients.map {
                        [
                            "address": .string($0.mailbox.written), "state": .string($0.state.name.rawValue),
                            "queue_id": .string(item.id.description),
                        ]
                    }
                }),
            "edits": .array(items.first?.edits.map(\.json) ?? []),
            "record": .bool(record != nil),
        ]
    }

    /// What stands for a decision record that is lost, in the history too.
    fileprivate var bareRecord: DecisionRecord {
        DecisionRecord(
            id: messageID, time: acceptedAt, listener: "salvage", client: ClientInfo(address: .unspecified),
            reversePath: items.first?.reversePath ?? .null,
            recipients: items.flatMap(\.recipients).map {
                RecipientDecision(address: $0.mailbox, disposition: .deliver, reason: "salvaged, its record is lost")
            },
            size: content?.length ?? 0, disposition: .deliver,
            reply: Reply(250, EnhancedStatusCode(2, 0, 0), "salvaged, its record is lost"),
            edits: items.first?.edits ?? [])
    }
}
