// SPDX-License-Identifier: Apache-2.0

/// What the processes of a ``WorkerPool`` do, and how many there have been.
package struct WorkerFigures: Hashable, Sendable {
    /// Those that load their databases.
    package var starting = 0
    package var idle = 0
    package var busy = 0
    /// Scans that wait for a process.
    package var waiting = 0
    /// Processes that were started.
    package var starts: Int64 = 0
    /// Processes that died, hung, were unusable or could not be started.
    package var failures: Int64 = 0

    package init(starts: Int64 = 0, failures: Int64 = 0) {
        self.starts = starts
        self.failures = failures
    }

    /// Those of two databases together.
    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.starting += right.starting
        sum.idle += right.idle
        sum.busy += right.busy
        sum.waiting += right.waiting
        sum.starts += right.starts
        sum.failures += right.failures
        return sum
    }
}
