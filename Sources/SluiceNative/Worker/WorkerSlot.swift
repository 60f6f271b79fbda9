// SPDX-License-Identifier: Apache-2.0

/// One of the pool's places for a process.
struct WorkerSlot {
    enum Phase {
        /// No process; none before that time.
        case stopped(until: ContinuousClock.Instant)
        /// The process loads its databases.
        case starting(WorkerProcess, until: ContinuousClock.Instant)
        case idle(WorkerProcess, ScannerVersions)
        case scanning(WorkerProcess, ScannerVersions, ScanJob)
    }

    var phase: Phase
    var backOff = RestartBackOff()

    var process: WorkerProcess? {
        switch phase {
        case .stopped: nil
        case .starting(let process, _), .idle(let process, _), .scanning(let process, _, _): process
        }
    }

    /// When something has to be done about the slot, whatever comes; `nil` where nothing.
    ///
    /// - Parameter scansWait: whether a process is wanted as soon as one may be started.
    func nextTime(after now: ContinuousClock.Instant, scansWait: Bool) -> ContinuousClock.Instant? {
        switch phase {
        // What may be started already, and was not, is not wanted now.
        case .stopped(let until): scansWait && until >= now ? until : nil
        case .starting(_, let until): until
        case .idle: nil
        case .scanning(_, _, let job): job.deadline
        }
    }
}
