// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

/// Random commits, outcomes, maintenance, failures, kills and power cuts against a model of what was promised.
@Suite struct RandomRunTests {
    private struct Run {
        let seed: UInt64
        var fixture: QueueFixture
        var queue: MailQueue
        var promises = Promises()
        var generator: SeededGenerator
        var made = 0

        init(seed: UInt64) throws {
            self.seed = seed
            generator = SeededGenerator(seed: seed)
            fixture = QueueFixture(disk: SimulatedDisk(seed: seed))
            fixture.configuration.segmentSize = Int64.random(in: 2000...20_000, using: &generator)
            queue = try fixture.open()
        }

        mutating func step() async throws {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<40: try await request(isCommit: true)
            case 40..<75: try await request(isCommit: false)
            case 75..<83:
                fixture.time.advance(by: .seconds(Int.random(in: 0...5000, using: &generator)))
                do throws(JournalError) { try await queue.maintain(now: fixture.time.now) } catch {
                    #expect(error.isTransient, "\(error); seed \(seed)")
                }
            case 83..<90:
                let kinds = ["fdatasync", "pwrite", "open", "fsync", "ftruncate", "rename", "pread", "unlink"]
                let kind = kinds.randomElement(using: &generator) ?? "pwrite"
                fixture.disk.failNext(
                    kind, code: Bool.random(using: &generator) ? 5 : 28, times: Int.random(in: 1...3, using: &generator)
                )
            case 90..<95: try await restart(powerCut: true)
            default: try await restart(powerCut: false)
            }
        }

        private mutating func request(isCommit: Bool) async throws {
            do throws(JournalError) {
                if isCommit { try await commit() } else { try await change() }
                promises.acknowledge()
            } catch {
                #expect(error.isTransient, "\(error); seed \(seed)")
                let isSealed = try await queue.onJournal { (writer) throws(StorageError) in writer.current != nil }
                promises.fail(isSealed: isSealed)
            }
        }

        private mutating func commit() async throws(JournalError) {
            made += 1
            let id = "m\(made)"
            let recipients = (0..<Int.random(in: 1...3, using: &generator)).map { number in
                let states: [NewRecipient.InitialState] = [
                    .queued, .queued, .queued, .held, .quarantined(reason: "spam"), .removed(reason: "rule"),
                ]
                return NewRecipient(
                    Sample.mailbox("\(id)-\(number)"), states.randomElement(using: &generator) ?? .queued)
            }
            let content = Sample.content(id, length: Int.random(in: 50...4000, using: &generator))
            promises.begin(id, recipients, content: content)
            var submission = Sample.submission(id, to: recipients, content: .memory(content))
            if Bool.random(using: &generator) {
                let staged = try queue.stageContent()
                try staged.append(content)
                submission.content = .staged(staged)
            }
            _ = try await queue.commit(submission)
        }

        private mutating func change() async throws(JournalError) {
            guard let item = queue.items().randomElement(using: &generator),
                let number = item.recipients.indices.filter({ !item.recipients[$0].state.isFinal })
                    .randomElement(using: &generator)
            else { return }
            let now = fixture.time.now
            let states: [RecipientState] = [
                .queued(attempts: 1, nextAttempt: now), .held, .quarantined(reason: "virus", since: now), .delivered,
                .bounced, .removed,
            ].filter { item.recipients[number].state.allows($0) }
            guard let state = states.randomElement(using: &generator) else { return }
            promises.begin(item.recipients[number].mailbox, becomes: state.name)
            try await queue.apply([StateChange(item: item.id, recipient: number, state: state, by: "test")])
        }

        /// In a kill the cache survives; in a power cut, in the middle of a request, only what was synced.
        mutating func restart(powerCut: Bool) async throws {
            fixture.disk.repair()
            if powerCut {
                fixture.disk.cutPower(atCall: fixture.disk.calls + Int.random(in: 1...4, using: &generator))
                do throws(JournalError) { try await commit() } catch {}
                fixture.disk.restart()
            }
            queue = try fixture.open()
            #expect(queue.setAside.isEmpty, "seed \(seed)")
            try promises.settle(queue, try await queue.account(), "seed \(seed), step \(made)")
        }
    }

    @Test("200 random runs keep every promise")
    func seeded() async throws {
        for seed in 1...200 as ClosedRange<UInt64> {
            var run = try Run(seed: seed)
            for _ in 0..<25 { try await run.step() }
            try await run.restart(powerCut: true)
        }
    }
}
