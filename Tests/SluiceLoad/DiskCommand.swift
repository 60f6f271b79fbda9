// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import NIOCore
import SluiceTesting

struct DiskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk", abstract: "A disk that fills up under load, and empties again.",
        discussion: """
            With --folder on a volume of some hundred MiB (scripts/small-disk makes one). The next hop refuses until \
            the relay refuses too; then it takes messages again, while others keep coming.
            """)

    @OptionGroup var options: RelayOptions
    @Option(help: "Octets of a body.") var size = 64 << 10
    @Option(help: "Messages, more than the volume has room for.") var messages = 8000
    @Option(help: "Seconds until it must take mail again.") var patience = 150

    func run() async throws {
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        try await relay.start()
        var judgement = Judgement()
        sink.refuse(true)
        var load = LoadClient(port: relay.port)
        (load.messages, load.connections, load.messagesPerConnection) = (messages, 20, 100)
        (load.bodySize, load.idPrefix, load.patience) = (size, "fill", .seconds(10))
        var all = await load.run()
        let full = try relay.account()
        print("disk: \(messages) messages of \(size) octets, the next hop refusing: \(all.acknowledged.count) taken")
        print("  refused: \(Self.kinds(all)); \(full)")
        judgement.expect(!all.refused.isEmpty, "the disk never was full")
        judgement.expect(all.refused.values.allSatisfy { $0.hasPrefix("45") }, "other refusals than 45z")
        judgement.expect(all.unknown.isEmpty, "\(all.unknown.count) connections broke")
        // It goes on delivering, and takes mail again as there is room.
        sink.refuse(false)
        let started = ContinuousClock.now
        var attempts = 0
        var taken = false
        while !taken, ContinuousClock.now - started < .seconds(patience) {
            attempts += 1
            (load.messages, load.idPrefix) = (50, "again\(attempts)")
            let report = await load.run()
            taken = report.acknowledged.count == 50
            all.acknowledged += report.acknowledged
            if !taken { try await Task.sleep(for: .seconds(1)) }
        }
        let recovered = (ContinuousClock.now - started) / .seconds(1)
        let account = try await relay.accountWhenDelivered(within: .seconds(120))
        print(
            "  the next hop takes again: \(taken ? "all" : "not all") new messages taken after \(recovered.written) s")
        sink.judge(all, account, refusals: true, &judgement)
        judgement.expect(taken, "it did not recover within \(patience) s")
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }

    private static func kinds(_ report: LoadClient.Report) -> String {
        var kinds: [String: Int] = [:]
        for reply in report.refused.values { kinds[String(reply.prefix(9)), default: 0] += 1 }
        return kinds.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
    }
}
