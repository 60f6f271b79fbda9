// SPDX-License-Identifier: Apache-2.0
import Metrics
import Synchronization

/// Values counted by fixed bounds.
final class HistogramCell: TimerHandler, RecorderHandler {
    private let bounds: [Double]
    private let state: Mutex<HistogramCounts>

    /// - Parameter bounds: ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(HistogramCounts(buckets: Array(repeating: 0, count: bounds.count)))
    }

    var counts: HistogramCounts { state.withLock { $0 } }

    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        // A dozen bounds: sooner looked through than halved.
        let place = bounds.firstIndex { value <= $0 }
        state.withLock { counts in
            if let place { counts.buckets[place] += 1 }
            counts.count += 1
            counts.sum += value
        }
    }
}

/// What a histogram has counted.
package struct HistogramCounts: Hashable, Sendable {
    /// Values up to each bound and above the one before; those above the last are only in ``count``.
    package var buckets: [Int64]
    package var count: Int64 = 0
    package var sum: Double = 0
}
