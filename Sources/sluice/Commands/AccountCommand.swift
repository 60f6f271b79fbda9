// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Proves that every accepted recipient is in exactly one state.",
        discussion: """
            Verifies the ledger's chain too. Exit 1 where anything is unaccounted for or the chain is broken.

            EXAMPLES:
              sluice account
              sluice account --since 1d --json
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: ArgumentHelp("From when on, such as 1d; or a time in RFC 3339.", valueName: "time"))
    var since: String?

    func run() async throws {
        let from = try since.map { try TimeArgument.read($0, option: "--since") }
        for value in try await server.ask("account", ["since": from.map { "\($0.milliseconds)" }]) {
            if output.json {
                Terminal.json(value)
            } else if case .object(let members) = value {
                for member in members {
                    let name = member.key + String(repeating: " ", count: max(0, 12 - member.key.count))
                    Terminal.line("\(name) \(member.value.stringValue ?? member.value.written)")
                }
            }
            if value["unaccounted"]?.integerValue != 0 || value["chain"]?.stringValue != "intact" {
                throw CommandFailure(.failed, "")
            }
        }
    }
}
