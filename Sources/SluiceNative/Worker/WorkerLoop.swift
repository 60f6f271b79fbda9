// SPDX-License-Identifier: Apache-2.0
import CLinux
import Foundation
import Glibc
import Logging
import SluiceCore
import Synchronization

/// The one thread that looks after all worker processes: takes scans, hands them out, keeps deadlines, starts and ends
/// processes. A worker dies with the thread that started it, so it has to be one that stays.
///
/// `@unchecked Sendable`: ``supervisor`` is touched by the loop's own thread only, once ``start()`` was called.
final class WorkerLoop: @unchecked Sendable {
    private enum Command {
        case run(ScanJob)
        case cancel(UInt64)
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Jobs that are not finished.
        var jobs = 0
        var nextID: UInt64 = 0
        var isStopping = false
        var processIDs: [Int32] = []
        var figures = WorkerFigures()
    }

    /// `PR_CAP_AMBIENT` and `PR_CAP_AMBIENT_CLEAR_ALL`: macros of `sys/prctl.h`.
    private static let ambientCapabilities: Int32 = 47
    private static let clearAll: UInt = 4

    private let inbox = Mutex(Inbox())
    private let wakeUp: EventDescriptor
    private let ended = ThreadEnd()
    private let jobLimit: Int
    private var supervisor: WorkerSupervisor

    /// - Throws: ``WorkerPoolError/unavailable(_:)`` where no descriptor is left.
    init(
        _ configuration: WorkerPool.Configuration, _ database: WorkerPool.Database, logger: Logger
    ) throws(WorkerPoolError) {
        supervisor = WorkerSupervisor(configuration, database, logger: logger)
        jobLimit = configuration.queueLimit + configuration.count
        guard let wakeUp = EventDescriptor() else {
            throw .unavailable("eventfd: \(String(cString: strerror(errno)))")
        }
        self.wakeUp = wakeUp
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "sluice-workers"
        thread.start()
    }

    // MARK: Called from anywhere

    func run(_ work: ScanJob.Work, deadline: Duration) async throws -> ScanJob.Answer {
        let id = inbox.withLock { inbox in
            inbox.nextID += 1
            return inbox.nextID
        }
        let end = ContinuousClock.now + deadline
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                submit(ScanJob(id: id, work: work, deadline: end, continuation: continuation))
            }
        } onCancel: {
            inbox.withLock { $0.commands.append(.cancel(id)) }
            wakeUp.signal()
        }
    }

    private func submit(_ job: ScanJob) {
        let refusal = inbox.withLock { inbox -> (any Error)? in
            if inbox.isStopping { return WorkerPoolError.stopped }
            // A cancellation sets the task's flag before its handler takes this lock: it is seen here or by the loop.
            if Task.isCancelled { return CancellationError() }
            guard inbox.jobs < jobLimit else { return WorkerPoolError.overloaded }
            inbox.jobs += 1
            inbox.commands.append(.run(job))
            return nil
        }
        if let refusal { job.finish(.failure(refusal)) } else { wakeUp.signal() }
    }

    func stop() {
        inbox.withLock { $0.isStopping = true }
        wakeUp.signal()
    }

    func waitForEnd() async { await ended.wait() }

    var processIDs: [Int32] { inbox.withLock { $0.processIDs } }
    var figures: WorkerFigures { inbox.withLock { $0.figures } }

    // MARK: The loop's thread

    private func run() {
        // What this thread starts has none of our capabilities (that for ports below 1024, under systemd). The others keep
        // them. EINVAL on a kernel before 4.3, which gives none away so.
        _ = sluice_prctl(Self.ambientCapabilities, Self.clearAll)
        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands {
                switch command {
                case .run(let job): supervisor.accept(job)
                case .cancel(let id): supervisor.cancel(id)
                }
            }
            if isStopping { return end() }
            let wait = supervisor.advance(now: .now)
            publish()
            waitForEvents(milliseconds: wait)
        }
    }

    private func publish() {
        let (unfinished, ids, figures) = (supervisor.unfinishedJobs, supervisor.processIDs, supervisor.figures)
        inbox.withLock { inbox in
            // Those that came in meanwhile count too.
            let arrived = inbox.commands.count { if case .run = $0 { true } else { false } }
            inbox.jobs = unfinished + arrived
            inbox.processIDs = ids
            inbox.figures = figures
        }
    }

    private func waitForEvents(milliseconds: Int32) {
        let sockets = supervisor.sockets
        var descriptors = [wakeUp.waiting] + sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 else { return }
        if descriptors[0].revents != 0 { wakeUp.clear() }
        for descriptor in descriptors.dropFirst() where descriptor.revents != 0 {
            supervisor.readable(descriptor.fd, now: .now)
        }
    }

    private func end() {
        supervisor.end()
        inbox.withLock { $0.processIDs = [] }
        ended.reached()
    }
}
