// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Events by their time, the earliest first; those of the same time in the order in which they were added.
struct TimerHeap<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Timestamp
        var sequence: UInt64
        var event: Event

        func isBefore(_ other: Entry) -> Bool {
            time == other.time ? sequence < other.sequence : time < other.time
        }
    }

    private var entries: [Entry] = []
    private var sequence: UInt64 = 0

    var count: Int { entries.count }
    var earliest: Timestamp? { entries.first?.time }

    mutating func add(_ event: Event, at time: Timestamp) {
        sequence += 1
        entries.append(Entry(time: time, sequence: sequence, event: event))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest event, if its time has come.
    mutating func popDue(at now: Timestamp) -> Event? {
        guard let first = entries.first, first.time <= now else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return first.event }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].isBefore(entries[least]) { least = child }
            }
            guard least != parent else { return first.event }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
