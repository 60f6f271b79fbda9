// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Logging
import SluiceCore
import SluiceServer
import Synchronization

struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Breaks what each stage depends on, and shows that the declared failure policy is what happens.",
        discussion: """
            Works on a private instance with the pipelines of the configuration: a state directory of its own in the temporary
            directory, ports of loopback, and a DNS, a next hop, filters and worker processes of its own to break. The running
            server, its state, its ports and its next hops are never touched.

            Each dependency is dead, hangs, is slow, answers garbage and crashes in the middle; the disk is full. Time limits are
            shortened for it: a stage gets 1.5 s at most, the resolver 400 ms, so the whole takes less than a minute.
            Without --config, where there is no sluice.yml here or in /etc/sluice, it drills the embedded pipelines.

            Exit 0: everything went as declared. 1: something did not. 130: interrupted.

            EXAMPLES:
              sluice drill                                everything
              sluice drill --config sluice.yml virus      the stage virus of every pipeline
              sluice drill inbound/spf next-hop disk      one stage, the next hop, the full disk
              sluice drill --json                         one JSON object a line
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .long, help: "Show the private instance's log.")
    var verbose = false
    @Argument(help: ArgumentHelp("Stages, next-hop or disk; everything without.", valueName: "stage"))
    var stages: [String] = []

    func run() async throws {
        let log = verbose ? LogOutput() : nil
        defer { log?.close() }
        LoggingSystem.bootstrap { _ -> any LogHandler in
            if let log { JSONLogHandler(log) } else { SwiftLogNoOpLogHandler() }
        }
        let source = try source()
        let report = DrillReport(source.file, isJSON: output.json)
        do {
            try await Drill(source, only: stages, logger: Logger(label: "sluice.drill")) { report.add($0) }.run()
        } catch let error as ServerError {
            throw CommandFailure(error.isConfiguration ? .badConfiguration : .serviceMissing, "\(error)")
        } catch let error as Drill.UnknownStage {
            throw CommandFailure(.usage, "\(error)")
        } catch is Drill.Interrupted {
            Terminal.error("interrupted; all that it had started is gone")
            throw ExitCode(130)
        }
        report.ended()
        if report.isOtherwise { throw CommandFailure(.failed, "") }
    }

    private func source() throws -> Drill.Source {
        if configuration.config == nil, !FileManager.default.fileExists(atPath: configuration.path) { return .embedded }
        return Drill.Source(
            text: try InputFile.text(configuration.path), file: configuration.path,
            directory: URL(fileURLWithPath: configuration.path).deletingLastPathComponent().path)
    }
}

/// Prints the table as it comes.
private final class DrillReport: Sendable {
    private let file: String
    private let isJSON: Bool
    private let counts = Mutex<[DrillRow.Judgement]>([])
    private let start = ContinuousClock.now

    init(_ file: String, isJSON: Bool) {
        self.file = file
        self.isJSON = isJSON
    }

    var isOtherwise: Bool { counts.withLock { $0.contains(.otherwise) } }

    private func begin() {
        Terminal.line(
            "The pipelines of \(file) on a private instance; stages get 1.5 s at most, the resolver 400 ms.")
        Terminal.line("")
        Terminal.line(Terminal.colour(Self.line("STAGE", "BROKE", "DECLARED", "OK", "SEEN"), .bold))
    }

    func add(_ row: DrillRow) {
        let isFirst = counts.withLock { counts in
            counts.append(row.judgement)
            return counts.count == 1
        }
        guard !isJSON else { return Terminal.json(row.json) }
        if isFirst { begin() }
        let (word, colour): (String, Terminal.Colour) =
            switch row.judgement {
            case .asDeclared: ("ok", .green)
            case .otherwise: ("NO", .red)
            case .notTried: ("-", .dim)
            }
        let broke = row.fault == .none ? row.broke : "\(row.broke): \(row.fault.rawValue)"
        let line = Self.line(row.stage, broke, row.declared, word, Printable.text(row.seen))
        Terminal.line(Terminal.colour(line, colour))
    }

    func ended() {
        guard !isJSON else { return }
        let (asDeclared, otherwise, notTried) = counts.withLock { counts in
            (
                counts.count { $0 == .asDeclared }, counts.count { $0 == .otherwise },
                counts.count { $0 == .notTried }
            )
        }
        let elapsed = (ContinuousClock.now - start).components
        Terminal.line("")
        Terminal.line(
            "\(asDeclared) as declared, \(otherwise) otherwise, \(notTried) with nothing to break; \(elapsed.seconds) s."
        )
    }

    private static func line(_ stage: String, _ broke: String, _ declared: String, _ word: String, _ seen: String)
        -> String
    {
        pad(stage, 24) + pad(broke, 32) + pad(declared, 40) + pad(word, 4) + seen
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
