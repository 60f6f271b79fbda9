// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Logging
import SluiceCore
import SluiceServer

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the configuration and what it refers to.",
        discussion: """
            Every mistake is reported as file:line:column: what is wrong, what would be right; all at once.
            Where a pipeline scans for viruses, a scanner process is started, which says what confines it on this kernel.
            Exit 0: it can be served. 78: it can't.

            EXAMPLES:
              sluice check --config sluice.yml
              sluice check --config sluice.yml --print     every value in force, and where it came from
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .customLong("print"), help: "Print every value in force and where it came from.")
    var printsValues = false

    func run() async throws {
        let reading: ServerConfiguration.Reading
        do { reading = try configuration.read() } catch let failure as CommandFailure {
            throw CommandFailure(.badConfiguration, failure.message)
        }
        var problems = reading.diagnostics.map(\.description)
        var hasErrors = reading.hasErrors
        var confinement: String?
        if let configuration = reading.configuration {
            confinement = await ServerCheck.confinement(
                configuration,
                logger: Logger(label: "sluice.check") { _ in
                    SwiftLogNoOpLogHandler()
                })
            for problem in await ServerCheck.problems(configuration, logger: Logger(label: "sluice.check")) {
                problems.append(problem.description)
                hasErrors = true
            }
        }
        if printsValues {
            for (path, value, mark) in reading.values {
                let origin = mark.map { "\($0.file):\($0.line)" } ?? "default"
                if output.json {
                    Terminal.json(["key": .string(path), "value": .string(value), "origin": .string(origin)])
                } else {
                    Terminal.line("\(path) = \(value)  \(Terminal.colour("# \(origin)", .dim))")
                }
            }
        }
        if let confinement { report(confinement) }
        for problem in problems { Terminal.error(problem) }
        if hasErrors { throw CommandFailure(.badConfiguration, "") }
        if !output.json, !printsValues { Terminal.line("\(configuration.path): OK") }
    }

    /// What is not set but found: the confinement in force on this kernel, for this user.
    private func report(_ confinement: String) {
        if output.json {
            guard printsValues else { return }
            Terminal.json([
                "key": "worker.confinement", "value": .string(confinement), "origin": "found by starting one",
            ])
        } else {
            Terminal.line(
                printsValues
                    ? "worker.confinement = \(confinement)  \(Terminal.colour("# found by starting one", .dim))"
                    : "sluice-worker is confined to: \(confinement)")
        }
    }
}
