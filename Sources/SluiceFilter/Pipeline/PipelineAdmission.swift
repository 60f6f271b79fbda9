// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Lets so many pipelines run at once; past that, and past a bounded wait, a message is not evaluated (`451`).
package final class PipelineAdmission: Sendable {
    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Bool, Never>
        var timer: Task<Void, Never>?
    }
    private struct State {
        var running = 0
        var nextNumber = 0
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let waitLimit: Int
    /// How long one may wait.
    package let wait: Duration

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

    /// Whether one that came now would run or wait.
    package var hasRoom: Bool { state.withLock { $0.running < limit || $0.waiting.count < waitLimit } }

    /// How many run, and how many wait.
    package var figures: (running: Int, waiting: Int) { state.withLock { ($0.running, $0.waiting.count) } }

    private enum Entry {
        case admitted
        case refused
        case waits(Int)
    }

    private func enter() async -> Bool {
        await withCheckedContinuation { continuation in
            let entry: Entry = state.withLock { state in
                if state.running < limit {
                    state.running += 1
                    return .admitted
                }
                guard state.waiting.count < waitLimit else { return .refused }
                state.nextNumber += 1
                state.waiting.append(Waiter(number: state.nextNumber, continuation: continuation))
                return .waits(state.nextNumber)
            }
            switch entry {
            case .admitted: continuation.resume(returning: true)
            case .refused: continuation.resume(returning: false)
            case .waits(let number): startTimer(number)
            }
        }
    }

    /// Ends the wait when its time is up. Not a child task: whoever is admitted before cancels it.
    private func startTimer(_ number: Int) {
        let timer = Task { [weak self, wait] in
            if (try? await Task.sleep(for: wait)) != nil { self?.giveUp(number) }  // cancelled: no longer needed
        }
        let isWaiting = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.number == number }) else { return false }
            state.waiting[index].timer = timer
            return true
        }
        if !isWaiting { timer.cancel() }
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
        next?.timer?.cancel()
        next?.continuation.resume(returning: true)
    }
}
