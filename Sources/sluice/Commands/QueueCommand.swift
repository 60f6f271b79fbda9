// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Shows and changes the queue.",
        discussion: """
            The running server is asked; where none runs, it is done on the files of the state directory.

            EXAMPLES:
              sluice queue list
              sluice queue show 3k9fzq2m1c8d
              sluice queue stats                  by state, destination and age
              sluice queue flush                  everything is due now
              sluice queue hold 3k9fzq2m1c8d      until queue release
              sluice queue release                what sluice restore has held
              sluice queue delete 3k9fzq2m1c8d    no notice is sent
              sluice queue salvage                what a damaged journal still holds
            """,
        subcommands: [
            List.self, Show.self, Flush.self, Hold.self, Release.self, Delete.self, Stats.self, SalvageCommand.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists what waits for delivery or is held.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: ArgumentHelp("Only what is queued, or held.", valueName: "state"))
        var only: String?

        func run() async throws {
            let items = try await server.ask("queue list", ["state": only])
            if output.json { return items.forEach(Terminal.json) }
            if items.isEmpty { return Terminal.line("The queue is empty.") }
            let rows = items.flatMap { item in (item["recipients"]?.arrayValue ?? []).map { Self.row(item, $0) } }
            Table.lines(
                ["QUEUE ID", "ID", "ACCEPTED", "FROM", "TO", "STATE", "ATTEMPTS", "NEXT", "LAST"], rows
            ).forEach(Terminal.line)
        }

        private static func row(_ item: JSONValue, _ recipient: JSONValue) -> [String] {
            func text(_ value: JSONValue, _ key: String) -> String { value[key]?.stringValue ?? "" }
            let last = recipient["reply"]?.stringValue ?? text(recipient, "reason")
            return [
                text(item, "queue_id"), text(item, "id"), text(item, "time"), "<\(text(item, "reverse_path"))>",
                "<\(text(recipient, "address"))>", text(recipient, "state"), recipient["attempts"]?.written ?? "0",
                recipient["next_attempt"]?.stringValue ?? "-", Printable.text(last),
            ]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one message with every step.")
        @OptionGroup var server: ServerOptions
        @Argument(help: "The id of the message, or a queue id.") var id: String

        func run() async throws {
            for value in try await server.ask("queue show", ["id": id]) {
                (value.arrayValue ?? [value]).forEach(Terminal.json)
            }
        }
    }

    struct Flush: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes one message, or all, due now.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id of a message, or a queue id; without it all.") var id: String?

        func run() async throws {
            try await Change.run("queue flush", id: id, server, output)
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Holds a message until it is released.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id of the message, or a queue id.") var id: String

        func run() async throws { try await Change.run("queue hold", id: id, server, output) }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Releases a message that is held, or all that a restore holds.",
            discussion: """
                Without an id it releases what sluice restore has held, and nothing that an operator has. Do that when the
                machine that the backup is of delivers no more: what it has delivered since goes out a second time.

                EXAMPLES:
                  sluice queue release 3k9fzq2m1c8d
                  sluice queue release                after sluice restore
                """)
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id of the message, or a queue id; without it what a restore holds.") var id: String?

        func run() async throws { try await Change.run("queue release", id: id, server, output) }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a message; no notice is sent.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id of the message, or a queue id.") var id: String

        func run() async throws { try await Change.run("queue delete", id: id, server, output) }
    }

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The queue in figures.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            for value in try await server.ask("queue stats") {
                if output.json { Terminal.json(value) } else { QueueReport.lines(value).forEach(Terminal.line) }
            }
        }
    }
}

/// A command that changes something and answers with a few figures.
enum Change {
    static func run(
        _ command: String, id: String?, _ server: ServerOptions, _ output: OutputOptions,
        _ arguments: [String: String?] = [:]
    ) async throws {
        for value in try await server.ask(command, arguments.merging(["id": id]) { $1 }) {
            guard !output.json, case .object(let members) = value else {
                Terminal.json(value)
                continue
            }
            Terminal.line(
                members.map { "\($0.key): \($0.value.stringValue ?? $0.value.written)" }.joined(separator: ", "))
        }
    }
}
