// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import SluiceTesting

/// A big mailing that is under way, and single messages that come meanwhile: who waits for how long.
struct MailingSimulation {
    private enum Event {
        case ended(ScheduledAttempt<Int>)
        case timer
        case single(Int)
    }

    static let start = Timestamp(seconds: 1_800_000_000)
    /// Item numbers from here on are single messages.
    static let singles = 1000

    private var random: SeededGenerator
    private var schedule: Schedule<Int>
    private var events: [(time: Timestamp, event: Event)] = []
    private let isDead: (Destination) -> Bool
    private let seconds: ClosedRange<Int64>
    private let destination: (Int) -> Destination
    /// When each single message came, and when its attempt began.
    private var arrivals: [Int: Timestamp] = [:]
    private(set) var waits: [Int: Duration] = [:]
    private(set) var mostActive = 0
    private(set) var doneAt: Timestamp?
    private var isOpen: Set<Int> = []

    /// - Parameters:
    ///   - seconds: how long an attempt takes.
    ///   - singles: where the single messages go; the next comes half a minute after the one before.
    ///   - destination: where each recipient of the mailing goes.
    init(
        seed: UInt64, recipients: Int, seconds: ClosedRange<Int64>, singles: [Destination],
        limits: ScheduleLimits = ScheduleLimits(), isDead: @escaping (Destination) -> Bool = { _ in false },
        destination: @escaping (Int) -> Destination
    ) {
        random = SeededGenerator(seed: seed)
        schedule = Schedule(limits: limits)
        self.isDead = isDead
        self.seconds = seconds
        self.destination = { $0 < 0 ? singles[-$0 - 1] : destination($0) }
        let all = (0..<recipients).map {
            ScheduledRecipient(number: $0, destination: destination($0), nextAttempt: Self.start)
        }
        isOpen = Set(0..<recipients)
        for index in singles.indices { events.append((Self.start + .seconds(30 * (index + 1)), .single(index))) }
        perform(schedule.itemAdded(0, acceptedAt: Self.start, recipients: all, at: Self.start), at: Self.start)
    }

    /// Runs until the mailing is done and all single messages have begun, or so much time is over.
    mutating func run(_ time: Duration) {
        let end = Self.start + time
        while let index = events.indices.min(by: { events[$0].time < events[$1].time }), events[index].time <= end {
            let (now, event) = events.remove(at: index)
            switch event {
            case .timer: perform(schedule.timerFired(at: now), at: now)
            case .single(let number):
                arrivals[number] = now
                let recipient = ScheduledRecipient(
                    number: 0, destination: destination(-number - 1), nextAttempt: now)
                perform(
                    schedule.itemAdded(Self.singles + number, acceptedAt: now, recipients: [recipient], at: now),
                    at: now)
            case .ended(let attempt): ended(attempt, at: now)
            }
        }
    }

    private mutating func ended(_ attempt: ScheduledAttempt<Int>, at now: Timestamp) {
        let isDead = isDead(attempt.destination)
        let decisions = schedule.decisions(
            for: attempt.id, deferred: isDead ? attempt.recipients : [], at: now, using: &random)
        if attempt.item == 0, !isDead {
            isOpen.subtract(attempt.recipients)
            if isOpen.allSatisfy({ self.isDead(destination($0)) }), doneAt == nil { doneAt = now }
        }
        perform(
            schedule.attemptEnded(
                attempt.id, decisions: decisions, feedback: isDead ? .unreachable : .answered, at: now), at: now)
    }

    private mutating func perform(_ actions: [ScheduleAction<Int>], at now: Timestamp) {
        for action in actions {
            switch action {
            case .setTimer(let time):
                events.removeAll { if case .timer = $0.event { true } else { false } }
                events.append((max(time, now), .timer))
            case .expire, .warn: continue
            case .start(let attempt):
                mostActive = max(mostActive, schedule.activeCount)
                let number = attempt.item - Self.singles
                if number >= 0, let arrival = arrivals[number], waits[number] == nil { waits[number] = now - arrival }
                // A host that is not there is found out after the time-out of a connection.
                let takes = isDead(attempt.destination) ? 30 : Int64.random(in: seconds, using: &random)
                events.append((now + .seconds(takes), .ended(attempt)))
            }
        }
    }
}
