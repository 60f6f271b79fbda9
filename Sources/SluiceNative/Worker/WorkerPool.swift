// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore

/// The processes in which libclamav runs: started on demand, each with one scan at a time, killed where it takes too
/// long, started anew where it died. The relay itself never parses an attachment by libclamav.
///
/// No thread waits for a scan: one thread of the pool's own looks after all processes.
package final class WorkerPool: Sendable {
    private let loop: WorkerLoop

    package init(_ configuration: Configuration, logger: Logger) {
        loop = WorkerLoop(configuration, logger: logger)
        loop.start()
    }

    deinit { loop.stop() }

    /// Scans a message with all that is packed into it.
    ///
    /// - Parameters:
    ///   - parts: the octets of the message, in order (header section and body).
    ///   - deadline: how long to wait for a free process and for the scan together.
    /// - Throws: ``WorkerPoolError`` where no answer is to be had, ``StorageError`` where the content can't be read,
    ///   `CancellationError`.
    package func scan(
        message parts: [any ContentSource], limits: Limits = Limits(), deadline: Duration
    ) async throws -> ScanReport {
        let (answer, versions) = try await loop.run(.message(parts, limits), deadline: deadline)
        return ScanReport(answer: answer, versions: versions)
    }

    /// What the processes have loaded; starts one, if none runs.
    ///
    /// - Throws: as ``scan(message:limits:deadline:)``.
    package func versions(deadline: Duration) async throws -> ScannerVersions {
        try await loop.run(.versions, deadline: deadline).1
    }

    /// Ends all processes. Scans that wait or run fail with ``WorkerPoolError/stopped``, and later ones too.
    package func shutdown() async {
        loop.stop()
        await loop.waitForEnd()
    }

    /// The processes that run now, for diagnosis and tests.
    package var processIDs: [Int32] { loop.processIDs }
}
