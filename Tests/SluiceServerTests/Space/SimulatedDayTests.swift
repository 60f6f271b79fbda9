// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceHistory
import SluiceNative
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceQueue
@testable import SluiceServer

/// What a day leaves on the disk, with 1 % quarantined and 2 % deferred: six simulated hours with a message every
/// 40 seconds, or a whole day with as many messages as `SLUICE_DAY_MESSAGES` says.
@Suite("The disk after a simulated day", .serialized) struct SimulatedDayTests {
    private static let wanted = ProcessInfo.processInfo.environment["SLUICE_DAY_MESSAGES"].flatMap { Int($0) }
    private static let minutes = wanted == nil ? 360 : 1440
    private static let messages = wanted ?? 540
    private static let size = 4096

    /// A queue, its history and its upkeep, over a clock that the test moves.
    private struct Parts {
        let folder: TemporaryFolder
        let time = ManualTime()
        let queue: MailQueue
        let history: History
        let service: MaintenanceService

        init() throws {
            folder = try TemporaryFolder()
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let reading = ServerConfiguration.read(
                TestServer.yaml(sink: 1), file: "sluice.yml", directory: folder.path)
            let configuration = try #require(reading.configuration)
            history = try History(directory: folder.path + "/history", logger: logger)
            queue = try MailQueue.open(
                directory: folder.path, storage: FileStorage(), configuration: MailQueue.Configuration(configuration),
                time: time, recorder: history, logger: logger)
            service = MaintenanceService(
                queue: queue, history: history, configuration: { configuration }, time: time, steady: time,
                logger: logger)
        }

        /// Octets of content with decision records, wherever they stand.
        func content() throws -> Int {
            var octets = try octets("content")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/journal") {
                let source = try FileContent(try FileStorage().open(folder.path + "/journal/" + name, .read))
                let header = try #require(SegmentHeader(try source.read(at: 0, count: SegmentHeader.length)))
                var scanner = SegmentScanner(source, header: header, checksContent: false)
                while let frame = try scanner.nextFrame() { octets += frame.contentLength }
            }
            return octets
        }

        /// Octets of live content with decision records.
        func live() -> Int {
            queue.live.table.withLock { table in
                table.messages.values.reduce(0) { $0 + $1.stored.content.length + $1.stored.content.recordLength }
            }
        }

        /// Octets of the files in a folder of the state directory that have such a name.
        func octets(_ name: String, _ prefix: String = "") throws -> Int {
            let path = folder.path + "/" + name
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix(prefix) }
                .reduce(0) {
                    $0 + ((try FileManager.default.attributesOfItem(atPath: path + "/" + $1)[.size] as? Int) ?? 0)
                }
        }
    }

    private func submission(_ number: Int, _ time: Timestamp, _ generator: inout SeededGenerator) -> Submission {
        let id = "m\(number)"
        var content = ByteBuffer(string: "Subject: \(id)\r\n\r\n")
        while content.readableBytes < Self.size { content.writeInteger(generator.next()) }
        let isHeld = number % 100 == 50
        let anna = DispatchFixture.anna
        let record = DecisionRecord(
            id: id, time: time, listener: "mx", pipeline: "inbound", client: ClientInfo(address: .unspecified),
            reversePath: .mailbox(DispatchFixture.bert),
            recipients: [RecipientDecision(address: anna, disposition: isHeld ? .quarantine : .deliver)],
            size: content.readableBytes, disposition: isHeld ? .quarantine : .deliver, reply: Reply(250, nil, "ok"))
        let item = NewItem(
            reversePath: .mailbox(DispatchFixture.bert),
            recipients: [NewRecipient(anna, isHeld ? .quarantined(reason: "spam") : .queued)])
        return Submission(messageID: id, content: .memory(content), items: [item], record: record)
    }

    @Test("holds at most twice what is live and what came in during the last hour")
    func day() async throws {
        let parts = try Parts()
        var generator = SeededGenerator(seed: 20_261_124)
        var number = 0
        var deferred: [(id: QueueID, until: Timestamp)] = []
        var arrivals: [Int] = []
        var worst = 0.0
        for minute in 0..<Self.minutes {
            let due = Self.messages * (minute + 1) / Self.minutes
            let numbers = Array(number..<due)
            number = due
            let submissions = numbers.map { submission($0, parts.time.now, &generator) }
            let ids = try await parts.queue.apply([], adding: submissions).flatMap { $0 }
            arrivals.append(
                try submissions.reduce(0) {
                    $0 + Self.size + (try DecisionRecordCoding.encode($1.record)).readableBytes
                })
            var changes: [StateChange] = []
            for (number, id) in zip(numbers, ids) where number % 100 != 50 {
                if number % 50 == 7 {
                    let next = parts.time.now + .seconds(4 * 3600)
                    changes.append(
                        StateChange(
                            item: id, recipient: 0, state: .queued(attempts: 1, nextAttempt: next), replyCode: 451,
                            reply: "451 later", nextHop: "192.0.2.5:25", by: "delivery", why: "deferred"))
                    deferred.append((id, next))
                } else {
                    changes.append(delivered(id))
                }
            }
            changes += deferred.filter { $0.until <= parts.time.now }.map { delivered($0.id) }
            deferred.removeAll { $0.until <= parts.time.now }
            try await parts.queue.apply(changes)
            await parts.service.maintain()
            if minute % 10 == 9 {
                let lastHour = arrivals.suffix(60).reduce(0, +)
                worst = max(worst, Double(try parts.content()) / Double(2 * parts.live() + lastHour))
            }
            parts.time.advance(by: .seconds(60))
        }
        try parts.history.synchronize()
        #expect(worst <= 1, "at its worst \(worst) of what it may be")
        let account = try await parts.queue.account()
        #expect(account.accepted == number && account.addsUp)
        let figures = [
            "content on disk \(try parts.content())", "live \(parts.live())",
            "the last hour \(arrivals.suffix(60).reduce(0, +))",
            "at its worst \((worst * 100).rounded() / 100) of what it may be",
            "journal with envelopes and checkpoint \(try parts.octets("journal"))",
            "ledger \(try parts.octets("ledger") / number) octets a message",
            "history \(try parts.octets("history", "history-") / number)",
            "index \(try parts.octets("history", "index") / number)",
        ]
        print("\(number) messages in \(Self.minutes / 60) h: \(figures.joined(separator: ", "))")
        await parts.queue.close()
    }

    private func delivered(_ id: QueueID) -> StateChange {
        StateChange(
            item: id, recipient: 0, state: .delivered, replyCode: 250, reply: "250 2.0.0 Ok: queued as 4XyZ",
            nextHop: "192.0.2.5:25", by: "delivery")
    }
}
