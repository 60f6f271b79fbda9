// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What the schedule knows of one destination.
struct Lane<Item: Hashable & Sendable>: Sendable {
    /// Items with ready recipients, in the order of their turns. May hold items that are done with.
    private var turns = FIFO<Item>()
    private var ready: [Item: [Int]] = [:]
    /// Attempts in progress, and those of each item.
    private(set) var active = 0
    private var activeItems: [Item: Int] = [:]
    /// How many may be in progress.
    private var concurrency: DestinationConcurrency
    private let limit: Int
    /// The last attempt that had begun when the destination answered, or failed, for the last time.
    private var answered = 0
    private var shrunk = 0
    /// Sessions that it has refused since it answered.
    private var refusals = 0
    /// Whether the last attempt could not talk to it.
    private(set) var isUnreachable = false
    /// Until when nothing is tried.
    var closedUntil: Timestamp?
    /// Items that wait because it could not be reached.
    var waiting: Set<Item> = []
    /// Whether it stands in the schedule's rotation.
    var isListed = false

    init(limit: Int) {
        self.limit = limit
        concurrency = DestinationConcurrency(limit: limit)
    }

    var hasReady: Bool { !ready.isEmpty }
    var isIdle: Bool { ready.isEmpty && active == 0 && waiting.isEmpty }
    /// The most attempts at once, now.
    var most: Int { isUnreachable ? 1 : concurrency.most }

    mutating func add(_ item: Item, _ number: Int) {
        if ready[item] == nil { turns.append(item) }
        ready[item, default: []].append(number)
    }

    /// The next item that may have another attempt, and its ready recipients; both leave the lane.
    ///
    /// One item is given four fifths of the attempts at most, so that a single message finds one free.
    ///
    /// - Parameter isFull: whether an item has as many attempts as it may have at all destinations together.
    mutating func next(isFull: (Item) -> Bool) -> (item: Item, numbers: [Int])? {
        let share = most - most / 5
        for _ in 0..<turns.count {
            guard let item = turns.popFirst() else { return nil }
            guard ready[item] != nil else { continue }
            if activeItems[item, default: 0] < share, !isFull(item), let numbers = ready.removeValue(forKey: item) {
                return (item, numbers)
            }
            turns.append(item)
        }
        return nil
    }

    /// Items with ready recipients.
    var readyItems: Dictionary<Item, [Int]>.Keys { ready.keys }

    /// Puts recipients back, for the item's next turn.
    mutating func putBack(_ item: Item, _ numbers: ArraySlice<Int>) {
        if numbers.isEmpty { return }
        if ready[item] == nil { turns.append(item) }
        ready[item, default: []].append(contentsOf: numbers)
    }

    mutating func forget(_ item: Item) {
        ready[item] = nil
        waiting.remove(item)
    }

    mutating func started(_ item: Item) {
        active += 1
        activeItems[item, default: 0] += 1
    }

    mutating func ended(_ item: Item) {
        active -= 1
        let left = activeItems[item, default: 1] - 1
        activeItems[item] = left > 0 ? left : nil
    }

    /// Notes what an attempt that has ended says of the destination.
    ///
    /// - Parameters:
    ///   - id: the attempt's.
    ///   - last: the attempt that was begun last, at whatever destination.
    mutating func note(_ feedback: DestinationFeedback, of id: Int, last: Int) {
        switch feedback {
        case .answered:
            if isUnreachable { concurrency = DestinationConcurrency(limit: limit) }
            isUnreachable = false
            concurrency.succeeded(wasFull: active + 1 >= concurrency.most)
            answered = last
            refusals = 0
        case .strained:
            isUnreachable = false
            shrink(id, last)
        case .refused:
            // While others are in progress it has enough of us; where it goes on and on it does not want us at all.
            refusals += 1
            isUnreachable = id > answered && (active == 0 || refusals > DestinationConcurrency.initial)
            shrink(id, last)
        case .unreachable:
            // Where it has answered since this attempt began it is there.
            isUnreachable = id > answered
            shrink(id, last)
        }
    }

    /// Once for all attempts that were in progress together.
    private mutating func shrink(_ id: Int, _ last: Int) {
        guard id > shrunk else { return }
        concurrency.failed()
        shrunk = last
    }
}
