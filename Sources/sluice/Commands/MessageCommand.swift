// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore
import SluiceServer

/// `sluice message FILE`
struct MessageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message",
        abstract: "Show a message as Sluice reads it: header fields, MIME tree, attachments.",
        discussion: """
            The octets are read as they stand in the file, with either kind of line end. Sizes and digests are those of
            the parts without their transfer encoding. What is wrong with a message is a defect and never refused.

            Parts are numbered as IMAP numbers them (RFC 3501): 1, 2, 2.1; a multipart that is the body of a message
            is TEXT, or 3.TEXT inside part 3.

            EXAMPLES:
              sluice message mail.eml
              sluice message mail.eml --text
              sluice message - --json < mail.eml | jq '.parts[].filename'
            """)

    @Argument(help: ArgumentHelp("The message; - is standard input.", valueName: "file"))
    var file: String

    @OptionGroup var output: OutputOptions

    @Flag(name: .long, help: "Show the text of text parts, in UTF-8 and without transfer encoding.")
    var text = false

    func run() throws {
        let report = try MessageReport(MemoryContent(try InputFile.octets(file)), includesText: text)
        if output.json {
            Terminal.json(report.json)
        } else {
            for line in report.lines { Terminal.line(line) }
        }
    }
}
