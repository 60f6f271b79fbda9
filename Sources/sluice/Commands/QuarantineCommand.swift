// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Reviews what is held, and releases or deletes it.",
        discussion: """
            A released message is delivered with the edits that were recorded. Only the virus scan runs again.

            EXAMPLES:
              sluice quarantine list
              sluice quarantine show 3k9fzq2m1c8d
              sluice quarantine release 3k9fzq2m1c8d
              sluice quarantine purge --older-than 30d
            """,
        subcommands: [List.self, Show.self, Release.self, Delete.self, Purge.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists what is held for review.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let items = try await server.ask("quarantine list")
            if output.json { return items.forEach(Terminal.json) }
            if items.isEmpty { return Terminal.line("The quarantine is empty.") }
            let rows = items.map { item in
                [
                    item["id"]?.stringValue ?? "", item["time"]?.stringValue ?? "",
                    "<\(item["reverse_path"]?.stringValue ?? "")>",
                    (item["recipients"]?.arrayValue ?? []).compactMap(\.stringValue).map { "<\($0)>" }.joined(
                        separator: " "),
                    item["score"].map { $0 == .null ? "-" : $0.written } ?? "-", item["reason"]?.stringValue ?? "",
                ]
            }
            Table.lines(["ID", "ACCEPTED", "FROM", "TO", "SCORE", "WHY"], rows).forEach(Terminal.line)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the decision and the message.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id of the message, or a queue id.") var id: String

        func run() async throws {
            for value in try await server.ask("quarantine show", ["id": id]) {
                guard !output.json, case .object(let members) = value else {
                    Terminal.json(value)
                    continue
                }
                for member in members where member.key != "content" {
                    Terminal.line(
                        "\(Terminal.colour(member.key, .bold)): \(member.value.stringValue ?? member.value.written)")
                }
                Terminal.line("")
                Terminal.line(Printable.text(value["content"]?.stringValue ?? ""))
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delivers a message that is held.",
            discussion: "The virus scan runs again; what it finds, or that it can't run, leaves the message held.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id of the message, or a queue id.") var id: String
        @Flag(name: .long, help: "Without a virus scan; the record says who did so.") var infected = false

        func run() async throws {
            try await Change.run("quarantine release", id: id, server, output, ["infected": "\(infected)"])
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a message that is held.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id of the message, or a queue id.") var id: String

        func run() async throws { try await Change.run("quarantine delete", id: id, server, output) }
    }

    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes all that has been held for longer.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "With its unit, such as 30d.") var olderThan: String

        func run() async throws {
            guard let age = Duration(written: olderThan) else {
                throw CommandFailure(
                    .usage, "--older-than \(olderThan): a duration with its unit, such as 30d, would be right")
            }
            try await Change.run(
                "quarantine purge", id: nil, server, output, ["older_than": "\(age.wholeMilliseconds)"])
        }
    }
}
