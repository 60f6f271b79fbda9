// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import SluiceTesting

/// A week of a busy queue: items come, attempts take their time and end in all ways, destinations go and come back.
struct ScheduleSimulation {
    struct Recipient: Hashable {
        var item: Int
        var number: Int
    }

    private enum Event {
        case arrival
        case ended(ScheduledAttempt<Int>)
        case timer
        case flush
    }

    private let start = Timestamp(seconds: 1_800_000_000)
    private let expire = Duration.seconds(5 * 86400)
    private let warn = Duration.seconds(4 * 3600)
    private var random: SeededGenerator
    private(set) var schedule: Schedule<Int>
    private var events: [(time: Timestamp, event: Event)] = []
    private var accepted: [Int: Timestamp] = [:]
    private var active: Set<Recipient> = []
    private(set) var ends: [Recipient: String] = [:]
    private(set) var recipientCount = 0
    private(set) var delivered = 0
    private(set) var warned: Set<Int> = []
    private(set) var expired = 0
    private(set) var problems: [String] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        schedule = Schedule(
            backoff: Backoff(warn: warn),
            limits: ScheduleLimits(recipientsPerTransaction: 7, connectionsPerHost: 3, connections: 8))
    }

    mutating func run() {
        for _ in 0..<150 {
            events.append((start + .seconds(Int64.random(in: 0..<(7 * 86400), using: &random)), .arrival))
        }
        for _ in 0..<5 { events.append((start + .seconds(Int64.random(in: 0..<(7 * 86400), using: &random)), .flush)) }
        var steps = 0
        while let index = events.indices.min(by: { events[$0].time < events[$1].time }) {
            steps += 1
            if steps > 200_000 {
                problems.append("it never ends")
                return
            }
            let (now, event) = events.remove(at: index)
            switch event {
            case .arrival: arrive(at: now)
            case .ended(let attempt): end(attempt, at: now)
            case .timer: perform(schedule.timerFired(at: now), at: now)
            case .flush: perform(schedule.flush(at: now), at: now)
            }
        }
    }

    private mutating func arrive(at now: Timestamp) {
        let item = accepted.count
        accepted[item] = now
        let count = Int.random(in: 0..<10, using: &random) == 0 ? 40 : Int.random(in: 1...3, using: &random)
        let recipients = (0..<count).map { number in
            ScheduledRecipient(
                number: number, destination: Destination("d\(Int.random(in: 0..<5, using: &random))"), nextAttempt: now)
        }
        recipientCount += count
        perform(schedule.itemAdded(item, acceptedAt: now, recipients: recipients, at: now), at: now)
    }

    private mutating func perform(_ actions: [ScheduleAction<Int>], at now: Timestamp) {
        for action in actions {
            switch action {
            case .setTimer(let time):
                if time < now - .seconds(1) { problems.append("a timer in the past") }
                events.removeAll { if case .timer = $0.event { true } else { false } }
                events.append((max(time, now), .timer))
            case .expire(let item, let numbers):
                for number in numbers { finish(item, number, "expired", at: now) }
            case .warn(let item):
                if !warned.insert(item).inserted { problems.append("warned twice") }
                let age = now - (accepted[item] ?? now)
                if age < warn || age > warn + .seconds(60) { problems.append("warned after \(age)") }
            case .start(let attempt):
                if attempt.recipients.count > 7 { problems.append("too many recipients") }
                for number in attempt.recipients {
                    if !active.insert(Recipient(item: attempt.item, number: number)).inserted {
                        problems.append("tried twice at once")
                    }
                    if ends[Recipient(item: attempt.item, number: number)] != nil {
                        problems.append("tried after its end")
                    }
                }
                if schedule.activeCount > 8 { problems.append("too many attempts") }
                events.append((now + .seconds(Int64.random(in: 1...60, using: &random)), .ended(attempt)))
            }
        }
    }

    private mutating func end(_ attempt: ScheduledAttempt<Int>, at now: Timestamp) {
        // d0 is never there; d1 is away every second day; the others defer now and then.
        let name = attempt.destination.name
        let day = (now.seconds - start.seconds) / 86400
        let reached = name != "d0" && !(name == "d1" && day % 2 == 0)
        var deferred: [Int] = []
        for number in attempt.recipients {
            active.remove(Recipient(item: attempt.item, number: number))
            // One recipient of ten never gets through.
            let isHopeless = number % 10 == 9
            if !reached || isHopeless || Int.random(in: 0..<4, using: &random) == 0 {
                deferred.append(number)
            } else {
                finish(attempt.item, number, "delivered", at: now)
            }
        }
        let decisions = schedule.decisions(for: attempt.id, deferred: deferred, at: now, using: &random)
        if decisions.count != deferred.count { problems.append("a deferred recipient without a decision") }
        for (number, decision) in decisions {
            switch decision {
            case .retry(_, let time):
                if time > (accepted[attempt.item] ?? now) + expire { problems.append("a retry past the end") }
            case .expired: finish(attempt.item, number, "expired", at: now)
            }
        }
        let feedback: DestinationFeedback =
            reached
            ? (Int.random(in: 0..<10, using: &random) == 0 ? .strained : .answered)
            : (Bool.random(using: &random) ? .refused : .unreachable)
        perform(schedule.attemptEnded(attempt.id, decisions: decisions, feedback: feedback, at: now), at: now)
    }

    private mutating func finish(_ item: Int, _ number: Int, _ how: String, at now: Timestamp) {
        if ends.updateValue(how, forKey: Recipient(item: item, number: number)) != nil { problems.append("two ends") }
        if how == "delivered" { delivered += 1 } else { expired += 1 }
        let age = now - (accepted[item] ?? now)
        if how == "expired", age < expire { problems.append("expired early") }
        if age > expire + .seconds(2 * 3600) { problems.append("an end long after its time: \(age)") }
    }
}
