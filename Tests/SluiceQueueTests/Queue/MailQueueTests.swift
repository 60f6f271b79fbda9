// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceQueue

@Suite struct MailQueueTests {
    @Test("what was accepted is there again after the power was cut, octet for octet")
    func survivesPowerCut() async throws {
        let fixture = QueueFixture()
        let edits: [MessageEdit] = [.addField(name: "Received", value: "from x\r\n by y", position: 0)]
        var first = Sample.submission(
            "one", to: [NewRecipient(Sample.mailbox("a")), NewRecipient(Sample.mailbox("b"))])
        first.items[0].edits = edits
        first.items[0].is8BitMIME = true
        let ids = try await fixture.open().commit(first)
        let queue = try fixture.reopenAfterPowerCut()
        let item = try #require(queue.item(ids[0]))
        #expect(item.recipients.map(\.mailbox) == [Sample.mailbox("a"), Sample.mailbox("b")])
        #expect(item.edits == edits)
        #expect(item.is8BitMIME && !item.isInternationalized)
        #expect(item.messageID == "one")
        #expect(try queue.octets(of: ids[0]) == Sample.content("one"))
        #expect(try queue.record(of: "one") == first.record)
        #expect(queue.setAside.isEmpty)
    }

    @Test("recipients with different dispositions are separate items over one content")
    func separateItems() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        var submission = Sample.submission("one", .queued)
        submission.items.append(
            NewItem(reversePath: .null, recipients: [NewRecipient(Sample.mailbox("q"), .quarantined(reason: "spam"))]))
        submission.items.append(
            NewItem(
                reversePath: .null, recipients: [NewRecipient(Sample.mailbox("d"), .removed(reason: "discarded"))]))
        let ids = try await queue.commit(submission)
        #expect(ids.count == 3)
        #expect(queue.items().map(\.id) == [ids[0], ids[1]])
        #expect(queue.items(ofMessage: "one").count == 2)
        #expect(try queue.octets(of: ids[0]) == queue.octets(of: ids[1]))
        let account = try await queue.account()
        #expect(account.accepted == 1 && account.recipients == 3)
        #expect(account.queued == 1 && account.quarantined == 1 && account.removed == 1)
        #expect(account.addsUp)
    }

    @Test("nothing follows a final state, and a change that is not possible changes nothing else of its append")
    func finalStates() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued, .queued))[0]
        try await queue.change(id, 0, to: .delivered)
        await #expect(
            throws: JournalError.impossibleTransition(id, recipient: 0, from: .delivered, to: .bounced)
        ) {
            try await queue.apply([
                StateChange(item: id, recipient: 1, state: .held, by: "x"),
                StateChange(item: id, recipient: 0, state: .bounced, by: "x"),
            ])
        }
        #expect(queue.item(id)?.recipients[1].state.name == .queued)
        await #expect(throws: JournalError.unknownRecipient(id, 2)) { try await queue.change(id, 2, to: .held) }
        try await queue.change(id, 1, to: .delivered)
        #expect(queue.item(id) == nil)
        await #expect(throws: JournalError.unknownItem(id)) { try await queue.change(id, 1, to: .held) }
        #expect(try queue.record(of: "one") == nil)
    }

    @Test("what is quarantined can't be delivered before it is released")
    func quarantineIsLeftByRelease() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .quarantined(reason: "virus")))[0]
        #expect(fixture.contentFiles.count == 1, "its content has a file of its own")
        await #expect(throws: JournalError.self) { try await queue.change(id, to: .delivered) }
        try await queue.change(id, to: .queued(attempts: 0, nextAttempt: fixture.time.now))
        try await queue.change(id, to: .delivered)
        let account = try await queue.account()
        #expect(account.delivered == 1 && account.addsUp)
        try await queue.maintain(now: fixture.time.now)
        #expect(fixture.contentFiles.isEmpty)
    }

    @Test("a commit that would make the quarantine larger than it may be is refused, and one behind it is not")
    func quarantineLimit() async throws {
        var fixture = QueueFixture()
        fixture.configuration.quarantineSize = 1000
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .quarantined(reason: "spam")))[0]
        await #expect(throws: JournalError.quarantineFull(limit: 1000)) {
            try await queue.commit(Sample.submission("two", .quarantined(reason: "spam")))
        }
        _ = try await queue.commit(Sample.submission("three", .queued))
        #expect(queue.statistics().quarantinedOctets == Int64(Sample.content("one").readableBytes))
        try await queue.change(id, to: .removed)
        _ = try await queue.commit(Sample.submission("four", .quarantined(reason: "spam")))
    }

    @Test("a client that has gone before the commit begins leaves no message")
    func clientGone() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        await #expect(throws: JournalError.clientGone) {
            try await queue.commit(Sample.submission("one", .queued), shouldBegin: { false })
        }
        #expect(queue.items().isEmpty)
        #expect(try await queue.account().accepted == 0)
        #expect(try fixture.reopenAfterPowerCut().items().isEmpty)
    }

    @Test("a bounce and its notification are one append")
    func bounceWithNotification() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        let before = fixture.disk.synchronizations
        let ids = try await queue.apply(
            [StateChange(item: id, recipient: 0, state: .bounced, replyCode: 550, reply: "550 no", by: "delivery")],
            adding: [
                Sample.submission("dsn", to: [NewRecipient(Sample.mailbox("sender"))], reversePath: .null)
            ])
        #expect(fixture.disk.synchronizations == before + 1)
        let again = try fixture.reopenAfterPowerCut()
        #expect(again.items().map(\.id) == ids[0])
        #expect(again.items()[0].reversePath == .null)
        let account = try await again.account()
        #expect(account.bounced == 1 && account.queued == 1 && account.accepted == 2 && account.addsUp)
    }

    @Test("staged content is read before the commit, committed without a copy, and gone when it is discarded")
    func stagedContent() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let content = Sample.content("large", length: 300_000)
        let staged = try queue.stageContent()
        var rest = content
        while let part = rest.readSlice(length: min(65_536, rest.readableBytes)), part.readableBytes > 0 {
            try staged.append(part)
        }
        #expect(try staged.source().readAll() == content)
        let submission = Sample.submission("large", to: [NewRecipient(Sample.mailbox("a"))], content: .staged(staged))
        let id = try await queue.commit(submission)[0]
        #expect(fixture.stagedFiles.isEmpty && fixture.contentFiles.count == 1)
        let again = try fixture.reopenAfterPowerCut()
        #expect(try again.octets(of: id) == content)
        #expect(try again.record(of: "large") == submission.record)

        let dropped = try again.stageContent()
        try dropped.append(content)
        dropped.discard()
        #expect(fixture.stagedFiles.isEmpty)
        #expect(throws: JournalError.closed) { try dropped.append(content) }
        do {
            let forgotten = try again.stageContent()
            #expect(fixture.stagedFiles.count == 1)
            _ = forgotten
        }
        #expect(fixture.stagedFiles.isEmpty)
    }

    @Test("many commits that wait share one sync")
    func groupCommit() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let gate = Gate()
        let before = fixture.disk.synchronizations
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Holds the journal's thread until the others wait for it.
                _ = try await queue.commit(Sample.submission("first", .queued)) {
                    gate.wait()
                    return true
                }
            }
            for number in 0..<40 {
                group.addTask { _ = try await queue.commit(Sample.submission("m\(number)", .queued)) }
            }
            try await Task.sleep(for: .milliseconds(60))
            gate.open()
            try await group.waitForAll()
        }
        #expect(queue.items().count == 41)
        let used = fixture.disk.synchronizations - before
        #expect(used <= 6, "\(used) syncs for 41 commits")
    }

    @Test("observer and history hear of every step once it is on stable storage")
    func eventsAndSteps() async throws {
        final class Observer: QueueObserver {
            let events = Mutex<[QueueEvent]>([])
            func queueChanged(_ events: [QueueEvent]) { self.events.withLock { $0 += events } }
        }
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let observer = Observer()
        queue.setObserver(observer)
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        let next = fixture.time.now + .seconds(300)
        try await queue.apply([
            StateChange(
                item: id, recipient: 0, state: .queued(attempts: 1, nextAttempt: next), replyCode: 451,
                reply: "451 later", nextHop: "mx.example.org", by: "delivery", why: "deferred")
        ])
        let events = observer.events.withLock { $0 }
        guard case .accepted(let accepted) = events.first, case .changed(let change, let item) = events.last else {
            Issue.record("not the events: \(events)")
            return
        }
        #expect(events.count == 2 && accepted.id == id && change.replyCode == 451)
        #expect(item.recipients[0].attempts == 1)
        #expect(fixture.history.decisions.map(\.id) == ["one"])
        let step = try #require(fixture.history.steps.last)
        #expect(fixture.history.steps.count == 2)
        #expect(step.messageID == "one" && step.queueID == id.description && step.state == .queued)
        #expect(step.reply == "451 later" && step.nextHop == "mx.example.org" && step.nextAttempt == next)
        #expect(step.attempts == 1)
        // The steps go with the item.
        let again = try fixture.reopenAfterPowerCut()
        #expect(again.item(id)?.recipients[0].steps.map(\.why) == ["accepted", "deferred"])
    }

    @Test("thousands of recipients that change in many transactions cost no copy of all of them for each change")
    func manyRecipients() async throws {
        final class Observer: QueueObserver {
            let events = Mutex<[QueueEvent]>([])
            func queueChanged(_ events: [QueueEvent]) { self.events.withLock { $0 += events } }
        }
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(
            Sample.submission("many", to: (0..<3000).map { NewRecipient(Sample.mailbox("r\($0)")) }))[0]
        let observer = Observer()
        queue.setObserver(observer)
        try await queue.apply(
            (0..<2999).map { StateChange(item: id, recipient: $0, state: .delivered, by: "test", why: "sent") })
        let events = observer.events.withLock { $0 }
        #expect(events.count == 2999)
        // Each event has the item as all changes of the transaction left it: one value, shared.
        for case .changed(_, let item) in events.prefix(5) {
            let finished = item.recipients.filter { $0.state.isFinal }.count
            #expect(finished == 2999)
        }
        try await queue.apply([StateChange(item: id, recipient: 2999, state: .delivered, by: "test", why: "sent")])
        guard case .changed(_, let last) = observer.events.withLock({ $0.last }) else { throw JournalError.closed }
        #expect(last.isFinished && queue.item(id) == nil && fixture.history.steps.count == 6000)
    }

    @Test("the history is told again after a crash, and not after a close in good order")
    func historyReplay() async throws {
        let fixture = QueueFixture()
        var queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        try await queue.change(id, to: .delivered)
        queue = try fixture.reopenAfterPowerCut()
        #expect(fixture.history.decisions.map(\.id) == ["one", "one"])
        #expect(Set(fixture.history.steps).count == 2 && fixture.history.steps.count == 4)
        await queue.close()
        _ = try fixture.open()
        #expect(fixture.history.decisions.count == 2)
    }

    @Test("a submission that is none is refused")
    func invalid() async throws {
        let queue = try QueueFixture().open()
        var nobody = Sample.submission("one", .queued)
        nobody.items[0].recipients = []
        await #expect(throws: JournalError.invalid("an item without a recipient")) { try await queue.commit(nobody) }
        var nothing = Sample.submission("one", .queued)
        nothing.items = []
        await #expect(throws: JournalError.invalid("no item")) { try await queue.commit(nothing) }
        await #expect(throws: JournalError.self) { try await queue.commit(Sample.submission("", .queued)) }
        #expect(queue.items().isEmpty)
    }

    @Test("a closed queue takes nothing")
    func closed() async throws {
        let queue = try QueueFixture().open()
        await queue.close()
        await #expect(throws: JournalError.closed) { try await queue.commit(Sample.submission("one", .queued)) }
    }

    @Test("the statistics count recipients by state, messages once and octets once")
    func statistics() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(Sample.submission("one", .queued, .queued, .held))[0]
        _ = try await queue.commit(Sample.submission("two", .quarantined(reason: "spam")))
        try await queue.change(id, 0, to: .delivered)
        let statistics = queue.statistics()
        #expect(statistics.recipients == [.queued: 1, .held: 1, .quarantined: 1])
        #expect(statistics.items == 2 && statistics.messages == 2)
        #expect(statistics.octets == Int64(2 * Sample.content("one").readableBytes))
        #expect(statistics.oldest == fixture.time.now)
        #expect(try fixture.reopenAfterPowerCut().statistics() == statistics)
    }
}
