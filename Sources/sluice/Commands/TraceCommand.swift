// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SluiceCore
import SluiceHistory

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Says what became of a message, and why.",
        discussion: """
            One line a message, the latest first; with the id of one, its whole decision record and every step of each
            recipient. What was refused is found too.

            EXAMPLES:
              sluice trace                                  the latest
              sluice trace 3k9fzq2m1c8d                     all about one
              sluice trace --from a@example.net --since 2h
              sluice trace --disposition reject --client 192.0.2.1
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "An id, a Message-ID, an address of sender or recipient, or a client's address.")
    var query: String?
    @Option(name: .long, help: ArgumentHelp("The reverse-path; <> for the null one.", valueName: "address")) var from:
        String?
    @Option(name: .long, help: ArgumentHelp("A recipient.", valueName: "address")) var to: String?
    @Option(name: .long, help: ArgumentHelp("The client's address or name.", valueName: "client")) var client: String?
    @Option(name: .long, help: ArgumentHelp("The Message-ID.", valueName: "id")) var messageID: String?
    @Option(name: .long, help: "deliver, quarantine, reject, defer or discard.") var disposition: String?
    @Option(name: .long, help: ArgumentHelp("How far back, such as 2h; or a time in RFC 3339.", valueName: "time"))
    var since: String?
    @Option(name: .long, help: ArgumentHelp("Up to when.", valueName: "time")) var until: String?
    @Option(name: .long, help: "At most so many.") var limit = 50

    func run() async throws {
        if let query, query.utf8.count == 12, query.utf8.allSatisfy(\.isASCIIAlphanumeric),
            try await showOne(query)
        {
            return
        }
        var wanted = TraceQuery(limit: limit)
        wanted.term = query
        wanted.sender = from
        wanted.recipient = to
        wanted.client = client
        wanted.messageID = messageID
        if let disposition {
            guard let value = Disposition(rawValue: disposition) else {
                throw CommandFailure(
                    .usage,
                    "--disposition \(disposition): one of \(Disposition.allCases.map(\.rawValue).joined(separator: ", ")) would be right"
                )
            }
            wanted.disposition = value
        }
        wanted.since = try since.map { try TimeArgument.read($0, option: "--since") }
        wanted.until = try until.map { try TimeArgument.read($0, option: "--until") }
        let text = String(decoding: try JSONEncoder().encode(wanted), as: UTF8.self)
        let found = try await server.ask("trace find", ["query": text])
        if output.json { return found.forEach(Terminal.json) }
        if found.isEmpty { return Terminal.line("Nothing was found.") }
        let rows = found.map { item in
            [
                item["id"]?.stringValue ?? "", item["time"]?.stringValue ?? "", item["disposition"]?.stringValue ?? "",
                item["client"]?.stringValue ?? "", "<\(item["reverse_path"]?.stringValue ?? "")>",
                (item["recipients"]?.arrayValue ?? []).compactMap(\.stringValue).map { "<\($0)>" }.joined(
                    separator: " "),
                item["turned_on"]?.stringValue ?? "-", item["reply"]?.stringValue ?? "",
            ]
        }
        Table.lines(["ID", "TIME", "DISPOSITION", "CLIENT", "FROM", "TO", "TURNED ON", "REPLY"], rows).forEach(
            Terminal.line)
    }

    /// - Returns: `false` where no message has that id.
    private func showOne(_ id: String) async throws -> Bool {
        let values: [JSONValue]
        do { values = try await server.ask("trace show", ["id": id]) } catch let failure as CommandFailure
            where failure.status == .noSuchFile
        { return false }
        for value in values {
            if output.json { Terminal.json(value) } else { TraceReport.lines(value).forEach(Terminal.line) }
        }
        return true
    }
}
