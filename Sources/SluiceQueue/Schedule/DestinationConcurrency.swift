// SPDX-License-Identifier: Apache-2.0

/// How many attempts at once a destination is given.
///
/// It begins with ``initial``, grows by one with each success until the first failure, and after that by one with as
/// many successes as there are attempts at once; a failure halves it. It grows only where it was made use of.
package struct DestinationConcurrency: Hashable, Sendable {
    package static let initial = 5

    /// The most attempts at once, now.
    package private(set) var most: Int
    private let limit: Int
    private var successes = 0
    private var hasFailed = false

    /// - Parameter limit: what it never grows past.
    package init(limit: Int) {
        self.limit = max(1, limit)
        most = min(Self.initial, self.limit)
    }

    /// - Parameter wasFull: whether as many attempts were in progress as might be.
    package mutating func succeeded(wasFull: Bool) {
        guard wasFull, most < limit else { return }
        successes += 1
        if hasFailed, successes < most { return }
        most += 1
        successes = 0
    }

    package mutating func failed() {
        hasFailed = true
        successes = 0
        most = max(1, most / 2)
    }
}
