// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SluiceCore
import SluiceServer

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows what the running server does, live.",
        discussion: """
            On a terminal a screen, drawn anew each second: messages a second by disposition, the queue and its oldest
            message, the slowest stages, the last refusals. q or Ctrl-C ends it. Elsewhere a line each second.
            Rates are those of the time between two looks. A server has to run.

            EXAMPLES:
              sluice top
              sluice top --interval 5
              sluice top --once                        one look of a second, as text
              sluice top --json | jq .messages_per_second
              sluice top > top.log                     a line a second
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: ArgumentHelp("How often to look.", valueName: "seconds"))
    var interval = 1.0
    @Flag(name: .long, help: "Look for one interval, print it, and end.")
    var once = false

    func validate() throws {
        guard 0.1...3600 ~= interval else { throw ValidationError("--interval: 0.1 to 3600 would be right") }
    }

    func run() async throws {
        let first = try await snapshot()
        if once { return try await showOnce(since: first) }
        guard !output.json, let screen = TerminalScreen() else { return try await printLines(since: first) }
        try await show(first, on: screen)
    }

    private func snapshot() async throws -> TopSnapshot {
        guard let value = try await server.ask("top").first else {
            throw CommandFailure(.bug, "the server said nothing")
        }
        return try JSONDecoder().decode(TopSnapshot.self, from: Data(value.written.utf8))
    }

    private func showOnce(since first: TopSnapshot) async throws {
        try await Task.sleep(for: .seconds(interval))
        let screen = TopScreen(try await snapshot(), since: first)
        if output.json { return Terminal.json(screen.json) }
        let size = TerminalScreen.size ?? (width: 200, height: 200)
        for line in screen.lines(width: size.width, height: size.height) { Terminal.line(line) }
    }

    /// A line each interval, until nobody reads any more.
    private func printLines(since first: TopSnapshot) async throws {
        var earlier = first
        while true {
            try await Task.sleep(for: .seconds(interval))
            let later = try await snapshot()
            let screen = TopScreen(later, since: earlier)
            let line = output.json ? screen.json.written : screen.line
            do {
                try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
            } catch { return }  // the reader has gone, and that is how one ends it
            earlier = later
        }
    }

    // MARK: The screen

    /// What is to be shown: two looks at the server, or why it can't be looked at.
    private struct Shown {
        var earlier: TopSnapshot?
        var later: TopSnapshot
        var fault: String?

        func lines(width: Int, height: Int) -> [String] {
            let screen = TopScreen(later, since: earlier)
            guard let fault else { return screen.lines(width: width, height: height) }
            return [String(Printable.text("no answer: \(fault)").prefix(width))]
                + screen.lines(width: width, height: height - 1)
        }
    }

    private func show(_ first: TopSnapshot, on screen: TerminalScreen) async throws {
        try await screen.run(every: .seconds(interval)) { [self] look in
            var shown = Shown(later: first)
            try screen.draw { shown.lines(width: $0, height: $1) }
            for await event in look {
                switch event {
                case .end: return
                case .resized: break
                case .tick:
                    do {
                        let later = try await snapshot()
                        shown = Shown(earlier: shown.later, later: later)
                    } catch {
                        // The server may be back at the next look; what was there last stays on the screen.
                        shown.fault = (error as? CommandFailure)?.message ?? "\(error)"
                    }
                }
                try screen.draw { shown.lines(width: $0, height: $1) }
            }
        }
    }
}
