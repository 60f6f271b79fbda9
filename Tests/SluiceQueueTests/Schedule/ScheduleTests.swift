// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import SluiceTesting
import Testing

@Suite("Schedule")
struct ScheduleTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let there = Destination("there")
    private let elsewhere = Destination("elsewhere")

    private func recipients(_ count: Int, _ destination: Destination, from first: Int = 0) -> [ScheduledRecipient] {
        (first..<(first + count)).map {
            ScheduledRecipient(number: $0, destination: destination, nextAttempt: start)
        }
    }

    private func attempts(_ actions: [ScheduleAction<Int>]) -> [ScheduledAttempt<Int>] {
        actions.compactMap { if case .start(let attempt) = $0 { attempt } else { nil } }
    }

    private func timer(_ actions: [ScheduleAction<Int>]) -> Timestamp? {
        actions.compactMap { if case .setTimer(let time) = $0 { time } else { nil } }.last
    }

    /// Ends an attempt, all of it deferred or none.
    private func end(
        _ schedule: inout Schedule<Int>, _ attempt: ScheduledAttempt<Int>, deferred: Bool,
        feedback: DestinationFeedback = .answered, at now: Timestamp
    ) -> (decisions: [Int: DeferralDecision], actions: [ScheduleAction<Int>]) {
        var random = SeededGenerator(seed: UInt64(attempt.id))
        let decisions = schedule.decisions(
            for: attempt.id, deferred: deferred ? attempt.recipients : [], at: now, using: &random)
        return (decisions, schedule.attemptEnded(attempt.id, decisions: decisions, feedback: feedback, at: now))
    }

    @Test("what is new is tried at once, recipients of one destination together")
    func grouping() {
        var schedule = Schedule<Int>()
        let all = recipients(2, there) + recipients(1, elsewhere, from: 2) + recipients(1, there, from: 3)
        let started = attempts(schedule.itemAdded(1, acceptedAt: start, recipients: all, at: start))
        #expect(started.map(\.recipients).sorted { $0.count > $1.count } == [[0, 1, 3], [2]])
        #expect(schedule.activeCount == 2)
    }

    @Test("a transaction has no more recipients than the limit")
    func transactionLimit() {
        var schedule = Schedule<Int>(limits: ScheduleLimits(recipientsPerTransaction: 10, connectionsPerHost: 3))
        let started = attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(35, there), at: start))
        #expect(started.map(\.recipients.count) == [10, 10, 10])
        let next = attempts(end(&schedule, started[0], deferred: false, at: start).actions)
        #expect(next.map(\.recipients) == [[30, 31, 32, 33, 34]])
    }

    @Test("attempts at one destination and altogether are limited")
    func concurrency() {
        var schedule = Schedule<Int>(limits: ScheduleLimits(connectionsPerHost: 2, connections: 3))
        var started: [ScheduledAttempt<Int>] = []
        for item in 0..<5 {
            started += attempts(
                schedule.itemAdded(item, acceptedAt: start, recipients: recipients(1, there), at: start))
        }
        #expect(started.map(\.item) == [0, 1])
        for item in 5..<8 {
            started += attempts(
                schedule.itemAdded(item, acceptedAt: start, recipients: recipients(1, elsewhere), at: start))
        }
        #expect(started.map(\.item) == [0, 1, 5])
        #expect(attempts(end(&schedule, started[0], deferred: false, at: start).actions).count == 1)
        #expect(schedule.activeCount == 3)
    }

    @Test("a big mailing lets a single message to the same destination pass after one transaction")
    func fairBetweenMessages() {
        var schedule = Schedule<Int>(limits: ScheduleLimits(recipientsPerTransaction: 10, connectionsPerHost: 1))
        let big = attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(10_000, there), at: start))
        _ = schedule.itemAdded(2, acceptedAt: start, recipients: recipients(1, there), at: start)
        let second = attempts(end(&schedule, big[0], deferred: false, at: start).actions)
        #expect(second.map(\.item) == [1])
        let third = attempts(end(&schedule, second[0], deferred: false, at: start).actions)
        #expect(third.map(\.item) == [2])
    }

    @Test("a destination with many messages lets another destination pass")
    func fairBetweenDestinations() {
        var schedule = Schedule<Int>(limits: ScheduleLimits(connectionsPerHost: 5, connections: 1))
        var started: [ScheduledAttempt<Int>] = []
        for item in 0..<100 {
            started += attempts(
                schedule.itemAdded(item, acceptedAt: start, recipients: recipients(1, there), at: start))
        }
        _ = schedule.itemAdded(1000, acceptedAt: start, recipients: recipients(1, elsewhere), at: start)
        var items: [Int] = []
        for _ in 0..<3 {
            started = attempts(end(&schedule, started[0], deferred: false, at: start).actions)
            items += started.map(\.item)
        }
        #expect(items.contains(1000))
    }

    @Test("what was deferred comes back after a wait that doubles up to the limit")
    func backoff() throws {
        var schedule = Schedule<Int>()
        var now = start
        var actions = schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: now)
        var waits: [Int64] = []
        for _ in 0..<12 {
            let attempt = try #require(attempts(actions).first)
            let (decisions, after) = end(&schedule, attempt, deferred: true, at: now)
            guard case .retry(let count, let due) = decisions[0] else {
                Issue.record("\(decisions)")
                return
            }
            #expect(count == waits.count + 1)
            waits.append((due - now).components.seconds)
            #expect(attempts(after).isEmpty)
            #expect(attempts(schedule.timerFired(at: due - .milliseconds(1))).isEmpty)
            now = due
            actions = schedule.timerFired(at: now)
        }
        var full: Int64 = 300
        for wait in waits {
            #expect(wait <= full && wait >= full * 4 / 5 - 1)
            full = min(full * 2, 4 * 3600)
        }
    }

    @Test("the wait is never outside its bounds", arguments: 0..<50)
    func backoffBounds(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let backoff = Backoff(
            firstRetry: .seconds(Int64.random(in: 0...1000, using: &random)),
            maxRetry: .seconds(Int64.random(in: 0...10000, using: &random)))
        for attempts in [0, 1, 2, 10, 1000, Int.max] {
            let wait = backoff.delay(afterAttempts: attempts, using: &random)
            #expect(wait >= .zero && wait <= backoff.maxRetry)
        }
    }

    @Test("an item that is taken up at start waits for its time")
    func takenUp() {
        var schedule = Schedule<Int>()
        let due = start + .seconds(100)
        let recipient = ScheduledRecipient(number: 3, destination: there, attempts: 4, nextAttempt: due)
        let actions = schedule.itemAdded(1, acceptedAt: start, recipients: [recipient], at: start)
        #expect(attempts(actions).isEmpty)
        #expect(timer(actions) == due)
        let started = attempts(schedule.timerFired(at: due))
        #expect(started.map(\.recipients) == [[3]])
        let (decisions, _) = end(&schedule, started[0], deferred: true, at: due)
        guard case .retry(5, _) = decisions[3] else {
            Issue.record("\(decisions)")
            return
        }
    }

    @Test("at the end of its time a recipient is tried once more, then it is over")
    func expiry() throws {
        var schedule = Schedule<Int>(backoff: Backoff(expire: .seconds(3600)))
        var now = start
        var actions = schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: now)
        var count = 0
        while true {
            let attempt = try #require(attempts(actions).first)
            count += 1
            let (decisions, _) = end(&schedule, attempt, deferred: true, at: now)
            if case .expired(let attempts) = decisions[0] {
                #expect(attempts == count)
                break
            }
            guard case .retry(_, let due) = decisions[0] else { return }
            now = due
            actions = schedule.timerFired(at: now)
        }
        #expect(now == start + .seconds(3600))
        #expect(schedule.itemCount == 0)
        #expect(schedule.activeCount == 0)
    }

    @Test("a destination that can't be reached is left alone, then tried by one attempt, and then all go")
    func unreachable() throws {
        var schedule = Schedule<Int>()
        var started: [ScheduledAttempt<Int>] = []
        for item in 0..<5 {
            started += attempts(
                schedule.itemAdded(item, acceptedAt: start, recipients: recipients(1, there), at: start))
        }
        #expect(started.count == DestinationConcurrency.initial)
        for attempt in started { _ = end(&schedule, attempt, deferred: true, feedback: .unreachable, at: start) }
        let new = schedule.itemAdded(100, acceptedAt: start, recipients: recipients(1, there), at: start)
        #expect(attempts(new).isEmpty)
        let opens = start + .seconds(150)
        let probing = attempts(schedule.timerFired(at: opens))
        #expect(probing.map(\.item) == [100])
        let another = schedule.itemAdded(101, acceptedAt: start, recipients: recipients(1, there), at: opens)
        #expect(attempts(another).isEmpty)
        let after = attempts(end(&schedule, probing[0], deferred: false, at: opens).actions)
        #expect(after.count == DestinationConcurrency.initial)
        #expect(Set(after.map(\.item)).isSubset(of: Set(0..<5).union([101])))
    }

    @Test("what waits for a destination out of reach expires without an attempt")
    func expiresUnreachable() throws {
        var schedule = Schedule<Int>(backoff: Backoff(expire: .seconds(60)))
        let started = attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: start))
        _ = end(&schedule, started[0], deferred: true, feedback: .unreachable, at: start)
        let actions = schedule.timerFired(at: start + .seconds(60))
        #expect(actions.contains(.expire(1, recipients: [0])))
        #expect(schedule.itemCount == 0)
    }

    @Test("a flush makes what waits due now")
    func flush() {
        var schedule = Schedule<Int>()
        let started = attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: start))
        _ = end(&schedule, started[0], deferred: true, feedback: .unreachable, at: start)
        #expect(attempts(schedule.flush(at: start + .seconds(1))).map(\.item) == [1])
    }

    @Test("a flush of what is being tried starts nothing twice")
    func flushActive() {
        var schedule = Schedule<Int>()
        _ = schedule.itemAdded(1, acceptedAt: start, recipients: recipients(3, there), at: start)
        #expect(attempts(schedule.flush(1, at: start)).isEmpty)
        #expect(attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(3, there), at: start)).isEmpty)
    }

    @Test("what was withdrawn is not tried, and not tried again where it is being tried")
    func withdrawn() throws {
        var schedule = Schedule<Int>(limits: ScheduleLimits(recipientsPerTransaction: 1, connectionsPerHost: 1))
        let started = attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(3, there), at: start))
        schedule.withdrawn(1, recipients: [0, 1])
        let (decisions, actions) = end(&schedule, started[0], deferred: true, at: start)
        #expect(decisions.isEmpty)
        #expect(attempts(actions).map(\.recipients) == [[2]])
        _ = end(&schedule, try #require(attempts(actions).first), deferred: false, at: start)
        #expect(schedule.itemCount == 0)
    }

    @Test("what is queued again during the attempt that it was withdrawn from goes on as if it had not been")
    func requeued() {
        var schedule = Schedule<Int>()
        let started = attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: start))
        schedule.withdrawn(1, recipients: [0])
        #expect(attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: start)).isEmpty)
        let (decisions, _) = end(&schedule, started[0], deferred: true, at: start)
        #expect(decisions.count == 1)
        #expect(schedule.nextAttempt(of: 1, recipient: 0) != nil)
    }

    @Test("after stop nothing is started")
    func stop() {
        var schedule = Schedule<Int>()
        schedule.stop()
        #expect(attempts(schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: start)).isEmpty)
    }

    @Test("timers that flushes made void do not pile up")
    func timersAreBounded() throws {
        var schedule = Schedule<Int>()
        var now = start
        var actions = schedule.itemAdded(1, acceptedAt: start, recipients: recipients(1, there), at: now)
        for _ in 0..<20_000 {
            let attempt = try #require(attempts(actions).first)
            _ = end(&schedule, attempt, deferred: true, at: now)
            now = now + .milliseconds(1)
            actions = schedule.flush(at: now)
        }
        #expect(schedule.timerCount < 3000)
    }

    @Test("over a simulated week every recipient comes to exactly one end, within its time", arguments: 0..<4)
    func week(_ seed: UInt64) {
        var simulation = ScheduleSimulation(seed: seed)
        simulation.run()
        #expect(simulation.problems == [])
        #expect(simulation.ends.count == simulation.recipientCount)
        #expect(simulation.schedule.itemCount == 0)
        #expect(simulation.delivered > 0)
        #expect(simulation.expired > 0)
    }
}
