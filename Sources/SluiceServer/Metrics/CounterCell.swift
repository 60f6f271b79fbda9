// SPDX-License-Identifier: Apache-2.0
import Metrics
import Synchronization

/// A number that only grows.
final class CounterCell: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) {
        // Prometheus takes a counter that goes back for a restart.
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// A counter that is set back would be taken for a restart: it stays.
    func reset() {}
}
