// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging
import SluiceCore
import SluiceWorkerProtocol

/// Which process does what: the queue of scans, the slots, deadlines and restarts. Used by one thread; it never waits.
struct WorkerSupervisor {
    private let configuration: WorkerPool.Configuration
    private let officialFolder: String?
    private let edition: String
    private let logger: Logger
    private var slots: [WorkerSlot]
    /// In the order of arrival.
    private var queue: [ScanJob] = []
    /// Processes that were killed and have not ended yet.
    private var ending: [WorkerProcess] = []
    private var directory: WorkerDirectory?
    private var hasReportedConfinement = false
    private var starts: Int64 = 0
    private var failures: Int64 = 0
    /// Why the last process could not be used.
    private var fault = "it has not been started yet"

    /// libclamav's mail reader is chosen by the first octets; this field makes it sure whatever the message begins with.
    private static let prefix = MemoryContent("Received: by sluice\r\n")
    /// libclamav is told to end that much before the deadline, so that its process need not be killed.
    private static let spareTime = Duration.seconds(1)

    init(_ configuration: WorkerPool.Configuration, _ database: WorkerPool.Database, logger: Logger) {
        self.configuration = configuration
        officialFolder = if case .official(let folder) = database { folder } else { nil }
        edition = configuration.embeddedEdition
        self.logger = logger
        slots = (0..<configuration.count).map { _ in WorkerSlot(phase: .stopped(until: .now)) }
    }

    var sockets: [Int32] { slots.compactMap { $0.process?.socket } }
    var processIDs: [Int32] { slots.compactMap { $0.process?.id } }

    var unfinishedJobs: Int {
        queue.count + slots.count { if case .scanning(_, _, let job) = $0.phase { !job.isFinished } else { false } }
    }

    var figures: WorkerFigures {
        var figures = WorkerFigures(starts: starts, failures: failures)
        figures.waiting = queue.count
        for slot in slots {
            switch slot.phase {
            case .stopped: continue
            case .starting: figures.starting += 1
            case .idle: figures.idle += 1
            case .scanning: figures.busy += 1
            }
        }
        return figures
    }

    // MARK: Events

    mutating func accept(_ job: ScanJob) { queue.append(job) }

    /// The caller has gone. A scan that runs goes on to its end, which frees the process sooner than a new start would.
    mutating func cancel(_ id: UInt64) {
        if let index = queue.firstIndex(where: { $0.id == id }) {
            queue.remove(at: index).finish(.failure(CancellationError()))
        }
        for case .scanning(_, _, let job) in slots.map(\.phase) where job.id == id {
            job.finish(.failure(CancellationError()))
        }
    }

    /// A worker has answered or has died.
    mutating func readable(_ socket: Int32, now: ContinuousClock.Instant) {
        guard let index = slots.firstIndex(where: { $0.process?.socket == socket }), let process = slots[index].process
        else { return }
        do {
            if let reply = try process.receive() { try answered(index, process, reply, now) }
        } catch {
            died(index, now, why: "the process died")
        }
    }

    private mutating func answered(
        _ index: Int, _ process: WorkerProcess, _ reply: WorkerReply, _ now: ContinuousClock.Instant
    ) throws {
        switch (slots[index].phase, reply) {
        case (.starting, .ready(let versions)):
            let versions = ScannerVersions(versions, edition: edition)
            slots[index].phase = .idle(process, versions)
            reportConfinement(versions.confinement)
            logger.info(
                "a scanner process is ready",
                metadata: [
                    "pid": "\(process.id)", "engine": "\(versions.engine)",
                    "embedded_signatures": "\(versions.embeddedSignatures)",
                    "official_signatures": "\(versions.official?.signatures ?? 0)",
                ])
        case (.starting, .unusable(let why)):
            died(index, now, why: ScanText.visible(why, limit: 500))
        case (.scanning(_, let versions, let job), .outcome(let outcome)):
            slots[index].backOff.succeeded()
            slots[index].phase = .idle(process, versions)
            job.finish(Self.result(outcome, versions))
        case (.idle, .renewing): renew(index, process, now)
        case (.scanning(_, _, let job), .renewing):
            // The scan was sent while the worker was about to end: it has not begun.
            renew(index, process, now)
            if !job.isFinished { queue.insert(job, at: 0) }
        case (.stopped, _), (.starting, _), (.idle, _), (.scanning, _): throw WorkerPoolError.died
        }
    }

