// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What a simulation did and met, by name; shared by the lives that run side by side.
final class SimulationCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func add(_ name: String, _ count: Int = 1) {
        counts.withLock { $0[name, default: 0] += count }
    }

    func add(_ others: [String: Int]) {
        counts.withLock { $0.merge(others, uniquingKeysWith: +) }
    }

    subscript(name: String) -> Int { counts.withLock { $0[name, default: 0] } }

    /// A line for each, in order.
    var lines: String {
        counts.withLock { counts in
            counts.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }.joined(separator: "\n")
        }
    }
}
