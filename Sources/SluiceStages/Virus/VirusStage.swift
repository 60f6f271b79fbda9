// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter
import SluiceNative

/// Has the message scanned for viruses by libclamav, in a process of its own.
///
/// A message that could not be scanned to its end is not clean: the stage fails, and its `on_error` applies.
package struct VirusStage: FilterStage {
    package static let name = "virus"
    package static let placement = StagePlacement(isSkippable: false)
    package static let defaults = StageDefaults(onError: .defer, timeout: .seconds(30))

    private let configuration: Configuration
    private let workers: WorkerPool
    private let pool: CPUPool

    /// - Throws: ``VirusStageError/noWorkers`` where there is no worker pool.
    package init(configuration: Configuration, services: StageServices) throws {
        guard let workers = services.workers else { throw VirusStageError.noWorkers }
        self.configuration = configuration
        self.workers = workers
        pool = services.pool
    }

    package func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        let report: ScanReport
        do {
            report = try await workers.scan(
                try await content(of: message, context), database: configuration.pool, limits: configuration.limits,
                deadline: configuration.scanTime)
        } catch let unreadable as PartArchive.Unreadable {
            throw VirusStageError.limitExceeded(unreadable.description)
        }
        note(report.versions, context)
        switch report.answer {
        case .infected(let virus): return infected(virus, report.versions)
        case .limitExceeded(let limit): throw VirusStageError.limitExceeded(limit)
        case .clean:
            if configuration.database == .official, report.versions.official == nil {
                throw VirusStageError.noOfficialDatabase(report.versions.officialFault ?? "not loaded")
            }
            return StageResult()
        }
    }

    /// Up to so many octets a message is looked at on the chain's own thread.
    private static let smallMessage = 65536

    private func content(of message: Message, _ context: StageContext) async throws -> ScanContent {
        let (limits, nesting) = (configuration.limits, context.nesting)
        guard message.length > Self.smallMessage else {
            return try ScanContent(message, limits: limits, nesting: nesting)
        }
        return try await pool.run { try ScanContent(message, limits: limits, nesting: nesting) }
    }

    private func infected(_ virus: String, _ versions: ScannerVersions) -> StageResult {
        let category = "the message holds a virus: \(virus)"
        let verdict: Verdict =
            switch configuration.infected {
            case .reject: .refuse(Reply(554, EnhancedStatusCode(5, 7, 1), category))
            case .quarantine: .quarantine(reason: category)
            case .discard: .discard(reason: category)
            }
        let databases =
            versions.official.map { "ClamAV's databases (daily \($0.daily)) and Sluice's own" }
            ?? "Sluice's own database"
        let finding = Finding(name: virus, why: "libclamav \(versions.engine) recognised \(virus) by \(databases)")
        return StageResult(verdict: verdict, findings: [finding])
    }

    private func note(_ versions: ScannerVersions, _ context: StageContext) {
        context.note(.database(name: "libclamav", version: versions.engine))
        context.note(.database(name: "sluice", version: versions.embeddedEdition))
        if let official = versions.official {
            context.note(.database(name: "main", version: "\(official.main)"))
            context.note(.database(name: "daily", version: "\(official.daily)"))
        }
    }
}

/// Why a message could not be called clean.
package enum VirusStageError: Error, Hashable, Sendable, CustomStringConvertible {
    case noWorkers
    /// By libclamav's name for the limit.
    case limitExceeded(String)
    /// Why freshclam's databases are not loaded.
    case noOfficialDatabase(String)

    package var description: String {
        switch self {
        case .noWorkers: "sluice-worker was found neither beside sluice nor in ../libexec/sluice"
        case .limitExceeded(let limit): "the scan reached a limit (\(limit)), what lies behind it was not looked at"
        case .noOfficialDatabase(let why):
            "ClamAV's databases are not loaded: \(why); database: embedded would make do with Sluice's own"
        }
    }
}
