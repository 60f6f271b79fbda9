// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What client and next hop of a transfer have counted.
final class TransferProgress: Sendable {
    struct Report: Encodable {
        var acknowledged: Int
        var arrived: Int
        /// Why the first that was not acknowledged was not.
        var failure: String?
        /// Messages a second until the last had arrived, and until the last was acknowledged.
        var rate: Double
        var acknowledgedRate: Double
        /// Milliseconds from the final dot to its reply, and of the whole session from connecting on.
        var p50: Double
        var p99: Double
        var session50: Double
    }

    private struct State {
        var next = 0
        var finals: [Duration] = []
        var sessions: [Duration] = []
        var failures = 0
        var failure: String?
        var arrived = 0
        var lastArrival = ContinuousClock.now
        var lastAcknowledged = ContinuousClock.now
    }

    private let total: Int
    private let state = Mutex(State())

    init(total: Int) { self.total = total }

    /// The number of the next message; `nil` when all are under way.
    func take() -> Int? {
        state.withLock { state in
            guard state.next < total else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func acknowledged(final: Duration, session: Duration) {
        state.withLock {
            $0.finals.append(final)
            $0.sessions.append(session)
            $0.lastAcknowledged = .now
        }
    }

    func failed(_ reason: String) {
        state.withLock {
            $0.failures += 1
            $0.failure = $0.failure ?? reason
        }
    }

    func hasArrived() {
        state.withLock {
            $0.arrived += 1
            $0.lastArrival = .now
        }
    }

    var arrived: Int { state.withLock { $0.arrived } }

    var isComplete: Bool {
        state.withLock { $0.finals.count + $0.failures >= total && $0.arrived >= total - $0.failures }
    }

    func report(since started: ContinuousClock.Instant) -> Report {
        state.withLock { state in
            Report(
                acknowledged: state.finals.count, arrived: state.arrived, failure: state.failure,
                rate: Double(state.arrived) / ((state.lastArrival - started) / .seconds(1)),
                acknowledgedRate: Double(state.finals.count) / ((state.lastAcknowledged - started) / .seconds(1)),
                p50: state.finals.percentile(0.5).milliseconds, p99: state.finals.percentile(0.99).milliseconds,
                session50: state.sessions.percentile(0.5).milliseconds)
        }
    }
}
