// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// By which time it is decided what is too old to be kept. A pure value.
///
/// What is removed for its age can't be brought back, so a clock that was set forward is believed only when it has
/// stayed so for a day; one that was set back is believed at once, as that removes nothing.
struct RetentionTime: Sendable {
    /// What the clock was ahead of the steady time when it was last believed.
    private var believed: Duration?
    /// What it is ahead since it was set forward, and since when.
    private var doubted: (ahead: Duration, since: Timestamp)?

    static let doubtFor = Duration.seconds(86400)
    /// A clock that is only put right by so much was not set.
    private static let tolerance = Duration.seconds(60)

    /// The clock was set by that much since the last call, if it was.
    private(set) var jump: Duration?

    /// - Parameters:
    ///   - now: what the clock says.
    ///   - steady: time that goes on evenly (``SteadyTime``).
    mutating func time(_ now: Timestamp, steady: Timestamp) -> Timestamp {
        let ahead = now - steady
        guard let believed else {
            self.believed = ahead
            return now
        }
        let last = doubted?.ahead ?? believed
        jump = ahead - last > Self.tolerance || last - ahead > Self.tolerance ? ahead - last : nil
        if ahead <= believed + Self.tolerance {
            self.believed = ahead
            doubted = nil
            return now
        }
        if jump != nil { doubted = (ahead, steady) }
        guard let doubted, steady < doubted.since + Self.doubtFor else {
            self.believed = ahead
            self.doubted = nil
            return now
        }
        return steady + believed
    }
}