    /// Says once what the kernel does not have.
    private mutating func reportConfinement(_ confinement: ScannerConfinement?) {
        guard !hasReportedConfinement, let confinement else { return }
        hasReportedConfinement = true
        if confinement.missing.isEmpty {
            logger.info("scanner processes are confined", metadata: ["to": "\(confinement)"])
        } else {
            logger.warning(
                "the kernel can't confine scanner processes as it should: they scan on without it",
                metadata: [
                    "missing": "\(confinement.missing.joined(separator: ", "))", "confined_to": "\(confinement)",
                ])
        }
    }

    private static func result(_ outcome: WorkerOutcome, _ versions: ScannerVersions) -> Result<
        ScanJob.Answer, any Error
    > {
        switch outcome {
        case .clean: .success((.clean, versions))
        case .infected(let name): .success((.infected(ScanText.visible(name)), versions))
        case .limitExceeded(let name): .success((.limitExceeded(ScanText.visible(name)), versions))
        case .failed(let words): .failure(WorkerPoolError.failed(ScanText.visible(words)))
        }
    }

    private mutating func renew(_ index: Int, _ process: WorkerProcess, _ now: ContinuousClock.Instant) {
        logger.info("the virus databases have changed, a scanner process begins anew")
        discard(process)
        slots[index].phase = .stopped(until: now)
        start(index, now)
    }

    private mutating func died(
        _ index: Int, _ now: ContinuousClock.Instant, why: String, error: WorkerPoolError = .died
    ) {
        guard let process = slots[index].process else { return }
        if case .scanning(_, _, let job) = slots[index].phase { job.finish(.failure(error)) }
        fault = why
        failures += 1
        let wait = slots[index].backOff.failed()
        logger.warning(
            "a scanner process has failed", metadata: ["pid": "\(process.id)", "why": "\(why)", "wait": "\(wait)"])
        discard(process)
        slots[index].phase = .stopped(until: now + wait)
    }

    private mutating func discard(_ process: WorkerProcess) {
        process.kill()
        ending.append(process)
    }

    // MARK: What is due

    /// Does what is due. Returns the milliseconds until something will be, -1 where nothing.
    mutating func advance(now: ContinuousClock.Instant) -> Int32 {
        reap()
        expire(now)
        assign(now)
        startWanted(now)
        giveUp(now)
        let times = slots.compactMap { $0.nextTime(after: now, scansWait: !queue.isEmpty) } + queue.map(\.deadline)
        var wait = times.min().map { max(0, ($0 - now).wholeMilliseconds + 1) } ?? -1
        if !ending.isEmpty { wait = wait < 0 ? 20 : min(wait, 20) }
        return Int32(clamping: wait)
    }

    private mutating func reap() {
        ending.removeAll { process in
            guard process.reap() else { return false }
            WorkerDirectory.remove(process.folder)
            return true
        }
    }

    private mutating func expire(_ now: ContinuousClock.Instant) {
        queue.removeAll { job in
            guard job.deadline <= now else { return false }
            job.finish(.failure(WorkerPoolError.noneFree))
            return true
        }
        for index in slots.indices {
            switch slots[index].phase {
            case .scanning(_, _, let job) where job.deadline <= now:
                died(index, now, why: "a scan took too long", error: .timedOut)
            case .starting(_, let until) where until <= now: died(index, now, why: "it took too long to start")
            case .stopped, .starting, .idle, .scanning: continue
            }
        }
    }

    private mutating func assign(_ now: ContinuousClock.Instant) {
        for index in slots.indices {
            while case .idle(let process, let versions) = slots[index].phase, !queue.isEmpty {
                let job = queue.removeFirst()
                switch job.work {
                case .versions: job.finish(.success((.clean, versions)))
                case .message(let content, let limits):
                    begin(index, process, versions, job, content, limits, now)
                }
            }
        }
    }

