// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceHistory
import SluiceQueue
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServer

/// The ids of messages that were acknowledged.
private final class Acknowledged: Sendable {
    private let state = Mutex<[String]>([])
    var ids: [String] { state.withLock { $0 } }
    func add(_ id: String) { state.withLock { $0.append(id) } }
}

@Suite("A backup under load", .serialized) struct BackupUnderLoadTests {
    @Test("has every message that was acknowledged before it began, in exactly one state, and the account adds up")
    func load() async throws {
        let seed = UInt64.random(in: 0 ..< .max)
        var generator = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        // Delivers most, puts off some, and refuses some: every state is there.
        let sink = try await Sink.start(
            SinkScript { step in
                guard case .recipient(let address) = step else { return nil }
                return address.hasPrefix("later")
                    ? .reply("451 4.3.0 later") : address.hasPrefix("never") ? .reply("550 5.1.1 no") : nil
            })
        let steps = (0..<3).map { _ in Int.random(in: 10...40, using: &generator) }
        let acknowledged = try await TestServer.run(
            TestServer.yaml(sink: sink.port, more: "queue: {first_retry: 1s, max_retry: 2s}"), in: folder
        ) { server in
            let accepted = Acknowledged()
            return try await withThrowingTaskGroup(of: Void.self) { tasks in
                for client in 0..<8 {
                    tasks.addTask {
                        var number = 0
                        while !Task.isCancelled {
                            number += 1
                            let name = ["anna", "later", "never"][number % 3] + "-\(client)-\(number)"
                            let length = number % 7 == 0 ? 200_000 : 2000
                            let content = "Subject: \(name)\r\n\r\n" + String(repeating: "text\r\n", count: length / 6)
                            let reply = try await server.send(content, to: ["\(name)@example.org"])
                            let id = try TestServer.id(reply)
                            accepted.add(id)
                        }
                    }
                }
                var acknowledged: [[String]] = []
                for (round, step) in steps.enumerated() {
                    // After so many more.
                    let wanted = (acknowledged.last?.count ?? 0) + step
                    let end = ContinuousClock.now + .seconds(60)
                    while accepted.ids.count < wanted, ContinuousClock.now < end {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    acknowledged.append(accepted.ids)
                    #expect(accepted.ids.count >= wanted, "the load was too small to mean anything")
                    let report = try await BackupFixture.backup(of: server.state)
                        .make(in: folder.path + "/backup-\(round)")
                    #expect(report.account.addsUp, "seed \(seed), round \(round): \(report.account)")
                }
                tasks.cancelAll()
                while let result = await tasks.nextResult() { _ = result }  // cut off in the middle of a message
                return acknowledged
            }
        }
        try await sink.stop()
        print("\(acknowledged.map(\.count)) acknowledged before each backup (seed \(seed))")
        for (round, ids) in acknowledged.enumerated() {
            let state = folder.path + "/restored-\(round)"
            let report = try await BackupFixture.restore(folder.path + "/backup-\(round)", to: state).run()
            let account = report.account
            #expect(account.addsUp && account.queued == 0 && account.accepted >= ids.count, "seed \(seed), \(account)")
            let states = try Self.states(state)
            for id in ids {
                let found = states[id] ?? []
                #expect(
                    found.count == 1 && found.isSubset(of: ["delivered", "bounced", "held"]),
                    "seed \(seed), \(id): \(found)")
            }
        }
    }

    /// By the id of each message, the last states of its recipients, by the history.
    private static func states(_ state: String) throws -> [String: Set<String>] {
        let history = try History(reading: state + "/history", logger: BackupFixture.logger)
        var states: [String: Set<String>] = [:]
        for found in try history.find(TraceQuery(limit: 100_000)) {
            guard let message = try history.message(found.id) else { continue }
            let last = Dictionary(grouping: message.steps, by: \.queueID).compactMap { $0.value.last?.state.rawValue }
            states[found.id] = Set(last)
        }
        return states
    }

    @Test("of a server that is killed meanwhile is none, and none is left")
    func killedServer() async throws {
        let sink = try await Sink.start()
        let server = try await ServerProcess(sink: sink.port, pipeline: "[]")
        try await server.start()
        var load = LoadClient(port: server.port)
        load.connections = 10
        load.messages = 300
        #expect(await load.run().acknowledged.count == 300)
        let target = server.directory + "/backup"
        // The server goes as soon as the copying begins.
        let isFirst = Mutex(true)
        let state = server.state
        let process = server.processIdentifier
        await #expect {
            try await BackupFixture.backup(of: state).make(in: target) { _, _, _ in
                if isFirst.withLock({ first in
                    defer { first = false }; return first
                }) {
                    kill(process, SIGKILL)
                }
            }
        } throws: { "\($0)".contains("the server ended meanwhile") }
        #expect(!FileManager.default.fileExists(atPath: target))
        #expect(!FileManager.default.fileExists(atPath: target + ".partial"))
        server.kill()
        // Of what it left, there is one.
        let report = try await BackupFixture.backup(of: state).make(in: target)
        #expect(report.account.addsUp && report.account.accepted == 300)
        try await sink.stop()
    }
}
