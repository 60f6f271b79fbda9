// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import NIOCore
import SluiceTesting

struct SlowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slow", abstract: "Slow-loris connections must not keep others waiting.",
        discussion: """
            Half of them send a command line, half content, an octet every few seconds. Others send messages at a \
            steady rate before, meanwhile and after it: their latencies are compared.
            """)

    @OptionGroup var options: RelayOptions
    @Option(help: "Slow connections.") var connections = 5000
    @Option(help: "Seconds between two octets of a connection.") var pause = 3.0
    @Option(help: "Messages of the others, each time.") var messages = 2000
    @Option(help: "Messages of the others a second.") var rate = 50
    @Option(help: "How many times the latency without them may be reached.") var factor = 2.0

    func run() async throws {
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        try await relay.start()
        var all = LoadClient.Report()
        _ = try await latencies("warm", relay, &all)
        let before = try await latencies("before", relay, &all)
        let slow = try await Sessions.open(Sessions.limit(connections), port: relay.port) { number, dialogue in
            guard number.isMultiple(of: 2) else { return }
            try await dialogue.send("MAIL FROM:<slow@client.test>", expect: "250")
            try await dialogue.send("RCPT TO:<slow@example.org>", expect: "250")
            try await dialogue.send("DATA", expect: "354")
        }
        let pause = pause
        let dialogues = slow.dialogues
        let trickle = Task { try await Self.trickle(over: dialogues, pause: pause) }
        let during = try await latencies("during", relay, &all)
        trickle.cancel()
        let sent = (try? await trickle.value) ?? 0  // it ends by being cancelled
        let held = try relay.figures().descriptors
        try await slow.close()
        let after = try await latencies("after", relay, &all)
        let account = try await relay.accountWhenDelivered(within: .seconds(60))
        print(
            "slow: \(dialogues.count) connections, an octet every \(pause.written) s (\(sent) in all); \(machineLoad())"
        )
        let without = before + after
        print("  without them: \(without.written)\n  with them:    \(during.written)")
        var judgement = Judgement()
        sink.judge(all, account, &judgement)
        for share in [0.5, 0.99] {
            let ratio = during.percentile(share) / without.percentile(share)
            print("  p\(Int(share * 100)): \(ratio.written) times")
            judgement.expect(ratio <= factor, "p\(Int(share * 100)) is \(ratio.written) times what it was")
        }
        judgement.expect(held >= dialogues.count, "slow connections were closed, only \(held) descriptors are left")
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }

    private func latencies(_ name: String, _ relay: Relay, _ all: inout LoadClient.Report) async throws -> [Duration] {
        var load = LoadClient(port: relay.port)
        load.timeout = .seconds(120)  // a machine that others use is no fault of the relay's
        (load.connections, load.messages, load.messagesPerConnection) = (10, messages, 20)
        load.rate = Double(rate)
        load.idPrefix = name
        let report = await load.run()
        all.acknowledged += report.acknowledged
        all.refused.merge(report.refused) { old, _ in old }
        all.unknown += report.unknown
        return report.latencies
    }

    /// Sends an octet over each connection in turn, until it is cancelled; returns how many.
    private static func trickle(over dialogues: [DialogueRunner], pause: Double) async throws -> Int {
        let octet = ByteBuffer(string: "x")
        let started = ContinuousClock.now
        var sent = 0
        while !Task.isCancelled {
            let due = Int((ContinuousClock.now - started) / .seconds(1) / pause * Double(dialogues.count))
            while sent < due {
                dialogues[sent % dialogues.count].channel.writeAndFlush(octet, promise: nil)
                sent += 1
            }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
        }
        return sent
    }
}