    private mutating func begin(
        _ index: Int, _ process: WorkerProcess, _ versions: ScannerVersions, _ job: ScanJob,
        _ content: ScanContent, _ limits: WorkerPool.Limits, _ now: ContinuousClock.Instant
    ) {
        let left = (job.deadline - now - Self.spareTime).wholeMilliseconds
        let request = WorkerRequest.scan(
            ScanLimits(
                scanSize: limits.scanSize, fileSize: limits.fileSize, recursion: limits.recursion, files: limits.files,
                milliseconds: Int(max(100, left)), processorSeconds: limits.processorSeconds,
                mailLines: limits.mailLines, mailSize: limits.mailSize))
        do {
            let file =
                switch content {
                case .mail(let parts): try MemoryFile([Self.prefix] + parts)
                case .parts(let archive): try archive.file(prefix: Self.prefix)
                }
            if try process.send(request, content: file.descriptor) {
                slots[index].phase = .scanning(process, versions, job)
            } else {
                // It died while it was idle: the scan waits for another one.
                queue.insert(job, at: 0)
                died(index, now, why: "the process died")
            }
        } catch {
            job.finish(.failure(error))
        }
    }

    /// Starts a process for each scan that waits for none that is on its way already.
    private mutating func startWanted(_ now: ContinuousClock.Instant) {
        var wanted = queue.count - slots.count { if case .starting = $0.phase { true } else { false } }
        for index in slots.indices where wanted > 0 {
            guard case .stopped(let until) = slots[index].phase, until <= now else { continue }
            start(index, now)
            wanted -= 1
        }
    }

    private mutating func start(_ index: Int, _ now: ContinuousClock.Instant) {
        let user = geteuid() == 0 ? WorkerProcess.unprivilegedUser : nil
        do {
            let directory = try openDirectory()
            let folder = try directory.makeFolder(owner: user)
            let process: WorkerProcess
            do { process = try WorkerProcess(executable: configuration.executable, folder: folder) } catch {
                WorkerDirectory.remove(folder)
                throw error
            }
            starts += 1
            slots[index].phase = .starting(process, until: now + configuration.startTimeout)
            let setup = WorkerSetup(
                embeddedDatabase: directory.database, officialDatabase: officialFolder,
                temporaryDirectory: folder, memoryLimit: configuration.memoryLimit,
                lookMilliseconds: Int32(clamping: configuration.lookInterval.wholeMilliseconds), user: user)
            if try !process.send(.setup(setup)) { died(index, now, why: "the process died") }
        } catch {
            fault = if case WorkerPoolError.unavailable(let why) = error { why } else { "\(error)" }
            failures += 1
            let wait = slots[index].backOff.failed()
            logger.warning("no scanner process can be started", metadata: ["why": "\(fault)", "wait": "\(wait)"])
            if let process = slots[index].process { discard(process) }
            slots[index].phase = .stopped(until: now + wait)
        }
    }

    private mutating func openDirectory() throws -> WorkerDirectory {
        if let directory { return directory }
        let made = try WorkerDirectory(
            in: configuration.temporaryDirectory, databases: configuration.embeddedDatabases)
        directory = made
        return made
    }

    /// Where no process runs and none may be started yet, nobody is left waiting for nothing.
    private mutating func giveUp(_ now: ContinuousClock.Instant) {
        guard !queue.isEmpty else { return }
        for slot in slots {
            guard case .stopped(let until) = slot.phase, until > now else { return }
        }
        for job in queue { job.finish(.failure(WorkerPoolError.unavailable(fault))) }
        queue = []
    }

    // MARK: The end

    /// Ends everything, and waits up to two seconds for the processes to be gone.
    mutating func end() {
        for job in queue { job.finish(.failure(WorkerPoolError.stopped)) }
        queue = []
        for index in slots.indices {
            if case .scanning(_, _, let job) = slots[index].phase { job.finish(.failure(WorkerPoolError.stopped)) }
            if let process = slots[index].process { discard(process) }
            slots[index].phase = .stopped(until: .now)
        }
        for _ in 0..<1000 where !ending.isEmpty {
            reap()
            if !ending.isEmpty { usleep(2000) }
        }
        directory = nil
    }
}
