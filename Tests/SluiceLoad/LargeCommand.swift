// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceTesting

struct LargeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "large", abstract: "What a large message costs the relay, until it is delivered.")

    @OptionGroup var options: RelayOptions
    @Option(help: "Octets of the message, about.") var size = 25_000_000
    @Option(help: "MiB above idle.") var limit = 64

    func run() async throws {
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        try await relay.start()
        var all = try await send(1, of: .text(4096), "small", relay)
        var judgement = Judgement()
        print("large: \(size) octets; \(machineLoad())")
        for content in [LargeContent.text(size), .attachment(size), .html(size), .textParts(size)] {
            let idle = try relay.figures().resident
            try relay.forgetPeak()
            let started = ContinuousClock.now
            let report = try await send(1, of: content, content.name, relay)
            _ = try await relay.accountWhenDelivered(within: .seconds(60))
            let took = (ContinuousClock.now - started) / .seconds(1)
            let peak = try relay.figures().residentPeak
            let reply = report.refused.values.first ?? "taken"
            print(
                "  \(content.name): \(idle.mebibytes) idle, \(peak.mebibytes) at most: \((peak - idle).mebibytes) above it; \(took.written) s, \(reply)"
            )
            judgement.expect(peak - idle < limit << 20, "\(content.name) cost \((peak - idle).mebibytes)")
            all.acknowledged += report.acknowledged
            all.refused.merge(report.refused) { old, _ in old }
            all.unknown += report.unknown
        }
        sink.judge(all, try relay.account(), &judgement)
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }

    private func send(
        _ count: Int, of content: LargeContent, _ name: String, _ relay: Relay
    ) async throws -> LoadClient.Report {
        var load = LoadClient(port: relay.port)
        (load.connections, load.messages, load.idPrefix) = (1, count, name)
        load.content = { content.message(id: $0) }
        return await load.run()
    }
}
