// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore
import SluiceQueue
import SluiceServer

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Brings back what a backup holds; the queue starts held.",
        discussion: """
            Every file is compared with its digest before anything is written. The state directory must be empty, and no
            server may run on it. What was queued is held until sluice queue release, as the machine that the backup is of
            may go on; new mail is not held. Files of the configuration go back where they were, or into --configuration;
            one that is there and differs is not replaced without --force. A restore that was cut off leaves a state
            directory that no server takes; sluice restore once more does.

            EXAMPLES:
              sluice restore /mnt/backup/today
              sluice restore /mnt/backup/today --state /var/lib/sluice --configuration /etc/sluice-restored
              sluice restore /mnt/backup/today --config /etc/sluice/sluice.yml --no-configuration
              sluice queue release                when the old machine delivers no more
            """)

    @Argument(help: ArgumentHelp("The folder that sluice backup made.", valueName: "directory"))
    var directory: String
    @Option(
        name: .long, help: ArgumentHelp("A configuration that says where the state directory is.", valueName: "file"))
    var config: String?
    @Option(
        name: .long,
        help: ArgumentHelp("The state directory; without it and --config where it was.", valueName: "directory"))
    var state: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the files of the configuration go; without it back where they were.", valueName: "directory"))
    var configuration: String?
    @Flag(name: .long, help: "Write no files of the configuration.") var noConfiguration = false
    @Flag(name: .long, help: "Replace files of the configuration that are there and differ.") var force = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if config != nil && state != nil { throw ValidationError("--config and --state: one of them would be right") }
        if configuration != nil && noConfiguration {
            throw ValidationError("--configuration and --no-configuration: one of them would be right")
        }
    }

    func run() async throws {
        let progress = ProgressLine()
        defer { progress.end() }
        let report: Restore.Report
        do {
            report = try await Restore(
                backup: directory, state: try stateDirectory(), configuration: target, replaces: force,
                logger: ServerOptions.logger
            ).run(progress: { progress.show($0, $1, $2) })
        } catch let failure as CommandFailure {
            throw failure
        } catch { throw CommandFailure(backup: error) }
        progress.end()
        show(report)
        guard report.account.addsUp else {
            throw CommandFailure(
                .failed,
                "it is restored, but the account does not add up: \(report.account.unaccounted) unaccounted for, chain \(report.account.chain)"
            )
        }
    }

    private var target: Restore.Configuration {
        if noConfiguration { return .none }
        return configuration.map { .folder($0) } ?? .back
    }

    private func stateDirectory() throws -> String? {
        if let state { return state }
        guard let config else { return nil }
        var options = ConfigurationOptions()
        options.config = config
        return try options.load(warns: false).state
    }

    private func show(_ report: Restore.Report) {
        let account = report.account
        if output.json {
            Terminal.json([
                "state": .string(report.state), "time": .string(report.time), "held": .integer(account.held),
                "held_by_restore": .integer(report.held), "quarantined": .integer(account.quarantined),
                "delivered": .integer(account.delivered), "unaccounted": .integer(account.unaccounted),
                "chain": .string("\(account.chain)"),
                "configuration": .array(report.configuration.map { .string($0) }),
            ])
            return
        }
        Terminal.line(
            "\(report.state): as of \(report.time); \(account.held) held, \(account.quarantined) quarantined, chain \(account.chain)"
        )
        if report.held > 0 {
            Terminal.line(
                "\(report.held) recipients that were queued are held: sluice queue release, when the old machine delivers no more"
            )
        }
        for path in report.configuration { Terminal.line(path) }
        for path in report.foreign { Terminal.error("\(path): its owner is another now, chown would be right") }
    }
}
