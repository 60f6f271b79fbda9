// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceServer

/// The command line; what it promises stands in the README and in each command's `--help`.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "A content-filtering mail relay and milter.",
        discussion: """
            Sluice stands in front of a mail server: each message passes an ordered chain of filter stages and is then
            delivered, quarantined or refused, and Sluice can say why.

            EXAMPLES:
              sluice demo                               everything on loopback with sample mail
              sluice check --config sluice.yml          check a configuration
              sluice serve --config sluice.yml          run the relay
              sluice scan message.eml                   the whole chain on a stored message
              sluice trace                              what became of the latest messages, and why
              sluice top                                what the running server does, live
            """,
        version: SluiceVersion.current,
        subcommands: [
            AccountCommand.self,
            BackupCommand.self,
            CheckCommand.self,
            DKIMCommand.self,
            DemoCommand.self,
            DrillCommand.self,
            IndexCommand.self,
            MessageCommand.self,
            ProbeCommand.self,
            QuarantineCommand.self,
            QueueCommand.self,
            RestoreCommand.self,
            SPFCommand.self,
            ScanCommand.self,
            ServeCommand.self,
            SpamCommand.self,
            TopCommand.self,
            TraceCommand.self,
            UserCommand.self,
        ]
    )

    static func main() async {
        do {
            try NotThereYet.refuse(CommandLine.arguments.dropFirst().first)
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Terminal.error(failure.message)
            exit(withExitCode: failure.status.rawValue)
        } catch  where exitCode(for: error) == .failure {
            // Nothing that ArgumentParser knows, and nobody gave it a better exit code.
            Terminal.error("\(error)")
            exit(withExitCode: CommandFailure.Status.bug.rawValue)
        } catch {
            // Help and version come this way, with exit code 0, and wrong usage with 64.
            exit(withError: error)
        }
    }

    private static func exit(withExitCode code: Int32) -> Never { exit(withError: ExitCode(code)) }
}
