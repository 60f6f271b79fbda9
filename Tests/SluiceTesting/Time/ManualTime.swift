// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import Synchronization

/// A clock that stands still until it is told to move.
package final class ManualTime: TimeSource {
    private let time: Mutex<Timestamp>

    package init(_ time: Timestamp = Timestamp(seconds: 1_790_000_000)) { self.time = Mutex(time) }

    package var now: Timestamp { time.withLock { $0 } }

    package func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
