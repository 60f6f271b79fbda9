// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore
import SluiceQueue
import SluiceServer

struct SalvageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Gets out of a damaged journal what can be read.",
        discussion: """
            Where the disk returns something else than was written, Sluice sets the part aside with its reason and goes on
            with the rest (the log says so). This lists the messages in those parts that are not in the queue and that the
            ledger does not know to be finished; writes them out; or brings back those whose content is whole, held, so
            that somebody looks at them before queue release. What was set aside is never changed. The account goes on
            naming what is missing in the ledger.

            EXAMPLES:
              sluice queue salvage                          what there is
              sluice queue salvage --into /root/salvaged    ID.eml and ID.json of each
              sluice queue salvage --requeue                all that is whole, held
              sluice queue salvage --requeue 3k9fzq2m1c8d   one
              sluice queue release 3k9fzq2m1c8d             delivers it
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: ArgumentHelp("Write each into this folder.", valueName: "folder")) var into: String?
    @Flag(name: .long, help: "Bring back what is whole, held.") var requeue = false
    @Argument(help: "Only the message of that id, or queue id.") var id: String?

    func validate() throws {
        if requeue && into != nil { throw ValidationError("--into or --requeue, one of them would be right") }
    }

    func run() async throws {
        if requeue { return try await Change.run("queue salvage requeue", id: id, server, output) }
        let found: [JSONValue]
        if let into {
            found = try await write(into: into)
        } else {
            found = try await server.ask("queue salvage", ["id": id])
        }
        if output.json { return found.forEach(Terminal.json) }
        if found.isEmpty { return Terminal.line("Nothing was set aside that is not in the queue or finished.") }
        Table.lines(
            ["ID", "ACCEPTED", "FROM", "TO", "ENVELOPE", "CONTENT", "SIZE", "PLACE"], found.map(Self.row)
        ).forEach(Terminal.line)
    }

    private static func row(_ item: JSONValue) -> [String] {
        func text(_ key: String) -> String { Printable.text(item[key]?.stringValue ?? "") }
        let recipients = (item["recipients"]?.arrayValue ?? []).map { recipient -> String in
            let address = Printable.text(recipient["address"]?.stringValue ?? "")
            return "<\(address)> \(recipient["state"]?.stringValue ?? "")"
        }
        return [
            text("id"), text("time"), "<\(text("reverse_path"))>", recipients.joined(separator: " "),
            text("envelope"), text("content"), item["size"]?.written ?? "-", text("place"),
        ]
    }

    private func write(into folder: String) async throws -> [JSONValue] {
        let place = try server.place()
        do {
            var messages = try await StateControl(
                directory: place.directory, configuration: place.configuration, logger: ServerOptions.logger
            ).salvage()
            if let id {
                messages = messages.filter { message in
                    message.messageID == id.lowercased() || message.items.contains { $0.id.description == id }
                }
            }
            return try SalvageExport.write(messages, into: folder)
        } catch {
            throw CommandFailure(.tryAgain, "\(error)")
        }
    }
}
