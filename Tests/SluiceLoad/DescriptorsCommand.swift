// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import NIOCore
import SluiceTesting

struct DescriptorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "descriptors", abstract: "More connections than the relay has descriptors, then as before.")

    @OptionGroup var options: RelayOptions
    @Option(help: "The relay's descriptors.") var descriptors = 600
    @Option(help: "Connections at once.") var connections = 3000

    func run() async throws {
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        relay.descriptorLimit = descriptors
        try await relay.start()
        var judgement = Judgement()
        var before = LoadClient(port: relay.port)
        (before.messages, before.idPrefix) = (200, "before")
        var all = await before.run()
        let port = relay.port
        // Greeted, refused, or not answered while they last.
        let greetings = await withTaskGroup(of: String.self) { group in
            for _ in 0..<connections {
                group.addTask {
                    do {
                        let dialogue = try await DialogueRunner.connect(port: port, timeout: .seconds(3))
                        let greeting = try? await dialogue.reply().last  // none: counted as such
                        try await Task.sleep(for: .seconds(3))
                        try await dialogue.close()
                        return String(greeting?.prefix(3) ?? "none")
                    } catch { return "none" }
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        var after = LoadClient(port: relay.port)
        (after.messages, after.idPrefix, after.patience) = (200, "after", .seconds(10))
        let report = await after.run()
        all.acknowledged += report.acknowledged
        let account = try await relay.accountWhenDelivered(within: .seconds(60))
        let counts = greetings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        print("descriptors: \(connections) connections at once, \(descriptors) descriptors: \(counts)")
        print("  then \(report.acknowledged.count) of 200 messages taken, without a restart")
        sink.judge(all, account, &judgement)
        judgement.expect(greetings["421", default: 0] > 0, "none was refused with 421")
        judgement.expect(report.acknowledged.count == 200, "it did not recover")
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }
}
