// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SluiceCore
import SluiceQueue
import SluiceServer

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies queue, quarantine, ledger, history, keys and configuration into a folder.",
        discussion: """
            While a server runs it is all of one moment, and the server goes on; where none runs, nobody can start one
            meanwhile. Files that don't change any more are linked where the folder is on the same file system, the others
            copied. What was copied is added up as sluice account would. The folder appears when it is whole and durable; a
            backup that was cut off leaves none.

            EXAMPLES:
              sluice backup /var/backups/sluice-2026-11-24
              sluice backup /mnt/backup/today --config /etc/sluice/sluice.yml --json
              (cd /mnt/backup/today && sha256sum -c manifest.json.sha256)
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: ArgumentHelp("A folder that isn't there yet, or is empty.", valueName: "directory"))
    var directory: String

    func run() async throws {
        let place = try server.place()
        let configuration = place.configuration == nil ? nil : server.configuration.path
        let progress = ProgressLine()
        defer { progress.end() }
        let report: Backup.Report
        do {
            report = try await Backup(
                state: place.directory, configuration: configuration, hostname: place.configuration?.hostname,
                logger: ServerOptions.logger
            ).make(in: directory, progress: { progress.show($0, $1, $2) })
        } catch { throw CommandFailure(backup: error) }
        progress.end()
        let account = report.account
        if output.json {
            Terminal.json([
                "directory": .string(directory), "time": .string(report.time.rfc3339), "files": .integer(report.files),
                "octets": .integer(report.octets), "records": .integer(Int64(clamping: report.records)),
                "running": .bool(report.wasRunning), "queued": .integer(account.queued), "held": .integer(account.held),
                "quarantined": .integer(account.quarantined), "unaccounted": .integer(account.unaccounted),
                "chain": .string("\(account.chain)"),
            ])
        } else {
            Terminal.line(
                "\(directory): \(report.files) files, \(report.octets) octets; \(account.queued) queued, \(account.held) held, \(account.quarantined) quarantined; ledger of \(report.records) records, chain \(account.chain)"
            )
        }
        guard account.addsUp else {
            throw CommandFailure(
                .failed,
                "the backup stands, but the account in it does not add up: \(account.unaccounted) unaccounted for, chain \(account.chain); sluice account says whether it does where it came from"
            )
        }
    }
}

extension CommandFailure {
    /// What went wrong with a backup or a restore.
    init(backup error: any Error) {
        if let error = error as? BackupError {
            self.init(Status(rawValue: Int32(error.status)) ?? .bug, "\(error)")
        } else {
            // A disk that is full or failing: another time it may do.
            self.init(.tryAgain, "\(error)")
        }
    }
}
