// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What the schedule knows of one destination.
struct Lane<Item: Hashable & Sendable>: Sendable {
    /// Items with ready recipients, in the order of their turns. May hold items that are done with.
    private var turns = FIFO<Item>()
    private var ready: [Item: [Int]] = [:]
    /// Attempts in progress.
    var active = 0
    /// Whether the last attempt could not talk to it.
    var isUnreachable = false
    /// Until when nothing is tried.
    var closedUntil: Timestamp?
    /// Items that wait because it could not be reached.
    var waiting: Set<Item> = []
    /// Whether it stands in the schedule's rotation.
    var isListed = false

    var hasReady: Bool { !ready.isEmpty }
    var isIdle: Bool { ready.isEmpty && active == 0 && waiting.isEmpty }

    mutating func add(_ item: Item, _ number: Int) {
        if ready[item] == nil { turns.append(item) }
        ready[item, default: []].append(number)
    }

    /// The item whose turn it is, and its ready recipients; both leave the lane.
    mutating func next() -> (item: Item, numbers: [Int])? {
        while let item = turns.popFirst() {
            if let numbers = ready.removeValue(forKey: item) { return (item, numbers) }
        }
        return nil
    }

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
}
