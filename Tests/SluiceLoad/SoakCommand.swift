// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import NIOCore
import SluiceTesting
import Synchronization

struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Messages at a steady rate; memory and descriptors must not grow.",
        discussion: """
            Resident memory and descriptors are looked at each second. What is compared are the medians of two windows \
            of a minute: the second minute, and the last (of shorter runs: the second quarter and the last).
            """)

    @OptionGroup var options: RelayOptions
    @Option var seconds = 1200
    @Option(help: "Messages a second.") var rate = 200
    @Option(help: "Octets of a body.") var size = 4096
    @Option var connections = 50
    @Option(help: "Messages over one connection, before it is made anew.") var each = 20
    @Option(help: "By how much memory may grow, in per cent.") var growth = 2.0

    func run() async throws {
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        try await relay.start()
        var load = LoadClient(port: relay.port)
        load.timeout = .seconds(120)  // a machine that others use is no fault of the relay's
        (load.connections, load.messages, load.messagesPerConnection) = (connections, rate * seconds, each)
        load.bodySize = size
        load.rate = Double(rate)
        let client = load
        let start = try relay.figures()
        print("soak: \(seconds) s at \(rate) messages/s of \(size) octets; \(machineLoad())")
        let acknowledged = Acknowledged()
        async let loaded = client.run { _ in acknowledged.count.add(1, ordering: .relaxed) }
        let samples = try await samples(of: relay) { acknowledged.count.load(ordering: .relaxed) - sink.copies.count }
        let report = await loaded
        let account = try await relay.accountWhenDelivered(within: .seconds(60))
        let end = try await settled(relay, start)
        var judgement = Judgement()
        sink.judge(report, account, &judgement)
        judge(samples, start: start, end: end, &judgement)
        let used = (end.processorTime - start.processorTime).milliseconds / Double(max(1, client.messages))
        print("  \(used.written) ms of the relay's processor time a message; \(machineLoad())")
        print("  from when a message was due to its 250: \(report.latencies.written)")
        judgement.expect(relay.log.isEmptyButForWarnings, "errors in the log: \(relay.log.prefix(500))")
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }

    /// Its figures once it has closed the connections to the next hop that it kept for more, which takes some 10 s.
    private func settled(_ relay: Relay, _ start: ProcessFigures) async throws -> ProcessFigures {
        var figures = try relay.figures()
        for _ in 0..<60 where figures.descriptors > start.descriptors + 5 {
            try await Task.sleep(for: .milliseconds(500))
            figures = try relay.figures()
        }
        return figures
    }

    private final class Acknowledged: Sendable { let count = Atomic(0) }

    /// - Parameter waiting: messages that are acknowledged and not delivered: they take memory, and where they become
    ///   more and more, the machine is too slow for this rate.
    private func samples(of relay: Relay, waiting: () -> Int) async throws -> [ProcessFigures] {
        let started = ContinuousClock.now
        var samples: [ProcessFigures] = []
        for second in 1...max(8, seconds) {
            try await Task.sleep(until: started + .seconds(second))
            samples.append(try relay.figures())
            if second % 60 == 0, let sample = samples.last {
                print(
                    "  minute \(second / 60): \(sample.resident.mebibytes), \(sample.descriptors) descriptors, \(sample.threads) threads, \(waiting()) messages wait"
                )
                fflush(nil)  // a file shows it at once too
            }
        }
        return samples
    }

    private func judge(
        _ samples: [ProcessFigures], start: ProcessFigures, end: ProcessFigures, _ judgement: inout Judgement
    ) {
        let window = min(60, samples.count / 4)
        let early = samples.dropFirst(window).prefix(window)
        let late = samples.suffix(window)
        let (before, after) = (early.map(\.resident).median, late.map(\.resident).median)
        let grown = (Double(after) / Double(before) - 1) * 100
        print(
            "  memory: \(start.resident.mebibytes) at the start, \(before.mebibytes) early (median of \(window) s), \(after.mebibytes) at last: \(grown.written) %"
        )
        judgement.expect(grown < growth, "memory grew by \(grown.written) %, \(growth.written) % would be the limit")
        let descriptors = (early.map(\.descriptors).median, late.map(\.descriptors).median)
        print(
            "  descriptors: \(start.descriptors) at the start, \(descriptors.0) early, \(descriptors.1) at last, \(end.descriptors) after it"
        )
        // Sessions come and go, and as many as 20 connections to the next hop; a leak would be one for each of thousands.
        let most = late.map(\.descriptors).max() ?? 0
        judgement.expect(most <= start.descriptors + connections + 30, "descriptors grew to \(most)")
        judgement.expect(end.descriptors <= start.descriptors + 5, "\(end.descriptors) descriptors are left")
    }
}

extension String {
    /// Whether no line of the log is an error.
    var isEmptyButForWarnings: Bool { !contains("\"level\": \"error\"") && !contains("\"level\": \"critical\"") }
}
