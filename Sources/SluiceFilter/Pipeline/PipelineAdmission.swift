// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Lets so many pipelines run at once; past that, and past a bounded wait, a message is not evaluated (`451`).
package final class PipelineAdmission: Sendable {
    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Bool, Never>
    }
    private struct State {
        var running = 0
        var nextNumber = 0
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let waitLimit: Int
    private let wait: Duration

    /// - Parameters:
    ///   - limit: how many may run at once.
    ///   - waitLimit: how many may wait; eight times the limit unless said otherwise.
    ///   - wait: how long one may wait.
    package init(limit: Int, waitLimit: Int? = nil, wait: Duration) {
        self.limit = max(1, limit)
        self.waitLimit = waitLimit ?? max(1, limit) * 8
        self.wait = wait
    }

    /// Runs the body when there is room.
    ///
    /// - Returns: `nil` where there was none in time.
    package func run<Value: Sendable>(_ body: @Sendable () async -> Value) async -> Value? {
        guard await enter() else { return nil }
        defer { leave() }
        return await body()
    }

    private func enter() async -> Bool {
        let isAdmitted: Bool? = state.withLock { state in
            if state.running < limit {
                state.running += 1
                return true
            }
            return state.waiting.count < waitLimit ? nil : false
        }
        if let isAdmitted { return isAdmitted }
        return await withCheckedContinuation { continuation in
            let number: Int? = state.withLock { state in
                if state.running < limit {
                    state.running += 1
                    return nil
                }
                state.nextNumber += 1
                state.waiting.append(Waiter(number: state.nextNumber, continuation: continuation))
                return state.nextNumber
            }
            guard let number else {
                continuation.resume(returning: true)
                return
            }
            // Not a child task: it outlives nothing but its own sleep, and whoever is admitted before needs it no more.
            Task { [weak self, wait] in
                if (try? await Task.sleep(for: wait)) != nil { self?.giveUp(number) }
            }
        }
    }

    private func giveUp(_ number: Int) {
        let waiter: Waiter? = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    private func leave() {
        let next: Waiter? = state.withLock { state in
            if state.waiting.isEmpty {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }
}
