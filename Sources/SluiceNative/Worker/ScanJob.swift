// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A scan, or a question for the versions, that someone waits for.
///
/// `@unchecked Sendable`: it is handed over to the loop's thread once, and only that thread touches it from then on.
final class ScanJob: @unchecked Sendable {
    enum Work: Sendable {
        case message(ScanContent, WorkerPool.Limits)
        case versions
    }
    typealias Answer = (ScanAnswer, ScannerVersions)

    let id: UInt64
    let work: Work
    let deadline: ContinuousClock.Instant
    private(set) var isFinished = false
    private let continuation: CheckedContinuation<Answer, any Error>

    init(
        id: UInt64, work: Work, deadline: ContinuousClock.Instant, continuation: CheckedContinuation<Answer, any Error>
    ) {
        self.id = id
        self.work = work
        self.deadline = deadline
        self.continuation = continuation
    }

    /// Answers; only the first answer counts.
    func finish(_ result: Result<Answer, any Error>) {
        guard !isFinished else { return }
        isFinished = true
        continuation.resume(with: result)
    }
}
