// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceFilter
import SluiceHistory
import Testing

@testable import SluiceServer

@Suite("The JSON that scripts rely on") struct DecisionRecordJSONTests {
    private func keys(_ value: JSONValue?) -> [String] {
        if case .object(let members)? = value { members.map(\.key) } else { [] }
    }

    private func record() throws -> DecisionRecord {
        var fixture = DispatchFixture()
        fixture.stages = [
            StageRecord(
                name: "spam", outcome: .ran, verdict: .quarantine(reason: "held"), microseconds: 12,
                findings: [Finding(name: "ODD", score: 7.5, why: "it is odd")],
                authentication: [
                    AuthenticationResult(
                        method: "spf", result: "pass", properties: [.init("smtp", "mailfrom", "a.test")])
                ],
                evidence: [
                    .dns(
                        DNSQuestion("a.test", .txt),
                        DNSAnswer(
                            .records, [.text([[0xE9]]), .mailExchange(preference: 5, exchange: "")], timeToLive: 60)),
                    .database(name: "main", version: "1"),
                ]),
            StageRecord(name: "virus", outcome: .timedOut, policy: .pass),
        ]
        fixture.verdicts = [(.quarantine(reason: "held to be spam"), [:])]
        fixture.score = StageResult.Score(score: 7.5, required: 5)
        fixture.client.login = "anna"
        return try fixture.record()
    }

    @Test("scan has the keys of CLI.md, in their order")
    func decision() throws {
        let value = JSONValue.object(try record().decisionMembers)
        #expect(
            keys(value) == [
                "id", "disposition", "reply", "recipients", "score", "required", "findings", "turned_on",
                "authentication_results", "edits", "stages",
            ])
        #expect(keys(value["reply"]) == ["code", "enhanced", "text"])
        let recipient = keys(value["recipients"]?.arrayValue?.first)
        #expect(recipient.prefix(2) == ["address", "disposition"])
        #expect(keys(value["findings"]?.arrayValue?.first) == ["name", "score", "stage", "why"])
        #expect(value["turned_on"] == value["findings"]?.arrayValue?.first)
        let stage = keys(value["stages"]?.arrayValue?.first)
        #expect(stage.prefix(4) == ["name", "outcome", "verdict", "policy"])
        #expect(stage.contains("microseconds"))
        #expect(value["disposition"] == "quarantine")
        #expect(value["score"]?.written == "7.5" && value["required"]?.written == "5")
        let second = try #require(value["stages"]?.arrayValue?.last)
        #expect(second["outcome"] == "timed_out" && second["policy"] == "pass" && second["verdict"] == "pass")
    }

    @Test("trace adds what is known of the message, and every step of each recipient")
    func trace() throws {
        let record = try record()
        func step(_ state: RecipientStep.State, _ seconds: Int64, reply: String? = nil) -> RecipientStep {
            RecipientStep(
                messageID: record.id, queueID: "q1", address: DispatchFixture.anna, state: state,
                time: record.time + .seconds(seconds), by: "operator", why: "released", reply: reply,
                nextHop: reply == nil ? nil : "192.0.2.5:25", attempts: reply == nil ? 0 : 1)
        }
        let traced = TracedMessage(
            decision: record, steps: [step(.quarantined, 0), step(.delivered, 9, reply: "250 ok"), step(.queued, 5)])
        let value = traced.json
        for key in [
            "id", "disposition", "reply", "score", "required", "findings", "turned_on", "authentication_results",
            "edits",
            "stages", "queue_ids", "time", "listener", "client", "reverse_path", "message_id", "size", "recipients",
            "mta",
        ] { #expect(value[key] != nil, "\(key)") }
        #expect(Set(keys(value)).count == keys(value).count)
        #expect(keys(value["client"]) == ["address", "name", "helo", "login"])
        let recipient = try #require(value["recipients"]?.arrayValue?.first)
        #expect(
            keys(recipient) == [
                "address", "disposition", "state", "reason", "next_hop", "reply", "time", "attempts", "next_attempt",
                "steps",
            ])
        #expect(recipient["state"] == "delivered" && recipient["reply"] == "250 ok" && recipient["attempts"] == 1)
        let steps = try #require(recipient["steps"]?.arrayValue)
        #expect(steps.compactMap { $0["state"]?.stringValue } == ["quarantined", "queued", "delivered"])
        #expect(keys(steps.first).prefix(4) == ["time", "state", "by", "why"])
        #expect(value["queue_ids"] == ["q1"])
    }

    @Test("trace of a refused message has no state")
    func refused() throws {
        let value = TracedMessage(decision: try record(), steps: []).json
        let recipient = try #require(value["recipients"]?.arrayValue?.first)
        #expect(recipient["state"] == .null && recipient["attempts"] == 0 && recipient["steps"] == [])
        #expect(recipient["reason"] == "held to be spam")
        #expect(value["queue_ids"] == [])
    }

    @Test("each edit is told with what it changes, but for the octets of a body")
    func edits() {
        let edits: [(MessageEdit, String)] = [
            (
                .addField(name: "A", value: "b", position: nil),
                #"{"edit": "add_field", "name": "A", "value": "b", "position": null}"#
            ),
            (
                .changeField(name: "A", occurrence: 2, value: "c"),
                #"{"edit": "change_field", "name": "A", "occurrence": 2, "value": "c"}"#
            ),
            (.deleteField(name: "A", occurrence: 1), #"{"edit": "delete_field", "name": "A", "occurrence": 1}"#),
            (.replaceBody([1, 2, 3]), #"{"edit": "replace_body", "size": 3}"#),
            (
                .changeReversePath(.null), #"{"edit": "change_reverse_path", "reverse_path": "", "parameters": null}"#
            ),
            (
                .addRecipient(DispatchFixture.anna, parameters: ESMTPParameters("NOTIFY=NEVER".utf8)),
                #"{"edit": "add_recipient", "address": "anna@example.org", "parameters": "NOTIFY=NEVER"}"#
            ),
            (.deleteRecipient(DispatchFixture.anna), #"{"edit": "delete_recipient", "address": "anna@example.org"}"#),
        ]
        for (edit, text) in edits { #expect(edit.json.written == text) }
    }

    @Test("evidence is told as dig shows it")
    func evidence() throws {
        let evidence = try #require(try record().stages.first?.json["evidence"]?.arrayValue)
        #expect(
            evidence.first?.written
                == #"{"dns": "a.test TXT", "outcome": "records", "records": ["é", "5 ."], "ttl": 60}"#)
        #expect(evidence.last?.written == #"{"database": "main", "version": "1"}"#)
    }

    @Test("the record is the same after it was written and read")
    func recordSurvives() throws {
        let record = try record()
        let copy = try JSONDecoder().decode(DecisionRecord.self, from: try JSONEncoder().encode(record))
        #expect(copy == record)
    }
}
