// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("Concurrency of a destination")
struct DestinationConcurrencyTests {
    @Test("it begins small, grows with each success up to its limit, and never past it")
    func grows() {
        var concurrency = DestinationConcurrency(limit: 12)
        var seen: [Int] = []
        for _ in 0..<10 {
            seen.append(concurrency.most)
            concurrency.succeeded(wasFull: true)
        }
        #expect(seen == [5, 6, 7, 8, 9, 10, 11, 12, 12, 12])
        #expect(DestinationConcurrency(limit: 2).most == 2)
        #expect(DestinationConcurrency(limit: 0).most == 1)
    }

    @Test("it does not grow where fewer attempts were in progress than might have been")
    func unused() {
        var concurrency = DestinationConcurrency(limit: 20)
        for _ in 0..<10 { concurrency.succeeded(wasFull: false) }
        #expect(concurrency.most == 5)
    }

    @Test("a failure halves it, and then it grows by one with as many successes as there are attempts")
    func shrinks() {
        var concurrency = DestinationConcurrency(limit: 20)
        concurrency.failed()
        #expect(concurrency.most == 2)
        var seen: [Int] = []
        for _ in 0..<9 {
            concurrency.succeeded(wasFull: true)
            seen.append(concurrency.most)
        }
        #expect(seen == [2, 3, 3, 3, 4, 4, 4, 4, 5])
        for _ in 0..<10 { concurrency.failed() }
        #expect(concurrency.most == 1)
    }

    /// A lane with so many attempts in progress, numbered from 1.
    private func lane(_ count: Int) -> Lane<Int> {
        var lane = Lane<Int>(limit: 20)
        for item in 0..<count { lane.started(item) }
        return lane
    }

    @Test("attempts that were in progress together shrink it once")
    func together() {
        var lane = lane(4)
        for id in 1...4 {
            lane.ended(id - 1)
            lane.note(.strained, of: id, last: 4)
        }
        #expect(lane.most == 2)
        lane.note(.strained, of: 5, last: 5)
        #expect(lane.most == 1)
    }

    @Test("one that answered after an attempt had begun is there, though the attempt found no connection")
    func overloaded() {
        var lane = lane(3)
        lane.ended(0)
        lane.note(.answered, of: 1, last: 3)
        lane.ended(1)
        lane.note(.unreachable, of: 2, last: 3)
        #expect(!lane.isUnreachable && lane.most < DestinationConcurrency.initial)
        lane.note(.unreachable, of: 4, last: 4)
        #expect(lane.isUnreachable && lane.most == 1)
        lane.note(.answered, of: 5, last: 5)
        #expect(!lane.isUnreachable && lane.most >= DestinationConcurrency.initial)
    }

    @Test("one that refuses a session while others are in progress has enough of us; one that goes on does not want us")
    func refused() {
        var lane = lane(5)
        lane.ended(0)
        lane.note(.refused, of: 1, last: 5)
        #expect(!lane.isUnreachable && lane.most == 2)
        for id in 6..<20 { lane.note(.refused, of: id, last: id) }
        #expect(lane.isUnreachable)
        var alone = self.lane(1)
        alone.ended(0)
        alone.note(.refused, of: 1, last: 1)
        #expect(alone.isUnreachable)
    }

    @Test("towards a next hop that bears seven at once it settles there, and costs few refusals", arguments: 0..<3)
    func settles(_ seed: UInt64) {
        let there = Destination("there")
        var random = SeededGenerator(seed: seed)
        var schedule = Schedule<Int>()
        var now = Timestamp(seconds: 1_800_000_000)
        var open: [(attempt: ScheduledAttempt<Int>, isRefused: Bool)] = []
        func take(_ actions: [ScheduleAction<Int>]) {
            for case .start(let attempt) in actions {
                open.append((attempt, open.filter { !$0.isRefused }.count >= 7))
            }
        }
        for item in 0..<2000 {
            let recipient = ScheduledRecipient(number: 0, destination: there, nextAttempt: now)
            take(schedule.itemAdded(item, acceptedAt: now, recipients: [recipient], at: now))
        }
        var (delivered, refused) = (0, 0)
        while delivered < 2000, delivered + refused < 10_000 {
            // What is refused ends at once.
            guard
                let index = open.firstIndex(where: \.isRefused)
                    ?? (open.isEmpty ? nil : Int.random(in: open.indices, using: &random))
            else {
                now = now + .seconds(60)
                take(schedule.timerFired(at: now))
                continue
            }
            now = now + .milliseconds(100)
            let (attempt, isRefused) = open.remove(at: index)
            if isRefused { refused += 1 } else { delivered += 1 }
            let decisions = schedule.decisions(
                for: attempt.id, deferred: isRefused ? [0] : [], at: now, using: &random)
            take(
                schedule.attemptEnded(
                    attempt.id, decisions: decisions, feedback: isRefused ? .refused : .answered, at: now))
        }
        print("a next hop that bears 7 at once: \(delivered) delivered, \(refused) refused")
        #expect(delivered == 2000)
        #expect(refused < 150)
    }
}
