// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite struct PowerCutTests {
    /// A run that uses every part of the journal once, noting what is promised. It ends early where the disk fails.
    private static func run(_ fixture: QueueFixture, _ promises: inout Promises) async throws(JournalError) {
        var queue = try fixture.open()
        func mailbox(_ name: String) -> Mailbox { Sample.mailbox(name) }

        func commit(
            _ id: String, _ recipients: [NewRecipient], staged: Bool = false, _ promises: inout Promises
        ) async throws(JournalError) -> [QueueID] {
            let content = Sample.content(id, length: staged ? 5000 : 700)
            promises.begin(id, recipients, content: content)
            var submission = Sample.submission(id, to: recipients, content: .memory(content))
            if staged {
                let file = try queue.stageContent()
                try file.append(content)
                submission.content = .staged(file)
            }
            if recipients.count > 2 {
                submission.items = recipients.map { NewItem(reversePath: .null, recipients: [$0]) }
            }
            let ids = try await queue.commit(submission)
            promises.acknowledge()
            return ids
        }

        let one = try await commit("one", [NewRecipient(mailbox("a")), NewRecipient(mailbox("b"))], &promises)
        let two = try await commit("two", [NewRecipient(mailbox("c"))], staged: true, &promises)
        let three = try await commit(
            "three",
            [
                NewRecipient(mailbox("d"), .quarantined(reason: "spam")), NewRecipient(mailbox("e")),
                NewRecipient(mailbox("f"), .removed(reason: "rule")),
            ], &promises)
        promises.begin(mailbox("a"), becomes: .delivered)
        try await queue.change(one[0], 0, to: .delivered)
        promises.acknowledge()
        let notice = Sample.content("dsn")
        promises.begin("dsn", [NewRecipient(mailbox("g"))], content: notice)
        promises.begin(mailbox("b"), becomes: .bounced)
        try await queue.apply(
            [StateChange(item: one[0], recipient: 1, state: .bounced, replyCode: 550, by: "delivery")],
            adding: [Sample.submission("dsn", to: [NewRecipient(mailbox("g"))], content: .memory(notice))])
        promises.acknowledge()
        let four = try await commit("four", [NewRecipient(mailbox("h"))], &promises)
        fixture.time.advance(by: .seconds(7200))
        try await queue.maintain(now: fixture.time.now)
        promises.begin(mailbox("d"), becomes: .queued)
        try await queue.change(three[0], to: .queued(attempts: 0, nextAttempt: fixture.time.now))
        promises.acknowledge()
        promises.begin(mailbox("c"), becomes: .delivered)
        try await queue.change(two[0], to: .delivered)
        promises.acknowledge()
        fixture.time.advance(by: .seconds(7200))
        try await queue.maintain(now: fixture.time.now)
        await queue.close()
        queue = try fixture.open()
        promises.begin(mailbox("h"), becomes: .held)
        try await queue.change(four[0], to: .held)
        promises.acknowledge()
        _ = try await commit("five", [NewRecipient(mailbox("i"))], &promises)
        fixture.time.advance(by: .seconds(7200))
        try await queue.maintain(now: fixture.time.now)
        _ = try await commit("six", [NewRecipient(mailbox("j"))], &promises)
    }

    private static func verify(_ fixture: QueueFixture, _ promises: inout Promises, _ seed: String) async throws {
        let queue = try fixture.reopenAfterPowerCut()
        #expect(queue.setAside.isEmpty, "a power cut was taken for damage; \(seed)")
        try promises.settle(queue, try await queue.account(), seed)
        // And it goes on from there.
        promises.begin("later", [NewRecipient(Sample.mailbox("later"))], content: Sample.content("later"))
        _ = try await queue.commit(
            Sample.submission(
                "later", to: [NewRecipient(Sample.mailbox("later"))], content: .memory(Sample.content("later"))))
        promises.acknowledge()
        fixture.time.advance(by: .seconds(7200))
        try await queue.maintain(now: fixture.time.now)
        try promises.check(queue, try await queue.account(), seed)
        #expect(fixture.stagedFiles.isEmpty)
    }

    @Test("a run without a power cut keeps every promise")
    func whole() async throws {
        let fixture = QueueFixture()
        var promises = Promises()
        try await Self.run(fixture, &promises)
        #expect(promises.states.count == 10)
        try await Self.verify(fixture, &promises, "no cut")
        // Only the current segment is left, and the file of each content that is still here.
        #expect(fixture.segments.count == 1)
    }

    @Test("wherever the power is cut, every promise is kept, and nothing is there by half")
    func everywhere() async throws {
        let measure = QueueFixture()
        var unused = Promises()
        try await Self.run(measure, &unused)
        let calls = measure.disk.calls
        #expect(calls > 100)
        for call in 1...calls {
            let fixture = QueueFixture(disk: SimulatedDisk(seed: UInt64(call)))
            var promises = Promises()
            fixture.disk.cutPower(atCall: call)
            do throws(JournalError) {
                try await Self.run(fixture, &promises)
            } catch {
                #expect(error.isTransient)
            }
            try await Self.verify(fixture, &promises, "cut at call \(call)")
        }
    }

    @Test("a power cut during the recovery from a power cut loses nothing either")
    func duringRecovery() async throws {
        let measure = QueueFixture()
        var unused = Promises()
        try await Self.run(measure, &unused)
        for call in stride(from: 20, to: measure.disk.calls, by: 17) {
            let fixture = QueueFixture(disk: SimulatedDisk(seed: UInt64(call)))
            var promises = Promises()
            fixture.disk.cutPower(atCall: call)
            do throws(JournalError) { try await Self.run(fixture, &promises) } catch {}
            for second in 1...12 {
                fixture.disk.restart()
                fixture.disk.cutPower(atCall: fixture.disk.calls + second * 3)
                _ = try? fixture.open()
            }
            try await Self.verify(fixture, &promises, "cut at call \(call), then while it recovered")
        }
    }

    @Test("whichever call fails, the error is clear, what was promised stays, and later commits work")
    func everyCallFails() async throws {
        let measure = QueueFixture()
        var unused = Promises()
        try await Self.run(measure, &unused)
        for call in 1...measure.disk.calls {
            let code: Int32 = call.isMultiple(of: 2) ? 5 : 28
            let fixture = QueueFixture(disk: SimulatedDisk(seed: UInt64(call)))
            var promises = Promises()
            fixture.disk.fail(call: call, code: code)
            do throws(JournalError) {
                try await Self.run(fixture, &promises)
            } catch {
                guard error.isTransient else {
                    Issue.record("call \(call) with \(code): \(error)")
                    continue
                }
                // The process goes on after a failure that it was told of: nothing of it may ever appear.
                promises.fail(isSealed: true)
            }
            try await Self.verify(fixture, &promises, "call \(call) failed with \(code)")
        }
    }
}
