// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Logging
import SluiceCore
import SluiceServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the listeners, the queue and the delivery.",
        discussion: """
            Logs JSON lines to stderr, with one id a message. SIGTERM lets transactions in progress end, then stops.
            SIGHUP takes the configuration anew, with the rules, keys, certificates and logins that it names; no session
            is dropped, and if anything is wrong the old one stays and the log says why.

            EXAMPLES:
              sluice serve --config /etc/sluice/sluice.yml
              sluice serve --config sluice.yml --log-level debug
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @Option(name: .long, help: "trace, debug, info, notice, warning or error.")
    var logLevel: String = "info"

    func run() async throws {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw CommandFailure(
                .usage,
                "--log-level \(logLevel): one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")) would be right"
            )
        }
        let configuration = try configuration.load()
        let problems = await ServerCheck.problems(configuration, logger: Logger(label: "sluice.check"))
        for problem in problems { Terminal.error(problem.description) }
        guard problems.isEmpty else { throw CommandFailure(.badConfiguration, "") }
        let output = LogOutput()
        defer { output.close() }
        LoggingSystem.bootstrap { _ in JSONLogHandler(output) }
        var logger = Logger(label: "sluice")
        logger.logLevel = level
        do {
            let options = self.configuration
            try await Server(
                configuration, logger: logger, metrics: .bootstrap(logger: logger), load: { try options.reload() }
            ).run()
        } catch let error as ServerError {
            throw CommandFailure(error.isConfiguration ? .badConfiguration : .serviceMissing, "\(error)")
        }
    }
}
