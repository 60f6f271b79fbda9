// SPDX-License-Identifier: Apache-2.0
import Metrics

/// What is counted of logins.
enum LoginMetrics {
    enum Outcome: String, CaseIterable {
        case accepted, refused
        case lockedOut = "locked_out"
    }

    private static let counters = Dictionary(
        uniqueKeysWithValues: Outcome.allCases.map {
            ($0, Counter(label: "sluice_logins_total", dimensions: [("outcome", $0.rawValue)]))
        })

    static func count(_ outcome: Outcome) { counters[outcome]?.increment() }
}
