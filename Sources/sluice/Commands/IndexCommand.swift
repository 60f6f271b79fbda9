// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "The SQLite index behind trace and the quarantine's lists.",
        discussion: """
            It holds nothing that the files of the history do not hold. A broken one is made anew on its own, at the start
            and while the server runs.

            EXAMPLES:
              sluice index rebuild --config sluice.yml
            """,
        subcommands: [Rebuild.self])

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes the index anew from the history's files.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await Change.run("index rebuild", id: nil, server, output) }
    }
}
