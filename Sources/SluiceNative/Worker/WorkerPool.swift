// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore
import Synchronization

/// The processes in which libclamav runs: started on demand, each with one scan at a time, killed where it takes too
/// long, started anew where it died. The relay itself never parses an attachment by libclamav.
///
/// No thread waits for a scan: one thread for each database in use looks after all its processes.
package final class WorkerPool: Sendable {
    /// What the processes scan with.
    package enum Database: Hashable, Sendable {
        /// Ours alone.
        case embedded
        /// Ours and freshclam's, in that folder (usually `/var/lib/clamav`).
        case official(folder: String)
    }

    private struct State {
        var loops: [Database: WorkerLoop] = [:]
        var isStopped = false
    }

    private let configuration: Configuration
    private let logger: Logger
    private let state = Mutex(State())

    package init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    deinit { for loop in state.withLock({ $0.loops.values }) { loop.stop() } }

    /// Scans a message with all that is packed into it.
    ///
    /// - Parameters:
    ///   - parts: the octets of the message, in order (header section and body).
    ///   - deadline: how long to wait for a free process and for the scan together.
    /// - Throws: ``WorkerPoolError`` where no answer is to be had, ``StorageError`` where the content can't be read,
    ///   `CancellationError`.
    package func scan(
        message parts: [any ContentSource], database: Database = .embedded, limits: Limits = Limits(),
        deadline: Duration
    ) async throws -> ScanReport {
        try await scan(.mail(parts), database: database, limits: limits, deadline: deadline)
    }

    /// Scans a message as it was prepared.
    ///
    /// - Throws: as ``scan(message:database:limits:deadline:)``.
    package func scan(
        _ content: ScanContent, database: Database = .embedded, limits: Limits = Limits(), deadline: Duration
    ) async throws -> ScanReport {
        let (answer, versions) = try await loop(database).run(.message(content, limits), deadline: deadline)
        return ScanReport(answer: answer, versions: versions)
    }

    /// What the processes have loaded; starts one, if none runs: so it also warms the pool up.
    ///
    /// - Throws: as ``scan(message:database:limits:deadline:)``.
    package func versions(of database: Database = .embedded, deadline: Duration) async throws -> ScannerVersions {
        try await loop(database).run(.versions, deadline: deadline).1
    }

    /// Ends all processes. Scans that wait or run fail with ``WorkerPoolError/stopped``, and later ones too.
    package func shutdown() async {
        let loops = state.withLock { state in
            state.isStopped = true
            defer { state.loops = [:] }
            return Array(state.loops.values)
        }
        for loop in loops { loop.stop() }
        for loop in loops { await loop.waitForEnd() }
    }

    /// The processes that run now, for diagnosis and tests.
    package var processIDs: [Int32] { state.withLock { Array($0.loops.values) }.flatMap(\.processIDs) }

    /// What the processes do now, and how many there have been since the pool was made.
    package var figures: WorkerFigures {
        state.withLock { Array($0.loops.values) }.reduce(WorkerFigures()) { $0 + $1.figures }
    }

    private func loop(_ database: Database) throws(WorkerPoolError) -> WorkerLoop {
        let found = try state.withLock { state throws(WorkerPoolError) -> WorkerLoop in
            if state.isStopped { throw .stopped }
            if let loop = state.loops[database] { return loop }
            let loop = try WorkerLoop(configuration, database, logger: logger)
            state.loops[database] = loop
            loop.start()
            return loop
        }
        return found
    }
}
