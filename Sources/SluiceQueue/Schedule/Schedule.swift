// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Says which queued recipients are due, and groups them into transactions. A pure value over time that it is told.
///
/// *Fairness.* Destinations with something to do take turns, and within a destination its items do: an item of many
/// recipients gives way after each transaction to the other items of its destination, and a destination of many items
/// to the other destinations. One item has at most four fifths of a destination's attempts and half of all.
///
/// *Concurrency.* How many attempts are in progress towards one destination grows with its successes and shrinks with
/// its failures (``DestinationConcurrency``).
///
/// *Back-off.* A recipient that was deferred waits by ``Backoff``. A destination that could not be reached is left alone for half of
/// the first retry time, then tried by one attempt; when it answers, what waited because of it is due at once.
///
/// *Expiry.* At the end of an item's time each recipient is tried a last time, unless its destination is known to be
/// out of reach.
package struct Schedule<Item: Hashable & Sendable>: Sendable {
    package typealias Action = ScheduleAction<Item>
    package typealias Attempt = ScheduledAttempt<Item>

    private enum Phase: Hashable, Sendable {
        case ready
        case delayed(until: Timestamp)
        case active
        /// In an attempt that was under way when the recipient was withdrawn.
        case withdrawn
    }

    private struct Recipient: Sendable {
        var destination: Destination
        var attempts: Int
        var phase: Phase

        /// When it is due, where it waits.
        var delayedUntil: Timestamp? {
            switch phase {
            case .delayed(let until): until
            case .ready, .active, .withdrawn: nil
            }
        }

        var isDelayed: Bool { delayedUntil != nil }
    }

    private struct Entry: Sendable {
        var expiry: Timestamp
        /// When its sender is to be told of the delay, if that is still to come.
        var warning: Timestamp?
        var recipients: [Int: Recipient] = [:]
        /// Attempts in progress.
        var active = 0
        /// Destinations where it would have another attempt, had it not too many.
        var held: Set<Destination> = []
        /// Every destination that one of its recipients has or had.
        var destinations: Set<Destination> = []
    }

    private enum Event: Sendable {
        case due(Item, [Int])
        case expire(Item)
        case warn(Item)
        case open(Destination)
    }

    private var backoff: Backoff
    private var limits: ScheduleLimits
    private var entries: [Item: Entry] = [:]
    private var lanes: [Destination: Lane<Item>] = [:]
    /// Destinations that may have an attempt to start.
    private var rotation = FIFO<Destination>()
    private var attempts: [Int: Attempt] = [:]
    private var lastAttempt = 0
    private var timers = TimerHeap<Event>()
    private var timerSet: Timestamp?
    private var recipientCount = 0
    private var isStopping = false

    package init(backoff: Backoff = Backoff(), limits: ScheduleLimits = ScheduleLimits()) {
        self.backoff = backoff
        self.limits = limits
    }

    /// Takes other settings, for what is decided from now on; an item keeps the time at which it expires.
    package mutating func replace(backoff: Backoff, limits: ScheduleLimits) {
        self.backoff = backoff
        self.limits = limits
    }

    /// Attempts in progress.
    package var activeCount: Int { attempts.count }
    /// Items with recipients that wait or are being tried.
    package var itemCount: Int { entries.count }

    /// Timers that wait, those among them that were made void.
    package var timerCount: Int { timers.count }

    /// When a recipient is due next; `nil` where it is ready, being tried or unknown.
    package func nextAttempt(of item: Item, recipient: Int) -> Timestamp? {
        entries[item]?.recipients[recipient]?.delayedUntil
    }

    // MARK: Events

    /// Recipients are to be delivered to: those of a new item, of one taken up at start, or of one that an operator
    /// released. What is known already is due at the earlier of both times.
    package mutating func itemAdded(
        _ item: Item, acceptedAt: Timestamp, recipients: [ScheduledRecipient], at now: Timestamp
    ) -> [Action] {
        if recipients.isEmpty { return [] }
        if entries[item] == nil {
            let expiry = acceptedAt + backoff.expire
            entries[item] = Entry(expiry: expiry)
            timers.add(.expire(item), at: expiry)
            if backoff.warn > .zero, backoff.warn < backoff.expire {
                let warning = acceptedAt + backoff.warn
                entries[item]?.warning = warning
                timers.add(.warn(item), at: warning)
            }
        }
        var delayed: [Timestamp: [Int]] = [:]
        var ready: [Int] = []
        for recipient in recipients {
            let number = recipient.number
            switch entries[item]?.recipients[number]?.phase {
            case .active, .ready: continue
            case .withdrawn:
                entries[item]?.recipients[number]?.phase = .active
                continue
            case .delayed(let until):
                if until <= recipient.nextAttempt { continue }
            case nil:
                recipientCount += 1
                entries[item]?.destinations.insert(recipient.destination)
                entries[item]?.recipients[number] = Recipient(
                    destination: recipient.destination, attempts: recipient.attempts, phase: .ready)
            }
            if recipient.nextAttempt <= now {
                ready.append(number)
            } else {
                entries[item]?.recipients[number]?.phase = .delayed(until: recipient.nextAttempt)
                delayed[recipient.nextAttempt, default: []].append(number)
            }
        }
        makeReady(item, ready)
        for (time, numbers) in delayed { timers.add(.due(item, numbers), at: time) }
        return proceed(at: now)
    }

    /// What is to become of recipients that an attempt deferred: to be recorded, then told to
    /// ``attemptEnded(_:decisions:feedback:at:)``. There is none for those that were withdrawn meanwhile.
    package func decisions(
        for id: Int, deferred: [Int], at now: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> [Int: DeferralDecision] {
        guard let attempt = attempts[id], let entry = entries[attempt.item] else { return [:] }
        let deferred = Set(deferred)
        var decisions: [Int: DeferralDecision] = [:]
        // One time for all of the transaction, so that they are tried in one transaction again.
        var due: Timestamp?
        for number in attempt.recipients where deferred.contains(number) {
            guard let recipient = entry.recipients[number], recipient.phase == .active else { continue }
            let count = recipient.attempts + 1
            if now >= entry.expiry {
                decisions[number] = .expired(attempts: count)
            } else {
                let time = due ?? min(now + backoff.delay(afterAttempts: count, using: &generator), entry.expiry)
                due = time
                decisions[number] = .retry(attempts: count, at: time)
            }
        }
        return decisions
    }

    /// An attempt has ended, and what came of it is recorded. Its recipients leave the schedule, but for those that are
    /// to be tried again.
    ///
    /// - Parameter feedback: what it says of the destination; `nil` where that was not tried.
    package mutating func attemptEnded(
        _ id: Int, decisions: [Int: DeferralDecision], feedback: DestinationFeedback?, at now: Timestamp
    ) -> [Action] {
        guard let attempt = attempts.removeValue(forKey: id) else { return [] }
        lanes[attempt.destination]?.ended(attempt.item)
        release(attempt.item)
        if let feedback { note(feedback, of: attempt, at: now) }
        var waiting: [Timestamp: [Int]] = [:]
        for number in attempt.recipients {
            guard entries[attempt.item]?.recipients[number]?.phase == .active,
                case .retry(let count, let due) = decisions[number]
            else {
                remove(attempt.item, number)
                continue
            }
            entries[attempt.item]?.recipients[number]?.attempts = count
            entries[attempt.item]?.recipients[number]?.phase = .delayed(until: due)
            waiting[due, default: []].append(number)
        }
        for (due, numbers) in waiting { timers.add(.due(attempt.item, numbers), at: due) }
        if !waiting.isEmpty, feedback == .unreachable || feedback == .refused {
            lanes[attempt.destination]?.waiting.insert(attempt.item)
        }
        enlist(attempt.destination)
        dropIfIdle(attempt.destination)
        return proceed(at: now)
    }

    /// The time that ``ScheduleAction/setTimer(_:)`` named has come.
    package mutating func timerFired(at now: Timestamp) -> [Action] {
        timerSet = nil
        var expiring: [Item] = []
        var warnings: [Action] = []
        while let event = timers.popDue(at: now) {
            switch event {
            case .due(let item, let numbers):
                makeReady(item, numbers.filter { isDue(item, $0, at: now) })
            case .expire(let item): expiring.append(item)
            case .warn(let item):
                guard let warning = entries[item]?.warning, warning <= now else { continue }
                entries[item]?.warning = nil
                warnings.append(.warn(item))
            case .open(let destination):
                guard let closed = lanes[destination]?.closedUntil, closed <= now else { continue }
                open(destination)
            }
        }
        // After what is due at the same time, which gets its last attempt.
        let expired = expiring.flatMap { expire($0, at: now) }
        return warnings + expired + proceed(at: now)
    }

    /// What waits is due now: of one item, or of all.
    package mutating func flush(_ item: Item? = nil, at now: Timestamp) -> [Action] {
        for item in item.map({ [$0] }) ?? Array(entries.keys) {
            let recipients = entries[item]?.recipients ?? [:]
            for recipient in recipients.values { open(recipient.destination) }
            makeReady(item, Array(recipients.filter { $0.value.isDelayed }.keys))
        }
        return proceed(at: now)
    }

    /// Recipients are not to be delivered to any more: held or removed by an operator. What is being tried is tried to
    /// its end, but not again.
    package mutating func withdrawn(_ item: Item, recipients: [Int]) {
        for number in recipients {
            switch entries[item]?.recipients[number]?.phase {
            case .active: entries[item]?.recipients[number]?.phase = .withdrawn
            case .ready, .delayed: remove(item, number)
            case .withdrawn, nil: continue
            }
        }
    }

    /// Starts nothing more; attempts in progress may end.
    package mutating func stop() { isStopping = true }

    // MARK: Recipients

    private func isDue(_ item: Item, _ number: Int, at now: Timestamp) -> Bool {
        guard let until = nextAttempt(of: item, recipient: number) else { return false }
        return until <= now
    }

    private mutating func makeReady(_ item: Item, _ numbers: [Int]) {
        var changed: Set<Destination> = []
        for number in numbers.sorted() {
            guard let destination = entries[item]?.recipients[number]?.destination else { continue }
            entries[item]?.recipients[number]?.phase = .ready
            lanes[destination, default: Lane(limit: limits.connections(to: destination))].add(item, number)
            changed.insert(destination)
        }
        for destination in changed { enlist(destination) }
    }

    private mutating func remove(_ item: Item, _ number: Int) {
        guard entries[item]?.recipients.removeValue(forKey: number) != nil else { return }
        recipientCount -= 1
        guard entries[item]?.recipients.isEmpty == true, let entry = entries.removeValue(forKey: item) else { return }
        for destination in entry.destinations {
            lanes[destination]?.forget(item)
            dropIfIdle(destination)
        }
    }

    private mutating func expire(_ item: Item, at now: Timestamp) -> [Action] {
        guard let entry = entries[item], entry.expiry <= now else { return [] }
        let over = entry.recipients.filter { _, recipient in
            switch recipient.phase {
            case .active, .withdrawn: false
            case .ready: lanes[recipient.destination]?.isUnreachable == true
            case .delayed: true
            }
        }.keys.sorted()
        for number in over { remove(item, number) }
        // Who is being tried, or about to be, gets this last attempt; it is looked at again, should none come about.
        if entries[item] != nil { timers.add(.expire(item), at: now + max(backoff.firstRetry, .seconds(1))) }
        return over.isEmpty ? [] : [.expire(item, recipients: over)]
    }

    // MARK: Destinations

    private mutating func note(_ feedback: DestinationFeedback, of attempt: Attempt, at now: Timestamp) {
        let destination = attempt.destination
        guard lanes[destination] != nil else { return }
        lanes[destination]?.note(feedback, of: attempt.id, last: lastAttempt)
        if feedback == .unreachable || feedback == .refused {
            guard lanes[destination]?.isUnreachable == true else { return }
            let until = now + backoff.firstRetry / 2
            lanes[destination]?.closedUntil = until
            timers.add(.open(destination), at: until)
            return
        }
        lanes[destination]?.closedUntil = nil
        let waiting = lanes[destination]?.waiting ?? []
        lanes[destination]?.waiting = []
        for item in waiting {
            let delayed = (entries[item]?.recipients ?? [:]).filter { _, recipient in
                recipient.isDelayed && recipient.destination == destination
            }
            makeReady(item, Array(delayed.keys))
        }
        enlist(destination)
    }

    private mutating func open(_ destination: Destination) {
        lanes[destination]?.closedUntil = nil
        enlist(destination)
    }

    /// - Returns: whether it was not in the rotation and now is.
    @discardableResult
    private mutating func enlist(_ destination: Destination) -> Bool {
        guard let lane = lanes[destination], !lane.isListed, lane.hasReady, lane.closedUntil == nil else {
            return false
        }
        lanes[destination]?.isListed = true
        rotation.append(destination)
        return true
    }

    /// An item has one attempt less: one of the destinations that it was held from comes back into the rotation; all of
    /// them where none of its attempts is left to bring back another.
    private mutating func release(_ item: Item) {
        entries[item]?.active -= 1
        let isLast = entries[item]?.active == 0
        while let held = entries[item]?.held.popFirst() {
            if enlist(held), !isLast { return }
        }
    }

    private mutating func dropIfIdle(_ destination: Destination) {
        if lanes[destination]?.isIdle == true { lanes[destination] = nil }
    }

    // MARK: Starting

    /// Starts what may be started and says when to look again.
    private mutating func proceed(at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        while !isStopping, attempts.count < limits.connections, let destination = rotation.popFirst() {
            // Taken out while it is changed, so that changing it in place copies nothing.
            guard var lane = lanes.removeValue(forKey: destination) else { continue }
            lane.isListed = false
            var hasStarted = false
            if lane.closedUntil == nil, lane.active < lane.most, let attempt = nextAttempt(of: destination, &lane) {
                hasStarted = true
                attempts[attempt.id] = attempt
                actions.append(.start(attempt))
            }
            lanes[destination] = lane
            if hasStarted, lane.active < lane.most { enlist(destination) }
            dropIfIdle(destination)
        }
        if timers.count > 1024 + 4 * (recipientCount + entries.count + lanes.count) { rebuildTimers() }
        if let earliest = timers.earliest, timerSet.map({ earliest < $0 }) ?? true {
            timerSet = earliest
            actions.append(.setTimer(earliest))
        }
        return actions
    }

    /// The next transaction of a destination: some recipients of the item whose turn it is.
    private mutating func nextAttempt(of destination: Destination, _ lane: inout Lane<Item>) -> Attempt? {
        // Rounded up, so that it is never nothing.
        let share = (limits.connections + 1) / 2
        while let (item, numbers) = lane.next(isFull: { (entries[$0]?.active ?? 0) >= share }) {
            var taken: [Int] = []
            var place = 0
            while place < numbers.count, taken.count < limits.recipientsPerTransaction {
                let number = numbers[place]
                place += 1
                // Withdrawn or listed twice meanwhile.
                guard entries[item]?.recipients[number]?.phase == .ready else { continue }
                entries[item]?.recipients[number]?.phase = .active
                taken.append(number)
            }
            lane.putBack(item, numbers[place...])
            if taken.isEmpty { continue }
            lastAttempt += 1
            lane.started(item)
            entries[item]?.active += 1
            return Attempt(id: lastAttempt, item: item, destination: destination, recipients: taken.sorted())
        }
        for item in lane.readyItems where (entries[item]?.active ?? 0) >= share {
            entries[item]?.held.insert(destination)
        }
        return nil
    }

    /// Drops timers that flushes and removals have made void.
    private mutating func rebuildTimers() {
        timers = TimerHeap()
        for (item, entry) in entries {
            timers.add(.expire(item), at: entry.expiry)
            if let warning = entry.warning { timers.add(.warn(item), at: warning) }
            var delayed: [Timestamp: [Int]] = [:]
            for (number, recipient) in entry.recipients {
                guard let until = recipient.delayedUntil else { continue }
                delayed[until, default: []].append(number)
            }
            for (time, numbers) in delayed { timers.add(.due(item, numbers), at: time) }
        }
        for (destination, lane) in lanes {
            if let until = lane.closedUntil { timers.add(.open(destination), at: until) }
        }
    }
}
