// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import NIOCore
import SluiceTesting

struct MessagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "Messages as fast as they are taken; each must arrive once.")

    @OptionGroup var options: RelayOptions
    @Option var messages = 20_000
    @Option var connections = 50
    @Option(help: "Octets of a body.") var size = 4096
    @Option(help: "Messages over one connection, before it is made anew.") var each = 100

    func run() async throws {
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        try await relay.start()
        var load = LoadClient(port: relay.port)
        load.timeout = .seconds(120)  // a machine that others use is no fault of the relay's
        (load.connections, load.messages, load.messagesPerConnection) = (connections, messages, each)
        load.bodySize = size
        let before = try relay.figures()
        let started = ContinuousClock.now
        let report = await load.run()
        let took = ContinuousClock.now - started
        let account = try await relay.accountWhenDelivered(within: .seconds(120))
        let all = ContinuousClock.now - started
        let figures = try relay.figures()
        print("messages: \(messages) of \(size) octets over \(connections) connections; \(machineLoad())")
        var judgement = Judgement()
        sink.judge(report, account, &judgement)
        judgement.expect(report.acknowledged.count == messages, "\(report.acknowledged.count) of \(messages) taken")
        let used = (figures.processorTime - before.processorTime).milliseconds / Double(max(1, messages))
        print(
            "  \((Double(report.acknowledged.count) / (took / .seconds(1))).written) messages/s taken, all delivered after \((all / .seconds(1)).written) s"
        )
        print("  \(used.written) ms of the relay's processor time a message, \(figures.residentPeak.mebibytes) at most")
        print("  transaction: \(report.latencies.written)")
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }
}
