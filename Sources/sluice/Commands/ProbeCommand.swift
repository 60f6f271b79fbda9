// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore
import SluiceServer

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Sends a test message through the running relay and waits for the next hop's reply.",
        discussion: """
            The message goes to the first listener with protocol smtp, from this machine, with the null reverse-path, and to
            the postmaster unless --to names another. Exit 0: the next hop took it. 1: it did not arrive (refused, deferred
            past --timeout, quarantined, …), and the line says why. 69: no server, or no listener that takes mail without a
            login.

            EXAMPLES:
              sluice probe --config /etc/sluice/sluice.yml
              sluice probe --to monitoring@example.org --timeout 30s --json
              */5 * * * * sluice probe --quiet      in a crontab: it writes only where something is wrong
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: ArgumentHelp("To whom; without it the postmaster.", valueName: "address"))
    var to: String?
    @Option(name: .long, help: ArgumentHelp("How long it may take.", valueName: "duration"))
    var timeout: String = "60s"
    @Flag(name: .long, help: "Print nothing where it has arrived.") var quiet = false

    func run() async throws {
        guard let limit = Duration(written: timeout), limit > .zero else {
            throw CommandFailure(.usage, "--timeout \(timeout): a duration such as 60s would be right")
        }
        let recipient = try to.map { text in
            guard let mailbox = Mailbox(text), !mailbox.domain.isEmpty else {
                throw CommandFailure(.usage, "--to \(text): an address such as postmaster@example.org would be right")
            }
            return mailbox
        }
        let outcome: RelayProbe.Outcome
        do {
            outcome = try await RelayProbe(try configuration.load(warns: false), to: recipient, timeout: limit).run()
        } catch let failure as RelayProbe.Failure {
            if case .noRecipient = failure { throw CommandFailure(.usage, "\(failure)") }
            throw CommandFailure(.serviceMissing, "\(failure)")
        }
        if output.json {
            if !quiet || !outcome.hasArrived { Terminal.json(outcome.json) }
        } else if outcome.hasArrived {
            if !quiet { Terminal.line(outcome.line) }
        } else {
            Terminal.error(outcome.line)
        }
        if !outcome.hasArrived { throw CommandFailure(.failed, "") }
    }
}
