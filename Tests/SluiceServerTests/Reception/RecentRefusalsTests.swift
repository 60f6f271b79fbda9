// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("The last refusals") struct RecentRefusalsTests {
    private func record(_ id: String, _ disposition: Disposition) -> DecisionRecord {
        DecisionRecord(
            id: id, time: Timestamp(seconds: 1_790_000_000), listener: "mx", client: ClientInfo(address: .unspecified),
            reversePath: .null,
            recipients: [
                RecipientDecision(address: Mailbox(localPart: "a", domain: "b.test"), disposition: disposition)
            ],
            disposition: disposition, reply: Reply(550, nil, "no"))
    }

    @Test("are the last twenty, the latest first, and nothing that was taken")
    func twenty() {
        let refusals = RecentRefusals()
        for number in 0..<30 {
            refusals.note(record("r\(number)", number % 2 == 0 ? .reject : .defer))
            for disposition in [Disposition.deliver, .quarantine, .discard] { refusals.note(record("no", disposition)) }
        }
        #expect(refusals.latest.map(\.id) == (10..<30).reversed().map { "r\($0)" })
    }

    @Test("hold nothing of a recipient or of the evidence, which may be large")
    func small() {
        let refusals = RecentRefusals()
        var large = record("large", .reject)
        large.stages = [StageRecord(name: "spam", outcome: .ran, verdict: .pass, microseconds: 1)]
        refusals.note(large)
        #expect(refusals.latest.first?.recipients.isEmpty == true)
        #expect(refusals.latest.first?.stages.isEmpty == true)
    }
}
