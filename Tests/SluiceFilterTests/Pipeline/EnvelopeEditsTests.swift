// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import Synchronization
import Testing

@Suite("Stages that change the envelope") struct EnvelopeEditsTests {
    private static let anna = PipelineFixture.anna
    private static let bert = PipelineFixture.bert
    private static let carl = Mailbox(localPart: "carl", domain: "example.org")

    private func recipients(_ outcome: PipelineOutcome) -> [String: Disposition] {
        Dictionary(
            uniqueKeysWithValues: outcome.recipients.map { ($0.recipient.localPart, $0.standing.verdict.disposition) })
    }

    @Test("later stages see the envelope with the edits")
    func laterStages() async throws {
        let seen = Mutex<[Envelope]>([])
        let edits: [MessageEdit] = [
            .changeReversePath(.mailbox(Self.carl)), .deleteRecipient(Self.anna), .addRecipient(Self.carl),
        ]
        _ = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(edits: edits)),
            .scripted(Second.self) { _, context in
                seen.withLock { $0.append(context.envelope) }
                return StageResult()
            },
        ])
        let envelope = try #require(seen.withLock { $0.first })
        #expect(envelope.reversePath == .mailbox(Self.carl))
        #expect(envelope.recipients == [Self.bert, Self.carl])
    }

    @Test("who is added gets what was asked for the message as a whole, before and after")
    func added() async throws {
        let add = StageResult(edits: [.addRecipient(Self.carl)])
        let hold = StageResult(verdict: .quarantine(reason: "odd"))
        let onlyBert = StageResult(recipientVerdicts: [Self.bert: .quarantine(reason: "bert's")])
        let before = try await PipelineFixture.evaluate([.fixed(First.self, hold), .fixed(Second.self, add)])
        #expect(recipients(before) == ["anna": .quarantine, "bert": .quarantine, "carl": .quarantine])
        let after = try await PipelineFixture.evaluate([.fixed(First.self, add), .fixed(Second.self, hold)])
        #expect(recipients(after) == ["anna": .quarantine, "bert": .quarantine, "carl": .quarantine])
        let partly = try await PipelineFixture.evaluate([.fixed(First.self, onlyBert), .fixed(Second.self, add)])
        #expect(recipients(partly) == ["anna": .deliver, "bert": .quarantine, "carl": .deliver])
        #expect(partly.recipients.map(\.recipient) == [Self.anna, Self.bert, Self.carl])
    }

    @Test("what is asked for a deleted recipient counts for nothing")
    func deleted() async throws {
        let delete = StageResult(edits: [.deleteRecipient(Self.bert)])
        for verdict in [Verdict.later, .reject, .discard(reason: "x"), .quarantine(reason: "x")] {
            let refuse = StageResult(recipientVerdicts: [Self.bert: verdict])
            let before = try await PipelineFixture.evaluate([.fixed(First.self, refuse), .fixed(Second.self, delete)])
            #expect(recipients(before) == ["anna": .deliver, "bert": .deliver])
            let after = try await PipelineFixture.evaluate([.fixed(First.self, delete), .fixed(Second.self, refuse)])
            #expect(recipients(after) == ["anna": .deliver, "bert": .deliver])
            #expect(after.disposition == .deliver)
        }
    }

    @Test("a message that is refused for all who are left is refused for the deleted one too, and ends the chain")
    func refused() async throws {
        let delete = StageResult(edits: [.deleteRecipient(Self.bert)])
        for (verdict, disposition) in [(Verdict.reject, Disposition.reject), (.later, .defer)] {
            let outcome = try await PipelineFixture.evaluate([
                .fixed(First.self, delete), .fixed(Second.self, StageResult(recipientVerdicts: [Self.anna: verdict])),
                .scripted(Third.self),
            ])
            #expect(recipients(outcome) == ["anna": disposition, "bert": disposition])
            #expect(try outcome.record("third").outcome == .skipped)
        }
    }

    @Test("a message of which all recipients are deleted is delivered to none")
    func allDeleted() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(edits: [.deleteRecipient(Self.anna), .deleteRecipient(Self.bert)])),
            .fixed(Second.self, StageResult(verdict: .reject)),
        ])
        #expect(outcome.disposition == .deliver)
    }
}
