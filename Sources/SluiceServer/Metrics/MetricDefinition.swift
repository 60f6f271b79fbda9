// SPDX-License-Identifier: Apache-2.0

/// One metric: its name, what it is, and what tells its series apart.
package struct MetricDefinition: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// As Prometheus has it: the base unit at the end, and `_total` for what only grows.
    package let name: String
    package let kind: Kind
    /// What it counts or measures, in one sentence.
    package let help: String
    /// The names of its labels, in the order in which their values are written.
    package let labels: [String]
    /// The upper bounds of a histogram's buckets, ascending, without the infinite one.
    package let buckets: [Double]

    static func counter(_ name: String, by labels: [String] = [], _ help: String) -> Self {
        Self(name: name, kind: .counter, help: help, labels: labels, buckets: [])
    }

    static func gauge(_ name: String, by labels: [String] = [], _ help: String) -> Self {
        Self(name: name, kind: .gauge, help: help, labels: labels, buckets: [])
    }

    static func histogram(
        _ name: String, by labels: [String] = [], buckets: [Double], _ help: String
    ) -> Self {
        Self(name: name, kind: .histogram, help: help, labels: labels, buckets: buckets)
    }
}
