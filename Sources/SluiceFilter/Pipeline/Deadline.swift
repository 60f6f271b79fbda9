// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What came of work that had a time limit.
enum DeadlineOutcome<Value: Sendable>: Sendable {
    case finished(Value)
    case failed(any Error)
    case timedOut
}

/// Runs work, but waits for it no longer than the limit.
///
/// A call in C can't be interrupted and a stage may ignore cancellation, so the work can't be a child task: the caller
/// would have to wait for its end. It is cancelled, left to itself, and its late answer is dropped.
///
/// The work begins on the caller's thread and holds the caller until it first waits: what may take long belongs on the
/// pool of processor threads or in a process of its own.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async -> DeadlineOutcome<Value> {
    guard limit > .zero else { return .timedOut }
    let race = DeadlineRace<Value>()
    // It begins on this thread: work that never waits for anything needs neither another one nor a timer.
    let worker = Task.immediate {
        do { race.settle(.finished(try await work())) } catch { race.settle(.failed(error)) }
    }
    if let outcome = race.takeSettled() { return outcome }
    let timer = Task {
        // Cancelled when the work has finished: then nothing is left to settle.
        if (try? await Task.sleep(for: limit)) != nil { race.settle(.timedOut) }
    }
    let outcome = await withTaskCancellationHandler {
        await race.outcome
    } onCancel: {
        race.settle(.failed(CancellationError()))
    }
    timer.cancel()
    worker.cancel()
    return outcome
}

/// The first who settles it wins.
private final class DeadlineRace<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<DeadlineOutcome<Value>, Never>)
        case settled(DeadlineOutcome<Value>)
        case told
    }

    private let state = Mutex(State.open)

    func settle(_ outcome: DeadlineOutcome<Value>) {
        let continuation: CheckedContinuation<DeadlineOutcome<Value>, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .settled(outcome)
                return nil
            case .waiting(let continuation):
                state = .told
                return continuation
            case .settled, .told: return nil
            }
        }
        continuation?.resume(returning: outcome)
    }

    /// The outcome, if there is one already; it is given once.
    func takeSettled() -> DeadlineOutcome<Value>? {
        state.withLock { state in
            guard case .settled(let outcome) = state else { return nil }
            state = .told
            return outcome
        }
    }

    var outcome: DeadlineOutcome<Value> {
        get async {
            await withCheckedContinuation { continuation in
                let settled: DeadlineOutcome<Value>? = state.withLock { state in
                    if case .settled(let outcome) = state {
                        state = .told
                        return outcome
                    }
                    state = .waiting(continuation)
                    return nil
                }
                if let settled { continuation.resume(returning: settled) }
            }
        }
    }
}
