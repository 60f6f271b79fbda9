// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import SluiceServer
import SluiceTesting
import Testing

@Suite("Dispatch") struct DispatchTests {
    private let anna = DispatchFixture.anna
    private let bert = DispatchFixture.bert

    @Test("accepts with 250 and the id, whether it delivers, holds or drops")
    func accepted() throws {
        for verdict in [Verdict.pass, .quarantine(reason: "held"), .discard(reason: "dropped")] {
            var fixture = DispatchFixture()
            fixture.verdicts = [(verdict, [:])]
            let record = try fixture.record()
            #expect(record.reply.description == "250 2.0.0 accepted as 0123456789ab")
            #expect(record.disposition == verdict.disposition)
            #expect(
                record.recipients == [.init(address: anna, disposition: verdict.disposition, reason: verdict.reason)])
        }
    }

    @Test("refuses with the stage's reply and the id to ask for, on the last line")
    func refused() throws {
        var fixture = DispatchFixture()
        fixture.verdicts = [
            (.refuse(Reply(550, EnhancedStatusCode(5, 7, 1), lines: ["held to be spam", "ask us"])), [:])
        ]
        let record = try fixture.record()
        #expect(record.disposition == .reject)
        #expect(record.reply.lines == ["held to be spam", "ask us (id 0123456789ab)"])
        #expect(record.reply.code == 550)
    }

    @Test("takes the strictest disposition for the message's, and the reply that goes with it")
    func strictest() throws {
        var fixture = DispatchFixture()
        fixture.recipients = [anna, bert]
        fixture.verdicts = [(.pass, [bert: .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "no"))])]
        let record = try fixture.record()
        #expect(record.disposition == .quarantine)
        #expect(record.recipients.map(\.disposition) == [.deliver, .quarantine])
        #expect(record.reply.code == 250)
    }

    @Test("keeps the Message-ID, size, stages, all edits, and on which finding it turned")
    func record() throws {
        var fixture = DispatchFixture()
        let finding = Finding(name: "GTUBE", score: 1000, why: "the test text")
        fixture.stages = [
            StageRecord(name: "spam", outcome: .ran, verdict: .quarantine(reason: "held"), findings: [finding])
        ]
        fixture.verdicts = [(.quarantine(reason: "held to be spam"), [:])]
        fixture.edits = [.addField(name: "X-Stage", value: "1", position: nil)]
        let record = try fixture.record()
        #expect(record.messageID == "<m@a.test>")
        #expect(record.size == fixture.content.utf8.count)
        #expect(record.turnedOn == StageFinding(stage: "spam", finding: finding))
        #expect(record.edits.first == .addField(name: "X-Stage", value: "1", position: nil))
        #expect(record.edits.count > 1)
        #expect(record.pipeline == "inbound" && record.listener == "mx")
    }
}
