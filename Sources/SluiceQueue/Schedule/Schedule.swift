// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Says which queued recipients are due, and groups them into transactions. A pure value over time that it is told.
///
/// *Fairness.* Destinations with something to do take turns, and within a destination its items do: an item of many
/// recipients gives way after each transaction to the other items of its destination, and a destination of many items
/// to the other destinations.
///
/// *Back-off.* A recipient that was deferred waits by ``Backoff``. A destination that could not be reached is left alone for half of
/// the first retry time, then tried by one attempt; when it answers, what waited because of it is due at once.
///
/// *Expiry.* At the end of an item's time each recipient is tried a last time, unless its destination is known to be
/// out of reach. Held recipients don't expire while they are held.
package struct Schedule<Item: Hashable & Sendable>: Sendable {
    package typealias Action = ScheduleAction<Item>
    package typealias Attempt = ScheduledAttempt<Item>

    private enum Phase: Hashable, Sendable {
        case ready
        case delayed(until: Timestamp)
        case active
        case held
    }

    private struct Recipient: Sendable {
        var destination: Destination
        var attempts: Int
        var phase: Phase

        func isDue(at now: Timestamp) -> Bool {
            switch phase {
            case .delayed(let until): until <= now
            case .ready, .active, .held: false
            }
        }
    }

    private struct Entry: Sendable {
        var expiry: Timestamp
        var isHeld: Bool
        var recipients: [Int: Recipient] = [:]
        /// Every destination that one of its recipients has or had.
        var destinations: Set<Destination> = []
    }

    private enum Event: Sendable {
        case due(Item, [Int])
        case expire(Item)
        case open(Destination)
    }

    private let backoff: Backoff
    private let limits: ScheduleLimits
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

    /// Attempts in progress.
    package var activeCount: Int { attempts.count }
    /// Items with recipients that wait, are held or are being tried.
    package var itemCount: Int { entries.count }

    /// When a recipient is due next; `nil` where it is ready, active, held or unknown.
    package func nextAttempt(of item: Item, recipient: Int) -> Timestamp? {
        guard case .delayed(let until) = entries[item]?.recipients[recipient]?.phase else { return nil }
        return until
    }

    // MARK: Events

    /// A new item, one taken up at start, or further recipients of an item that is known (a release from quarantine).
    package mutating func itemAdded(
        _ item: Item, acceptedAt: Timestamp, recipients: [ScheduledRecipient], isHeld: Bool = false, at now: Timestamp
    ) -> [Action] {
        var entry: Entry
        if let known = entries[item] {
            entry = known
        } else {
            entry = Entry(expiry: acceptedAt + backoff.expire, isHeld: isHeld)
            timers.add(.expire(item), at: max(entry.expiry, now))
        }
        var delayed: [Timestamp: [Int]] = [:]
        var ready: [Int] = []
        for recipient in recipients where entry.recipients[recipient.number] == nil {
            let phase: Phase
            if entry.isHeld {
                phase = .held
            } else if recipient.nextAttempt <= now {
                phase = .ready
                ready.append(recipient.number)
            } else {
                phase = .delayed(until: recipient.nextAttempt)
                delayed[recipient.nextAttempt, default: []].append(recipient.number)
            }
            entry.recipients[recipient.number] = Recipient(
                destination: recipient.destination, attempts: recipient.attempts, phase: phase)
            entry.destinations.insert(recipient.destination)
            recipientCount += 1
        }
        if entry.recipients.isEmpty { return [] }
        entries[item] = entry
        makeReady(item, ready)
        for (time, numbers) in delayed { timers.add(.due(item, numbers), at: time) }
        return proceed(at: now)
    }

    /// An attempt has ended. Recipients that are not among `deferred` are settled and leave the schedule.
    ///
    /// - Parameters:
    ///   - deferred: the numbers of recipients that are to be tried again.
    ///   - reached: whether the destination could be talked to.
    /// - Returns: what becomes of each deferred recipient (none for those that were removed meanwhile), and what to do.
    package mutating func attemptEnded(
        _ id: Int, deferred: [Int], reached: Bool, at now: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> (decisions: [Int: DeferralDecision], actions: [Action]) {
        guard let attempt = attempts.removeValue(forKey: id) else { return ([:], []) }
        lanes[attempt.destination]?.active -= 1
        noteDestination(attempt.destination, reached: reached, at: now)
        var decisions: [Int: DeferralDecision] = [:]
        let deferred = Set(deferred)
        let expiry = entries[attempt.item]?.expiry ?? now
        let isHeld = entries[attempt.item]?.isHeld ?? false
        // One time for all of the transaction, so that they are tried in one transaction again.
        var waiting: (time: Timestamp, numbers: [Int])?
        for number in attempt.recipients {
            guard let recipient = entries[attempt.item]?.recipients[number] else { continue }
            let count = recipient.attempts + 1
            entries[attempt.item]?.recipients[number]?.attempts = count
            if !deferred.contains(number) {
                remove(attempt.item, number)
            } else if isHeld {
                entries[attempt.item]?.recipients[number]?.phase = .held
                decisions[number] = .hold(attempts: count)
            } else if now >= expiry {
                remove(attempt.item, number)
                decisions[number] = .expired(attempts: count)
            } else {
                let wait = backoff.delay(afterAttempts: count, using: &generator)
                let due = waiting?.time ?? min(now + wait, expiry)
                waiting = (due, (waiting?.numbers ?? []) + [number])
                entries[attempt.item]?.recipients[number]?.phase = .delayed(until: due)
                decisions[number] = .retry(attempts: count, at: due)
            }
        }
        if let waiting {
            timers.add(.due(attempt.item, waiting.numbers), at: waiting.time)
            if !reached { lanes[attempt.destination]?.waiting.insert(attempt.item) }
        }
        dropIfIdle(attempt.destination)
        return (decisions, proceed(at: now))
    }

    /// The time that ``ScheduleAction/setTimer(_:)`` named has come.
    package mutating func timerFired(at now: Timestamp) -> [Action] {
        timerSet = nil
        var expired: [Action] = []
        while let event = timers.popDue(at: now) {
            switch event {
            case .due(let item, let numbers):
                makeReady(item, numbers.filter { entries[item]?.recipients[$0]?.isDue(at: now) == true })
            case .expire(let item): expired += expire(item, at: now)
            case .open(let destination):
                guard let closed = lanes[destination]?.closedUntil, closed <= now else { continue }
                open(destination)
            }
        }
        return expired + proceed(at: now)
    }

    /// A destination is known to be there again: what waits because of it is due now.
    package mutating func destinationAvailable(_ destination: Destination, at now: Timestamp) -> [Action] {
        noteDestination(destination, reached: true, at: now)
        return proceed(at: now)
    }

    /// An operator holds an item: nothing of it is tried until it is released. Attempts in progress come to their end.
    package mutating func hold(_ item: Item) {
        guard var entry = entries[item] else { return }
        entry.isHeld = true
        for (number, recipient) in entry.recipients where recipient.phase != .active {
            entry.recipients[number]?.phase = .held
        }
        entries[item] = entry
    }

    /// Ends a hold: all of the item is due now.
    package mutating func release(_ item: Item, at now: Timestamp) -> [Action] {
        guard entries[item]?.isHeld == true else { return [] }
        entries[item]?.isHeld = false
        if let expiry = entries[item]?.expiry, expiry <= now { timers.add(.expire(item), at: now) }
        makeReady(item, numbers(of: item) { $0 == .held })
        return proceed(at: now)
    }

    /// What waits is due now: of one item, or of all. Held items stay held.
    package mutating func flush(_ item: Item? = nil, at now: Timestamp) -> [Action] {
        for item in item.map({ [$0] }) ?? Array(entries.keys) {
            for recipient in (entries[item]?.recipients ?? [:]).values { open(recipient.destination) }
            makeReady(
                item,
                numbers(of: item) {
                    switch $0 {
                    case .delayed: true
                    case .ready, .active, .held: false
                    }
                })
        }
        return proceed(at: now)
    }

    /// Recipients are no longer to be delivered to; `nil` is all of the item. What is being tried is tried to its end.
    package mutating func removed(_ item: Item, recipients: [Int]? = nil) {
        for number in recipients ?? numbers(of: item, where: { _ in true }) { remove(item, number) }
    }

    /// Starts nothing more; attempts in progress may end.
    package mutating func stop() { isStopping = true }

    // MARK: Recipients

    private func numbers(of item: Item, where isWanted: (Phase) -> Bool) -> [Int] {
        (entries[item]?.recipients ?? [:]).filter { isWanted($0.value.phase) }.keys.sorted()
    }

    private mutating func makeReady(_ item: Item, _ numbers: [Int]) {
        var changed: Set<Destination> = []
        for number in numbers.sorted() {
            guard let destination = entries[item]?.recipients[number]?.destination else { continue }
            entries[item]?.recipients[number]?.phase = .ready
            lanes[destination, default: Lane()].add(item, number)
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
        guard let entry = entries[item], entry.expiry <= now, !entry.isHeld else { return [] }
        let over = entry.recipients.filter { _, recipient in
            switch recipient.phase {
            case .active: false
            case .ready: lanes[recipient.destination]?.isUnreachable == true
            case .delayed, .held: true
            }
        }.keys.sorted()
        for number in over { remove(item, number) }
        // Who is being tried, or about to be, gets this last attempt; it is looked at again, should none come about.
        if entries[item] != nil { timers.add(.expire(item), at: now + max(backoff.firstRetry, .seconds(1))) }
        return over.isEmpty ? [] : [.expire(item, recipients: over)]
    }

    // MARK: Destinations

    private mutating func noteDestination(_ destination: Destination, reached: Bool, at now: Timestamp) {
        guard lanes[destination] != nil else { return }
        lanes[destination]?.isUnreachable = !reached
        if !reached {
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
                switch recipient.phase {
                case .delayed: recipient.destination == destination
                case .ready, .active, .held: false
                }
            }
            makeReady(item, Array(delayed.keys))
        }
        enlist(destination)
    }

    private mutating func open(_ destination: Destination) {
        lanes[destination]?.closedUntil = nil
        enlist(destination)
    }

    private mutating func enlist(_ destination: Destination) {
        guard let lane = lanes[destination], !lane.isListed, lane.hasReady, lane.closedUntil == nil else { return }
        lanes[destination]?.isListed = true
        rotation.append(destination)
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
            let most = lane.isUnreachable ? 1 : limits.connectionsPerHost
            if lane.closedUntil == nil, lane.active < most, let attempt = nextAttempt(of: destination, &lane) {
                lane.active += 1
                attempts[attempt.id] = attempt
                actions.append(.start(attempt))
            }
            lanes[destination] = lane
            if lane.active < most { enlist(destination) }
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
        while let (item, numbers) = lane.next() {
            var taken: [Int] = []
            var place = 0
            while place < numbers.count, taken.count < limits.recipientsPerTransaction {
                let number = numbers[place]
                place += 1
                // Held, removed or listed twice meanwhile.
                guard entries[item]?.recipients[number]?.phase == .ready else { continue }
                entries[item]?.recipients[number]?.phase = .active
                taken.append(number)
            }
            lane.putBack(item, numbers[place...])
            if taken.isEmpty { continue }
            lastAttempt += 1
            return Attempt(id: lastAttempt, item: item, destination: destination, recipients: taken.sorted())
        }
        return nil
    }

    /// Drops timers that flushes and removals have made void.
    private mutating func rebuildTimers() {
        timers = TimerHeap()
        for (item, entry) in entries {
            timers.add(.expire(item), at: entry.expiry)
            var delayed: [Timestamp: [Int]] = [:]
            for (number, recipient) in entry.recipients {
                guard case .delayed(let until) = recipient.phase else { continue }
                delayed[until, default: []].append(number)
            }
            for (time, numbers) in delayed { timers.add(.due(item, numbers), at: time) }
        }
        for (destination, lane) in lanes {
            if let until = lane.closedUntil { timers.add(.open(destination), at: until) }
        }
    }
}
