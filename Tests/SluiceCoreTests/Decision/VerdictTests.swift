// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@Suite("Verdicts and dispositions")
struct VerdictTests {
    @Test("a verdict leads to its disposition")
    func dispositions() {
        let verdicts: [(Verdict, Disposition, String, String?)] = [
            (.pass, .deliver, "pass", nil),
            (.accept(reason: "known", skipping: ["spam"]), .deliver, "accept", "known"),
            (.discard(reason: "d"), .discard, "discard", "d"),
            (.quarantine(reason: "q"), .quarantine, "quarantine", "q"),
            (.refuse(Reply(451, nil, "later")), .defer, "defer", "later"),
            (.refuse(Reply(550, nil, "no")), .reject, "reject", "no"),
        ]
        for (verdict, disposition, word, reason) in verdicts {
            #expect(verdict.disposition == disposition)
            #expect(verdict.word == word)
            #expect(verdict.reason == reason)
        }
    }

    @Test("reject is stricter than defer, quarantine, discard and deliver, in this order")
    func strictness() {
        #expect(Disposition.allCases.sorted() == [.deliver, .discard, .quarantine, .defer, .reject])
    }

    @Test("edits are told in words without their values")
    func edits() {
        #expect(MessageEdit.addField(name: "X", value: "secret", position: 0).summary == "add field X")
        #expect(MessageEdit.deleteField(name: "X", occurrence: 2).summary == "delete field X (2)")
        #expect(MessageEdit.replaceBody([1, 2]).summary == "replace body (2 octets)")
        #expect(MessageEdit.changeReversePath(.null).summary == "change reverse-path to <>")
        let never = ESMTPParameters("NOTIFY=NEVER".utf8)
        let added = MessageEdit.addRecipient(Mailbox(localPart: "a", domain: "b"), parameters: never)
        #expect(added.summary == "add recipient <a@b> NOTIFY=NEVER")
    }

    @Test("a decision record is read again as it was stored")
    func record() throws {
        let mailbox = Mailbox(localPart: "a b", domain: "example.org")
        let finding = StageFinding(stage: "spam", finding: Finding(name: "GTUBE", score: 1000, why: "test"))
        let record = DecisionRecord(
            id: "1", time: Timestamp(seconds: 5), listener: "mx", pipeline: "inbound",
            client: ClientInfo(address: try #require(IPAddress("192.0.2.1")), helo: "h"), reversePath: .null,
            recipients: [RecipientDecision(address: mailbox, disposition: .reject, reason: "spam")], messageID: "<m>",
            size: 9, disposition: .reject, reply: Reply(550, EnhancedStatusCode(5, 7, 1), "held to be spam"),
            score: 1000,
            required: 5, turnedOn: finding,
            stages: [
                StageRecord(
                    name: "spam", outcome: .timedOut, verdict: .refuse(Reply(451, nil, "x")),
                    recipientVerdicts: [mailbox: .accept(reason: "r", skipping: ["spam"])], policy: .defer,
                    findings: [finding.finding],
                    evidence: [
                        .dns(
                            DNSQuestion("example.org", .mx),
                            DNSAnswer(.records, [.mailExchange(preference: 1, exchange: "")])),
                        .database(name: "daily", version: "1"),
                    ])
            ],
            edits: [.addField(name: "X", value: "y", position: nil), .replaceBody([0xFF])])
        #expect(try JSONDecoder().decode(DecisionRecord.self, from: JSONEncoder().encode(record)) == record)
        #expect(record.findings == [finding])
    }
}
