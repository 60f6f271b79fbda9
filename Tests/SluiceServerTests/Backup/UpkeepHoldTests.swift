// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceHistory
import SluiceNative
import SluiceQueue
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The hold of a backup on the upkeep") struct UpkeepHoldTests {
    @Test("keeps upkeep off until it is released, and nobody else can take or release it")
    func held() {
        let hold = UpkeepHold(time: ManualTime())
        #expect(hold.hold(as: "one"))
        #expect(!hold.hold(as: "two") && !hold.release("two") && !hold.renew("two"))
        #expect(!hold.upkeepBegins())
        #expect(hold.renew("one") && hold.release("one"))
        #expect(!hold.release("one"))
        #expect(hold.upkeepBegins())
        hold.upkeepEnded()
        #expect(hold.hold(as: "two"))
    }

    @Test("ends by itself where it is not renewed in time, and its holder learns of that")
    func lease() {
        let time = ManualTime()
        let hold = UpkeepHold(time: time)
        #expect(hold.hold(as: "one"))
        time.advance(by: UpkeepHold.lease - .seconds(1))
        #expect(hold.renew("one"))
        time.advance(by: UpkeepHold.lease - .seconds(1))
        #expect(!hold.upkeepBegins())
        time.advance(by: .seconds(1))
        #expect(hold.upkeepBegins())
        #expect(!hold.renew("one") && !hold.release("one"))
    }

    @Test("is taken while an upkeep is under way, which it shows, and no second upkeep begins meanwhile")
    func underWay() {
        let hold = UpkeepHold(time: ManualTime())
        #expect(hold.upkeepBegins() && !hold.upkeepBegins())
        #expect(hold.hold(as: "one") && hold.isUnderWay)
        hold.upkeepEnded()
        #expect(!hold.isUnderWay && !hold.upkeepBegins())
    }

    @Test("nothing goes from journal, ledger or history while a backup copies, and what is due goes afterwards")
    func upkeep() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let logger = BackupFixture.logger
        let configuration = try #require(
            ServerConfiguration.read(
                TestServer.yaml(sink: 1, more: "quarantine: {keep: 1d}"), file: "sluice.yml", directory: folder.path
            ).configuration)
        let history = try History(directory: folder.path + "/history", logger: logger)
        let queue = try MailQueue.open(
            directory: folder.path, storage: FileStorage(), time: time, recorder: history, logger: logger)
        let anna = DispatchFixture.anna
        let record = DecisionRecord(
            id: "one", time: time.now, listener: "mx", client: ClientInfo(address: .unspecified), reversePath: .null,
            recipients: [RecipientDecision(address: anna, disposition: .quarantine, reason: "why")],
            disposition: .quarantine, reply: Reply(250, nil, "ok"))
        let item = NewItem(reversePath: .null, recipients: [NewRecipient(anna, .quarantined(reason: "why"))])
        _ = try await queue.commit(
            Submission(messageID: "one", content: .memory(ByteBuffer(string: "x")), items: [item], record: record))
        let hold = UpkeepHold(time: time)
        let service = MaintenanceService(
            queue: queue, history: history, configuration: { configuration }, time: time, steady: time,
            logger: logger, hold: hold)
        time.advance(by: .seconds(2 * 86400))
        #expect(hold.hold(as: "backup"))
        let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !$0.contains("index") }
        await service.maintain()
        let after = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !$0.contains("index") }
        #expect(Set(after) == Set(before) && queue.items().count == 1)
        #expect(hold.release("backup"))
        await service.maintain()
        #expect(queue.items().isEmpty)
        await service.maintain()
        let content = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/content")
        #expect(content.isEmpty)
        await queue.close()
    }
}
