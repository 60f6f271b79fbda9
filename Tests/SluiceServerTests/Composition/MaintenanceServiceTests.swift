// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceHistory
import SluiceNative
import SluiceQueue
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("Upkeep") struct MaintenanceServiceTests {
    @Test(
        "removes from quarantine what has been there for longer than quarantine.keep, and nothing by a clock that is wrong"
    )
    func retention() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let steady = ManualTime()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let reading = ServerConfiguration.read(
            TestServer.yaml(sink: 1, more: "quarantine: {keep: 30d}"), file: "sluice.yml", directory: folder.path)
        let configuration = try #require(reading.configuration)
        let history = try History(directory: folder.path + "/history", logger: logger)
        let queue = try MailQueue.open(
            directory: folder.path, storage: FileStorage(), configuration: MailQueue.Configuration(), time: time,
            recorder: history, logger: logger)
        func hold(_ id: String) async throws {
            let anna = DispatchFixture.anna
            let record = DecisionRecord(
                id: id, time: time.now, listener: "mx", client: ClientInfo(address: .unspecified), reversePath: .null,
                recipients: [RecipientDecision(address: anna, disposition: .quarantine, reason: "held")],
                disposition: .quarantine, reply: Reply(250, nil, "ok"))
            let item = NewItem(
                reversePath: .null,
                recipients: [NewRecipient(anna, .quarantined(reason: "held")), NewRecipient(DispatchFixture.bert)])
            _ = try await queue.commit(
                Submission(
                    messageID: id, content: .memory(ByteBuffer(string: "Subject: x\r\n\r\n")), items: [item],
                    record: record), shouldBegin: { true })
        }
        let service = MaintenanceService(
            queue: queue, history: history, configuration: { configuration }, time: time, steady: steady, logger: logger
        )
        func states(_ id: String) -> [RecipientStep.State] {
            queue.items(ofMessage: id).flatMap { item in item.recipients.map { $0.state.name } }
        }
        try await hold("old")
        for clock in [time, steady] { clock.advance(by: .seconds(20 * 86400)) }
        try await hold("new")
        await service.maintain()
        #expect(states("old") == [.quarantined, .queued])
        time.advance(by: .seconds(400 * 86400))
        await service.maintain()
        #expect(states("old") == [.quarantined, .queued])
        #expect(try history.message("old") != nil)
        time.advance(by: .seconds(-400 * 86400))
        for clock in [time, steady] { clock.advance(by: .seconds(11 * 86400)) }
        await service.maintain()
        #expect(states("old") == [.removed, .queued])
        #expect(states("new") == [.quarantined, .queued])
        let steps = try #require(try history.message("old")?.steps)
        #expect(steps.last { $0.address == DispatchFixture.anna }?.by == "retention")
        #expect(steps.last { $0.address == DispatchFixture.anna }?.why == "in quarantine for 30d")
        await queue.close()
    }
}
