// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceHistory
import SluiceQueue

extension ControlCommands {
    func traceFind(_ request: ControlRequest) async throws -> [JSONValue] {
        guard let text = request.arguments["query"] else { throw Failure.usage("a query is missing") }
        let query = try JSONDecoder().decode(TraceQuery.self, from: Data(text.utf8))
        return try await history.perform { try $0.find(query) }.map(\.json)
    }

    func traceShow(_ request: ControlRequest) async throws -> JSONValue {
        guard let id = request.arguments["id"] else { throw Failure.usage("an id is missing") }
        guard let traced = try await history.perform({ try $0.message(id) }) else {
            throw Failure.notFound("\(id): no message of that id is known")
        }
        return traced.json
    }
}

extension TraceSummary {
    var json: JSONValue {
        [
            "id": .string(id), "time": .string(time.rfc3339), "listener": .string(listener), "client": .string(client),
            "reverse_path": .string(reversePath), "recipients": .array(recipients.map { .string($0) }),
            "disposition": .string(disposition.rawValue), "reply": .string(reply), "score": .optional(score),
            "turned_on": .optional(turnedOn),
        ]
    }
}

extension TracedMessage {
    /// As `sluice trace ID` prints it (CLI.md): the decision record, and every step of each recipient.
    var json: JSONValue {
        var members = decision.decisionMembers.filter { $0.key != "recipients" }
        var queueIDs: [String] = []
        for step in steps where !queueIDs.contains(step.queueID) { queueIDs.append(step.queueID) }
        members += [
            .init("queue_ids", .array(queueIDs.map { .string($0) })), .init("time", .string(decision.time.rfc3339)),
            .init("listener", .string(decision.listener)), .init("pipeline", .optional(decision.pipeline)),
            .init(
                "client",
                [
                    "address": .string(decision.client.address.description), "name": .optional(decision.client.name),
                    "helo": .optional(decision.client.helo), "login": .optional(decision.client.login),
                ]),
            .init("reverse_path", .string(decision.reversePath.written)),
            .init("message_id", .optional(decision.messageID)), .init("size", .integer(decision.size)),
            .init("recipients", .array(decision.recipients.map(recipient))),
            .init("mta", decision.mta?.json ?? .null),
        ]
        return .object(members)
    }

    private func recipient(_ decided: RecipientDecision) -> JSONValue {
        let own = steps.filter { $0.address == decided.address }.sorted { $0.time < $1.time }
        let last = own.last
        return [
            "address": .string(decided.address.written), "disposition": .string(decided.disposition.rawValue),
            "state": .optional(last?.state.rawValue),
            "reason": .optional(last.map(\.why).flatMap { $0.isEmpty ? nil : $0 } ?? decided.reason),
            "next_hop": .optional(own.last { $0.nextHop != nil }?.nextHop),
            "reply": .optional(own.last { $0.reply != nil }?.reply), "time": .optional(last?.time.rfc3339),
            "attempts": .integer(last?.attempts ?? 0), "next_attempt": .optional(last?.nextAttempt?.rfc3339),
            "steps": .array(
                own.map {
                    [
                        "time": .string($0.time.rfc3339), "state": .string($0.state.rawValue), "by": .string($0.by),
                        "why": .string($0.why),
                    ]
                }),
        ]
    }
}
