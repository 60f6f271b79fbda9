// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Logging
import SluiceCore
import SluiceServer

struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Runs the whole chain on stored messages, without relaying them.",
        discussion: """
            Without --config the embedded inbound pipeline runs; without --ip SPF is skipped.
            Exit 0 whatever it finds: an answer is an answer.

            EXAMPLES:
              sluice scan message.eml
              sluice scan --json --ip 192.0.2.1 --helo mail.example.net --mail-from a@example.net message.eml
              sluice scan --config sluice.yml --pipeline outbound Maildir/
            """)

    @Argument(help: ArgumentHelp("Messages: .eml, mbox, Maildir, or - for standard input.", valueName: "file"))
    var files: [String]
    @Option(name: .long, help: ArgumentHelp("A configuration whose pipelines are used.", valueName: "file"))
    var config: String?
    @Option(name: .long, help: "The pipeline.")
    var pipeline = "inbound"
    @Option(name: .long, help: ArgumentHelp("The client's address.", valueName: "address"))
    var ip: String?
    @Option(name: .long, help: ArgumentHelp("What the client called itself.", valueName: "name"))
    var helo: String?
    @Option(name: .long, help: ArgumentHelp("The reverse-path; empty for <>.", valueName: "address"))
    var mailFrom: String?
    @Option(name: .long, help: ArgumentHelp("A recipient; may be repeated.", valueName: "address"))
    var rcptTo: [String] = []
    @OptionGroup var resolver: ResolverOptions
    @OptionGroup var time: TimeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let recipients = try (rcptTo.isEmpty ? ["recipient@localhost"] : rcptTo).map { text in
            guard let mailbox = Mailbox(text) else { throw CommandFailure(.usage, "--rcpt-to \(text): no address") }
            return mailbox
        }
        var client: ClientInfo?
        if let ip {
            guard let address = IPAddress(ip) else { throw CommandFailure(.usage, "--ip \(ip): no address") }
            client = ClientInfo(address: address, helo: helo)
        }
        let setup: ScanSetup
        do {
            setup = try await ScanSetup(
                configuration: try config.map { path in
                    var options = ConfigurationOptions()
                    options.config = path
                    return try options.load()
                }, pipeline: pipeline, resolver: try resolver.resolver(), logger: Logger(label: "sluice.scan"))
        } catch let error as ServerError {
            throw CommandFailure(.badConfiguration, "\(error)")
        }
        let ids = TransactionIDSource()
        for file in files {
            for (name, content) in try InputFile.messages(file) {
                let record = try await setup.scan.evaluate(
                    content, id: ids.next(time.timestamp), client: client,
                    envelope: Envelope(reversePath: try reversePath(), recipients: recipients), isTrusted: false,
                    now: time.timestamp)
                if output.json {
                    Terminal.json(.object([.init("file", .string(name))] + record.decisionMembers))
                } else {
                    DecisionReport.lines(record, title: name).forEach(Terminal.line)
                }
            }
        }
        await setup.shutdown()
    }

    private func reversePath() throws -> ReversePath {
        guard let mailFrom, !mailFrom.isEmpty, mailFrom != "<>" else { return .null }
        guard let mailbox = Mailbox(mailFrom) else {
            throw CommandFailure(.usage, "--mail-from \(mailFrom): no address")
        }
        return .mailbox(mailbox)
    }
}
