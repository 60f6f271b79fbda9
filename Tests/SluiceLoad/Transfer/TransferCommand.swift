// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

/// What `Benchmarks/relay` runs against each relay in turn: client and next hop in one thread, at as little cost as can be,
/// as all three share the machine.
struct TransferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer", abstract: "Sends messages through a relay that runs already; prints one JSON object.",
        discussion: """
            The relay at --port has to pass all on to --sink-port. Ends when the last message has arrived there. The rate \
            is of all messages by the time from the first connection to the last arrival.
            """)

    @Option(help: "Where the relay listens, on loopback.") var port: Int
    @Option(help: "Where the relay's next hop is to listen, on loopback.") var sinkPort: Int
    @Option var messages = 1000
    @Option(help: "Connections at once; each message has a new one.") var connections = 50
    @Option(help: "A file with a whole message, lines ending in CRLF; of several each is sent in turn.") var content:
        [String]
    @Option var from = "sender@sender.example"
    @Option var recipient = "recipient@here.example"
    @Option(help: "Seconds without an arrival after which it gives up.") var patience = 30

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let progress = TransferProgress(total: messages)
        let sink = try await TransferSinkHandler.listen(port: sinkPort, group: group, progress: progress)
        let contents = try content.map { try TransferClientHandler.transmitted(contentsOf: $0) }
        let load = TransferLoad(
            port: port, contents: contents, from: from, recipient: recipient, group: group, progress: progress)
        let started = ContinuousClock.now
        load.begin(connections: min(connections, messages))
        var (seen, quiet) = (0, 0)
        while !progress.isComplete, quiet < patience * 100 {
            try await Task.sleep(for: .milliseconds(10))
            quiet = progress.arrived == seen ? quiet + 1 : 0
            seen = progress.arrived
        }
        let report = progress.report(since: started)
        try await sink.close()
        try await group.shutdownGracefully()
        print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
        guard report.arrived == messages, report.acknowledged == messages else { throw ExitCode(1) }
    }
}
