// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceTesting

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Worker processes that are killed under load, again and again.")

    @OptionGroup var options: RelayOptions
    @Option(help: "For how long they are killed.") var seconds = 20
    @Option(help: "Messages a second.") var rate = 50

    func run() async throws {
        var options = options
        options.chain = "[{spf: {}}, {dkim-verify: {}}, {virus: {database: embedded}}, {spam: {}}]"
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        try await relay.start()
        var load = LoadClient(port: relay.port)
        (load.connections, load.messages, load.messagesPerConnection) = (20, rate * seconds, 20)
        (load.rate, load.idPrefix) = (Double(rate), "killing")
        let client = load
        let started = ContinuousClock.now
        async let loaded = client.run()
        var killed = 0
        while ContinuousClock.now - started < .seconds(seconds) {
            try await Task.sleep(for: .milliseconds(250))
            killed += try relay.killWorkers()
        }
        var all = await loaded
        let first = all
        (load.messages, load.idPrefix) = (100, "after")
        var judgement = Judgement()
        // The last worker was killed a moment ago; a new one begins with the first message.
        var after = LoadClient.Report()
        for attempt in 0..<10 where after.acknowledged.count < 100 {
            (load.idPrefix, load.messages) = ("after\(attempt)", 100)
            after = await load.run()
            all.acknowledged += after.acknowledged
        }
        let account = try await relay.accountWhenDelivered(within: .seconds(60))
        print("workers: \(killed) killed in \(seconds) s, \(rate) messages/s meanwhile")
        print(
            "  meanwhile \(first.acknowledged.count) taken, \(first.refused.count) refused; then \(after.acknowledged.count) of 100 taken"
        )
        sink.judge(all, account, refusals: true, &judgement)
        judgement.expect(killed > 0, "there were no workers")
        judgement.expect(first.refused.values.allSatisfy { $0.hasPrefix("451") }, "other refusals than 451")
        judgement.expect(first.unknown.isEmpty, "\(first.unknown.count) connections broke")
        judgement.expect(after.acknowledged.count == 100, "it did not recover")
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }
}
