// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceDelivery
import SluiceQueue

extension ControlCommands {
    /// Items with a recipient in one of the states, all but the quarantined ones unless said otherwise.
    func queueList(_ request: ControlRequest) throws -> [JSONValue] {
        let wanted = request.arguments["state"].map { RecipientStep.State(rawValue: $0) }
        if let wanted, wanted == nil { throw Failure.usage("no such state, one of queued, held would be right") }
        return queue.items().filter { item in
            item.recipients.contains { recipient in
                let state = recipient.state.name
                return if let state = wanted ?? nil { recipient.state.name == state } else {
                    state == .queued || state == .held
                }
            }
        }.map(\.summary)
    }

    func queueShow(_ request: ControlRequest) throws -> JSONValue {
        .array(try items(request).map(\.details))
    }

    /// Makes what is queued due at once: one message, or all.
    func queueFlush(_ request: ControlRequest) async throws -> JSONValue {
        let items = request.arguments["id"] == nil ? queue.items() : try items(request)
        let due = items.filter { $0.recipients.contains { $0.state.name == .queued } }
        if let delivery {
            delivery.flush(due.map(\.id))
        } else {
            try await makeDue(due, by: request.by)
        }
        return ["flushed": .integer(due.count)]
    }

    /// What the next server's schedule begins with.
    private func makeDue(_ items: [QueueItem], by: String) async throws {
        let now = time.now
        var changes: [StateChange] = []
        for item in items {
            for (number, recipient) in item.recipients.enumerated() {
                guard case .queued(let attempts, let next) = recipient.state, next > now else { continue }
                changes.append(
                    StateChange(
                        item: item.id, recipient: number, state: .queued(attempts: attempts, nextAttempt: now), by: by,
                        why: "queue flush"))
            }
        }
        try await apply(changes)
    }

    /// A record has a limit; each part is whole by itself.
    private func apply(_ changes: [StateChange]) async throws {
        for start in stride(from: 0, to: changes.count, by: 1000) {
            _ = try await queue.apply(Array(changes[start..<min(start + 1000, changes.count)]))
        }
    }

    /// Releases what a restore has held, and nothing that an operator has.
    func releaseRestored(_ request: ControlRequest) async throws -> JSONValue {
        let now = time.now
        var changes: [StateChange] = []
        for item in queue.items() {
            for (number, recipient) in item.recipients.enumerated() where RestoredHold.holds(recipient) {
                changes.append(
                    StateChange(
                        item: item.id, recipient: number,
                        state: .queued(attempts: recipient.attempts, nextAttempt: now), by: request.by,
                        why: request.command))
            }
        }
        guard !changes.isEmpty else {
            throw Failure(status: 65, why: "nothing is held by a restore, the id of a message would be right")
        }
        try await apply(changes)
        return ["changed": .integer(changes.count)]
    }

    func queueChange(_ request: ControlRequest) async throws -> JSONValue {
        let now = time.now
        var changes: [StateChange] = []
        for item in try items(request) {
            for (number, recipient) in item.recipients.enumerated() {
                guard let state = try next(request.command, recipient, now) else { continue }
                changes.append(
                    StateChange(item: item.id, recipient: number, state: state, by: request.by, why: request.command))
            }
        }
        guard !changes.isEmpty else {
            throw Failure(status: 65, why: "no recipient of it is in a state that allows \(request.command)")
        }
        _ = try await queue.apply(changes)
        return ["changed": .integer(changes.count)]
    }

    private func next(_ command: String, _ recipient: QueuedRecipient, _ now: Timestamp) throws -> RecipientState? {
        switch (command, recipient.state.name) {
        case ("queue hold", .queued): .held
        case ("queue release", .held): .queued(attempts: recipient.attempts, nextAttempt: now)
        case ("queue delete", .queued), ("queue delete", .held): .removed
        default: nil
        }
    }
}

extension QueueItem {
    /// One line of `queue list`.
    var summary: JSONValue {
        [
            "queue_id": .string(id.description), "id": .string(messageID), "time": .string(acceptedAt.rfc3339),
            "size": .integer(size), "reverse_path": .string(reversePath.written),
            "recipients": .array(recipients.map(\.json)),
        ]
    }

    /// What `queue show` prints: with every step.
    var details: JSONValue {
        guard case .object(let members) = summary else { return summary }
        return .object(
            members.filter { $0.key != "recipients" } + [
                .init("edits", .array(edits.map(\.json))),
                .init("recipients", .array(recipients.map { $0.json(withSteps: true) })),
            ])
    }
}

extension QueuedRecipient {
    var json: JSONValue { json(withSteps: false) }

    func json(withSteps: Bool) -> JSONValue {
        var nextAttempt: Timestamp?
        if case .queued(_, let time) = state { nextAttempt = time }
        var members: [JSONValue.Member] = [
            .init("address", .string(mailbox.written)), .init("state", .string(state.name.rawValue)),
            .init("attempts", .integer(attempts)), .init("next_attempt", .optional(nextAttempt?.rfc3339)),
            .init("reason", .optional(steps.last?.why)), .init("reply", .optional(steps.last?.reply)),
        ]
        if withSteps {
            members.append(
                .init(
                    "steps",
                    .array(
                        steps.map {
                            [
                                "time": .string($0.time.rfc3339), "state": .string($0.state.rawValue),
                                "by": .string($0.by), "why": .string($0.why), "reply": .optional($0.reply),
                                "next_hop": .optional($0.nextHop),
                            ]
                        })))
        }
        return .object(members)
    }
}
