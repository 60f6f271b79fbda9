// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// When to try again, and when to give up (RFC 5321 §4.5.4.1).
package struct Backoff: Hashable, Sendable {
    /// The wait after the first failure; it doubles with each further one,
    package var firstRetry: Duration
    /// up to this.
    package var maxRetry: Duration
    /// How long after its acceptance a message is given up.
    package var expire: Duration
    /// How long after its acceptance the sender of a message that still waits is told; zero: never.
    package var warn: Duration

    package init(
        firstRetry: Duration = .seconds(300), maxRetry: Duration = .seconds(4 * 3600),
        expire: Duration = .seconds(5 * 86400), warn: Duration = .zero
    ) {
        self.firstRetry = firstRetry
        self.maxRetry = maxRetry
        self.expire = expire
        self.warn = warn
    }

    /// The wait after so many attempts: between four fifths of the doubled time and all of it, so that what failed
    /// together does not come back together.
    package func delay(afterAttempts attempts: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let most = max(0, maxRetry.wholeMilliseconds)
        var full = min(max(0, firstRetry.wholeMilliseconds), most)
        var step = 1
        while step < attempts, full < most {
            full = min(full * 2, most)
            step += 1
        }
        return .milliseconds(full - Int64.random(in: 0...(full / 5), using: &generator))
    }
}
