// SPDX-License-Identifier: Apache-2.0
import Metrics
import Synchronization

/// The last value that was set.
final class GaugeCell: RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
}
