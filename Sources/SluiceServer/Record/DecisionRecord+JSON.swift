// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

extension DecisionRecord {
    /// The members that `scan` and `trace` share (CLI.md, "JSON").
    package var decisionMembers: [JSONValue.Member] {
        [
            .init("id", .string(id)), .init("disposition", .string(disposition.rawValue)),
            .init(
                "reply",
                [
                    "code": .integer(reply.code), "enhanced": .optional(reply.enhanced?.description),
                    "text": .string(reply.text),
                ]),
            .init(
                "recipients",
                .array(
                    recipients.map {
                        [
                            "address": .string($0.address.written), "disposition": .string($0.disposition.rawValue),
                            "reason": .optional($0.reason),
                        ]
                    })),
            .init("score", .optional(score)), .init("required", .optional(required)),
            .init("findings", .array(findings.map(\.json))), .init("turned_on", turnedOn?.json ?? .null),
            .init("authentication_results", .array(authentication.map(\.json))),
            .init("edits", .array(edits.map(\.json))), .init("stages", .array(stages.map(\.json))),
        ]
    }
}

extension MTAReturn {
    package var json: JSONValue {
        [
            "queue_id": .optional(queueID), "daemon": .optional(daemon), "answer": .string(answer.rawValue),
            "notes": .array(notes.map { .string($0) }),
        ]
    }
}

extension StageFinding {
    package var json: JSONValue {
        [
            "name": .string(finding.name), "score": .number(finding.score), "stage": .string(stage),
            "why": .string(finding.why),
        ]
    }
}

extension AuthenticationResult {
    package var json: JSONValue {
        [
            "method": .string(method), "result": .string(result), "reason": .optional(reason),
            "properties": .object(properties.map { .init("\($0.type).\($0.name)", .string($0.value)) }),
        ]
    }
}

extension MessageEdit {
    package var json: JSONValue {
        switch self {
        case .addField(let name, let value, let position):
            [
                "edit": "add_field", "name": .string(name), "value": .string(value),
                "position": position.map { .integer($0) } ?? .null,
            ]
        case .changeField(let name, let occurrence, let value):
            [
                "edit": "change_field", "name": .string(name), "occurrence": .integer(occurrence),
                "value": .string(value),
            ]
        case .deleteField(let name, let occurrence):
            ["edit": "delete_field", "name": .string(name), "occurrence": .integer(occurrence)]
        case .replaceBody(let octets): ["edit": "replace_body", "size": .integer(octets.count)]
        case .changeReversePath(let path, let parameters):
            [
                "edit": "change_reverse_path", "reverse_path": .string(path.written),
                "parameters": .optional(parameters?.written),
            ]
        case .addRecipient(let mailbox, let parameters):
            [
                "edit": "add_recipient", "address": .string(mailbox.written),
                "parameters": .optional(parameters?.written),
            ]
        case .deleteRecipient(let mailbox): ["edit": "delete_recipient", "address": .string(mailbox.written)]
        }
    }
}

extension StageRecord {
    package var json: JSONValue {
        [
            "name": .string(name), "outcome": .string(outcome.rawValue), "verdict": .string(verdict.word),
            "policy": .optional(policy?.rawValue), "reason": .optional(reason),
            "microseconds": .integer(microseconds), "evidence": .array(evidence.map(\.json)),
        ]
    }
}

extension Evidence {
    package var json: JSONValue {
        switch self {
        case .dns(let question, let answer):
            [
                "dns": .string("\(question.name) \(question.type.rawValue)"),
                "outcome": .string(answer.outcome.rawValue),
                "records": .array(answer.records.map { .string($0.text) }), "ttl": .integer(answer.timeToLive),
            ]
        case .database(let name, let version): ["database": .string(name), "version": .string(version)]
        }
    }
}

extension DNSRecordData {
    /// The data in one line, as `dig` shows it.
    package var text: String {
        switch self {
        case .address(let address): address.description
        case .mailExchange(let preference, let exchange): "\(preference) \(exchange.isEmpty ? "." : exchange)"
        case .text(let strings): String(latin1OrUTF8: Array(strings.joined()))
        case .name(let name): name
        }
    }
}
