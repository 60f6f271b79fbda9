// SPDX-License-Identifier: Apache-2.0

/// How many events may happen in a time: `600/1h`.
package struct Rate: Hashable, Sendable, CustomStringConvertible {
    /// At least 1.
    package var count: Int
    /// More than zero.
    package var period: Duration

    package init(count: Int, period: Duration) {
        self.count = max(1, count)
        self.period = max(period, .milliseconds(1))
    }

    package var description: String { "\(count)/\(period.written)" }
}
