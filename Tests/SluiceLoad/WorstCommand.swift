// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import NIOCore
import SluiceNative
import SluiceTesting

struct WorstCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worst",
        abstract: "The worst messages: what each costs relay and workers, and which limit it met.",
        discussion:
            "Each is sent to a relay with the embedded chain. What it costs is counted until it is refused, held or delivered, in all processes of the relay."
    )

    @OptionGroup var options: RelayOptions
    @Option(help: "Octets of a message, about.") var size = 48_000_000
    @Option(help: "Seconds of processor time for one message, all processes together.") var seconds = 5.0
    @Option(help: "MiB of resident memory, all processes together.") var memory = 256
    @Option(help: "Only messages with this in their names.") var only = ""

    func run() async throws {
        var options = options
        options.chain = "[{spf: {}}, {dkim-verify: {}}, {virus: {database: embedded}}, {spam: {}}]"
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port)
        try relay.write(try Self.zone(), to: "zone.yml")
        try await relay.start()
        // The first message starts the worker; that is no message's cost.
        _ = try await send(Array(TestMessage.plain.utf8), relay)
        _ = try await relay.accountWhenDelivered(within: .seconds(60))
        print("worst: messages of \(size) octets; \(machineLoad())")
        print("  CPU relay + workers | at most resident | message: reply; what was met")
        var judgement = Judgement()
        for message in WorstMessage.all where only.isEmpty || message.name.contains(only) {
            let cost = try await measure(message, relay)
            print("  \(cost.written) | \(message.name): \(cost.reply); \(cost.met.joined(separator: "; "))")
            judgement.expect(
                cost.relay + cost.workers < .seconds(seconds),
                "\(message.name) took \((cost.relay + cost.workers).milliseconds.written) ms")
            judgement.expect(cost.resident < memory << 20, "\(message.name) took \(cost.resident.mebibytes)")
            judgement.expect(
                message.limits.isEmpty || message.limits.contains { cost.says($0) },
                "\(message.name): no limit is named (\(message.limits.joined(separator: ", ")))")
        }
        let account = try await relay.accountWhenDelivered(within: .seconds(60))
        judgement.expect(account.unaccounted == 0, "\(account.unaccounted) unaccounted")
        judgement.expect(account.chain == "intact", "the chain is \(account.chain)")
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }

    /// Keys for the messages that are signed: four at each name, as many as are tried.
    private static func zone() throws -> String {
        let records = try (0..<4).map { _ -> String in
            let strings = try DKIMKey.generate(.rsaSHA256).recordStrings.map { "\"\($0)\"" }
            return "{TXT: [\(strings.joined(separator: ", "))]}"
        }.joined(separator: ", ")
        return "client.test: [{TXT: \"v=spf1 +all\"}]\n"
            + (0..<30).map { "s\($0)._domainkey.client.test: [\(records)]\n" }.joined()
    }

    private func measure(_ message: WorstMessage, _ relay: Relay) async throws -> WorstCost {
        let content = WorstMessage.dotStuffed(message.content(size: size))
        let processes = relay.processes
        let before = try processes.figures()
        try processes.forgetPeaks()
        let watch = Task {
            var most = 0
            // A worker that ends takes its peak with it; so it is looked at all the while.
            while !Task.isCancelled {
                most = max(most, (try? processes.figures().residentPeak) ?? 0)  // a worker may end at any time
                try? await Task.sleep(for: .milliseconds(20))  // cancelled: the loop ends
            }
            return most
        }
        var cost = WorstCost()
        cost.reply = try await send(content, relay)
        _ = try await relay.accountWhenDelivered(within: .seconds(60))
        watch.cancel()
        let after = try processes.figures()
        cost.resident = max(await watch.value, after.residentPeak)
        cost.relay = after.relay - before.relay
        cost.workers = after.workers - before.workers
        cost.met = try relay.limitsMet(by: WorstCost.id(cost.reply))
        return cost
    }

    /// One transaction; the reply that decided it.
    private func send(_ content: [UInt8], _ relay: Relay) async throws -> String {
        let dialogue = try await DialogueRunner.connect(port: relay.port, timeout: .seconds(120))
        try await dialogue.expect("220")
        try await dialogue.send("EHLO load.client.test", expect: "250")
        try await dialogue.send("MAIL FROM:<sender@client.test>", expect: "250")
        try await dialogue.send("RCPT TO:<recipient@example.org>", expect: "250")
        try await dialogue.send("DATA", expect: "354")
        try await dialogue.send(ByteBuffer(bytes: content))
        try await dialogue.send(octets: ".\r\n")
        let reply = try await dialogue.reply().last ?? ""
        try await dialogue.close()
        return reply
    }
}

/// What a message cost, and what became of it.
struct WorstCost {
    var relay = Duration.zero
    var workers = Duration.zero
    var resident = 0
    var reply = ""
    /// Stages that did not run to their end, and findings that name a limit, with the reasons.
    var met: [String] = []

    func says(_ words: String) -> Bool { reply.contains(words) || met.contains { $0.contains(words) } }

    var written: String {
        "\((relay / .seconds(1)).written) + \((workers / .seconds(1)).written) s | \(resident.mebibytes)"
    }

    /// The id that a reply names.
    static func id(_ reply: String) -> String {
        reply.split { !$0.isLetter && !$0.isNumber }.last { $0.utf8.count == 12 }.map(String.init) ?? ""
    }
}
