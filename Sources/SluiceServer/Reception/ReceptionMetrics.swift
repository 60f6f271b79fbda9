// SPDX-License-Identifier: Apache-2.0
import Metrics
import SluiceCore
import Synchronization

/// What reception counts: messages by listener and disposition. The handles of a listener are made once.
final class ReceptionMetrics: Sendable {
    private let unrecordedRefusals = Counter(label: "sluice_refusals_unrecorded_total")
    private let listeners = Mutex<[String: [Disposition: Counter]]>([:])

    func countUnrecordedRefusal() { unrecordedRefusals.increment() }

    func count(_ disposition: Disposition, at listener: String) {
        let counter = listeners.withLock { listeners in
            if let counters = listeners[listener] { return counters[disposition] }
            let counters = Self.counters(of: listener)
            listeners[listener] = counters
            return counters[disposition]
        }
        counter?.increment()
    }

    private static func counters(of listener: String) -> [Disposition: Counter] {
        Dictionary(
            uniqueKeysWithValues: Disposition.allCases.map { disposition in
                (
                    disposition,
                    Counter(
                        label: "sluice_messages_total",
                        dimensions: [("listener", listener), ("disposition", disposition.rawValue)])
                )
            })
    }
}
