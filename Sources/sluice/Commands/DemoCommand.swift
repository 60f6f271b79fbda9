// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Logging
import SluiceCore
import SluiceServer

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the main job on sample mail: everything on loopback, no server needed.",
        discussion: """
            Starts a relay, a sink that plays the internal server, and a zone that plays the DNS; sends the sample mail and
            prints each decision with its reasons; releases one message from quarantine, verifies what was signed, and
            proves that nothing was lost.

            EXAMPLES:
              sluice demo
              sluice demo --verbose        with the server's log on stderr
            """)

    @Flag(name: .long, help: "Show the server's log.")
    var verbose = false

    func run() async throws {
        let output = verbose ? LogOutput() : nil
        defer { output?.close() }
        LoggingSystem.bootstrap { _ -> any LogHandler in
            if let output { JSONLogHandler(output) } else { SwiftLogNoOpLogHandler() }
        }
        do {
            try await Demo(logger: Logger(label: "sluice.demo")) { Self.tell($0) }.run()
        } catch let error as ServerError {
            throw CommandFailure(.serviceMissing, "\(error)")
        }
    }

    private static func tell(_ event: Demo.Event) {
        switch event {
        case .started(let relay, let sink, let directory):
            Terminal.line(
                "A relay on 127.0.0.1:\(relay) in front of an internal server on 127.0.0.1:\(sink); all state in \(directory)."
            )
            Terminal.line("")
            Terminal.line(Terminal.colour(row("MESSAGE", "DISPOSITION", "SCORE", "REPLY"), .bold))
        case .message(let report): message(report)
        case .released(let id, let received):
            Terminal.line("")
            Terminal.line("Released \(id) from quarantine; the internal server got \(received)")
        case .verified(let result): Terminal.line("DKIM of the outgoing message as it left: \(result)")
        case .account(let account):
            Terminal.line("The account of every accepted recipient: \(account.written)")
        case .ended(let seconds):
            Terminal.line("")
            Terminal.line("Done in \((seconds * 10).rounded() / 10) s. What to try next:")
            Terminal.line("  sluice scan fixtures/spam-phishing.eml       the chain on one message")
            Terminal.line("  sluice message fixtures/malformed-mime.eml   how Sluice reads it")
            Terminal.line(
                "  sluice check --config sluice.yml             your configuration (README has two of 20 lines)")
        }
    }

    private static func message(_ report: DemoReport) {
        let score = report.score.map { DecisionReport.decimal($0) } ?? "-"
        Terminal.line(row(report.name, report.disposition, score, report.reply))
        for reason in report.reasons.prefix(6) { Terminal.line(Terminal.colour("    " + Printable.text(reason), .dim)) }
        if report.reasons.count > 6 { Terminal.line(Terminal.colour("    and \(report.reasons.count - 6) more", .dim)) }
        Terminal.line("    received: \(report.received)")
    }

    private static func row(_ name: String, _ disposition: String, _ score: String, _ reply: String) -> String {
        pad(name, 30) + pad(disposition, 22) + pad(score, 7) + reply
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
