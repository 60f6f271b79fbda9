// SPDX-License-Identifier: Apache-2.0

/// When a process that failed may be started anew: at once after the first failure, then after 250 ms, doubled each
/// time up to 30 s. A success forgets all failures.
struct RestartBackOff: Equatable {
    private(set) var failures = 0

    mutating func succeeded() { failures = 0 }

    /// Notes a failure; returns how long to wait.
    mutating func failed() -> Duration {
        failures += 1
        guard failures > 1 else { return .zero }
        return min(.milliseconds(250 << min(failures - 2, 10)), .seconds(30))
    }
}
