// SPDX-License-Identifier: Apache-2.0

/// The time of the machine's clock when it was made, and from then on what has passed: it goes on evenly where somebody
/// sets the clock. For how long something lasts, and when it is due; never for what is written down.
package struct SteadyTime: TimeSource {
    private let start: Timestamp
    /// Goes on while the machine sleeps, too.
    private let begun: ContinuousClock.Instant

    package init(_ start: Timestamp = SystemTime().now) {
        self.start = start
        begun = .now
    }

    package var now: Timestamp { start + (.now - begun) }
}
