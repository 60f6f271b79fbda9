// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceServer
import SluiceTesting
import Synchronization
import Testing

/// `kill -9` under load: what was acknowledged is at the sink or in the queue, and the account adds up.
@Suite(.serialized)
struct CrashTests {
    /// How often it is killed: 10, or as `SLUICE_CRASH_KILLS` says (`make crash`).
    private static let kills = ProcessInfo.processInfo.environment["SLUICE_CRASH_KILLS"].flatMap { Int($0) } ?? 10

    @Test(
        "no acknowledged message is lost when the relay is killed under load, again and again", .timeLimit(.minutes(60))
    )
    func killedUnderLoad() async throws {
        let seed = UInt64.random(in: 0 ..< .max)
        var generator = SeededGenerator(seed: seed)
        let sink = try await Sink.start()
        let server = try await ServerProcess(
            sink: sink.port, pipeline: "[{spf: {}}, {dkim-verify: {}}, {spam: {}}]")
        var acknowledged: [String] = []
        for round in 0..<Self.kills {
            try await server.start()
            var load = LoadClient(port: server.port)
            load.connections = 50
            load.messages = 100_000
            load.messagesPerConnection = 5
            load.idPrefix = "round\(round)"
            let client = load
            async let report = client.run()
            try await Task.sleep(for: .milliseconds(Int.random(in: 400...1500, using: &generator)))
            server.kill()
            acknowledged += await report.acknowledged
        }
        try await server.start()
        let account = try await server.accountWhenDelivered(within: .seconds(120))
        let arrived = Self.ids(sink.messages)
        let lost = acknowledged.filter { arrived[$0] == nil }
        let copies = arrived.values.reduce(0) { $0 + $1 - 1 }
        print(
            "killed \(Self.kills) times (seed \(seed)): \(acknowledged.count) acknowledged, \(lost.count) lost, \(copies) second copies, account \(account.written)"
        )
        #expect(acknowledged.count > Self.kills * 20, "the load was too small to mean anything")
        #expect(lost.isEmpty)
        #expect(account["unaccounted"]?.integerValue == 0)
        #expect(account["queued"]?.integerValue == 0)
        #expect(account["chain"]?.stringValue == "intact")
        #expect(server.terminate() == 0)
        try await sink.stop()
    }

    /// How often each id arrived.
    private static func ids(_ messages: [SinkMessage]) -> [String: Int] {
        var ids: [String: Int] = [:]
        let name = LoadClient.idField + ": "
        for message in messages {
            for line in message.content.split(whereSeparator: \.isNewline) where line.hasPrefix(name) {
                ids[String(line.dropFirst(name.count)), default: 0] += 1
                break
            }
        }
        return ids
    }
}
