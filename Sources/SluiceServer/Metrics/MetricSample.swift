// SPDX-License-Identifier: Apache-2.0

/// One series at one moment.
package struct MetricSample: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case number(Double)
        case histogram(HistogramCounts)
    }

    package var name: String
    /// The values of the labels, in the order of the definition's.
    package var labels: [String]
    package var value: Value

    package init(_ name: String, by labels: [String] = [], _ value: Value) {
        self.name = name
        self.labels = labels
        self.value = value
    }

    package init(_ name: String, by labels: [String] = [], _ value: Double) {
        self.init(name, by: labels, .number(value))
    }

    package init(_ name: String, by labels: [String] = [], _ value: some BinaryInteger) {
        self.init(name, by: labels, .number(Double(value)))
    }

    /// The number; of a histogram how many values there were.
    package var number: Double {
        switch value {
        case .number(let number): number
        case .histogram(let counts): Double(counts.count)
        }
    }
}
