// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("Commands without a server", .serialized, .timeLimit(.minutes(3))) struct StateControlTests {
    private static let gtube =
        "Subject: held\r\n\r\n" + "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
    private static let yaml = TestServer.yaml(
        sink: 1, untrusted: "[{spam: {tag: 5, quarantine: 8, reject: 3000}}]",
        more: "queue: {first_retry: 1h, max_retry: 2h, expire: 5d}")

    private func offline(
        _ command: String, _ arguments: [String: String] = [:], state: String
    ) async throws -> ControlAnswer {
        try await StateControl(
            directory: state, configuration: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ).ask(ControlRequest(command, arguments, by: "tester"))
    }

    private func values(
        _ command: String, _ arguments: [String: String] = [:], state: String
    ) async throws -> [JSONValue] {
        switch try await offline(command, arguments, state: state) {
        case .done(let values): return values
        case .failed(let code, let why): throw TestServer.Failure(description: "\(code) \(why)")
        }
    }

    private func failure(
        _ command: String, _ arguments: [String: String] = [:], state: String
    ) async throws -> String {
        do {
            _ = try await values(command, arguments, state: state)
            return "done"
        } catch let failure as TestServer.Failure { return failure.description }
    }

    private static func program() throws -> String {
        URL(filePath: try #require(WorkerPool.findExecutable())).deletingLastPathComponent().appending(path: "sluice")
            .path(percentEncoded: false)
    }

    /// What the program itself prints.
    private static func output(_ words: String, state: String) throws -> String {
        let ran = try runProgram(
            program(), words.split(separator: " ").map(String.init) + ["--state", state],
            in: FileManager.default.temporaryDirectory)
        return "\(ran.status)\n\(ran.text)"
    }

    /// Two messages that wait for a next hop that isn't there, one in quarantine, one refused.
    private func fill(_ server: TestServer) async throws -> [String] {
        var ids: [String] = []
        ids.append(try TestServer.id(try await server.send(to: ["anna@example.org", "bert@example.org"])))
        ids.append(try TestServer.id(try await server.send(from: "other@client.test")))
        ids.append(try TestServer.id(try await server.send(Self.gtube)))
        let refused = try await server.send(to: ["who@elsewhere.test"])
        #expect(refused.hasPrefix("5"))
        // Until each was tried once.
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            let attempts = try await server.ask("queue list").flatMap { $0["recipients"]?.arrayValue ?? [] }
                .map { $0["attempts"]?.integerValue ?? 0 }
            if attempts.count == 3, attempts.allSatisfy({ $0 > 0 }) { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        return ids
    }

    @Test("print the same as with one, and change nothing")
    func same() async throws {
        let folder = try TemporaryFolder()
        let (commands, printed, state) = try await TestServer.run(Self.yaml, in: folder) { server in
            let ids = try await fill(server)
            let commands = [
                "queue list --json", "queue list", "queue show \(ids[0])", "queue list --only held",
                "quarantine list --json", "quarantine list", "quarantine show \(ids[2])", "trace --json", "trace",
                "trace \(ids[0]) --json", "trace \(ids[1])", "account --json", "account", "queue salvage",
                "queue show nosuchid0000",
            ]
            let printed = try commands.map { try Self.output($0, state: server.state) }
            let figures = try await server.ask("queue stats")
            #expect(figures.first?["states"]?.arrayValue?.first?["recipients"] == 3)
            #expect(figures.first?["destinations"]?.arrayValue?.first?["destination"] == "example.org")
            return (commands, printed, server.state)
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: state).sorted()
        for (command, text) in zip(commands, printed) {
            let alone = try Self.output(command, state: state)
            #expect(alone == text, "\(command)")
        }
        #expect(printed.dropLast().allSatisfy { $0.hasPrefix("0\n") } && printed.last?.hasPrefix("66\n") == true)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: state).sorted() == files)
        let figures = try await values("queue stats", state: state)
        #expect(figures.first?["queued"] == 3 && figures.first?["quarantined"] == 1)
        #expect(figures.first?["next_due"]?.stringValue != nil)
        #expect(try Self.output("queue stats", state: state).contains("example.org"))
    }

    @Test("change the queue under the lock, and the next server goes on from there")
    func changes() async throws {
        let folder = try TemporaryFolder()
        let (ids, state) = try await TestServer.run(Self.yaml, in: folder) { server in
            (try await fill(server), server.state)
        }
        #expect(try await values("queue hold", ["id": ids[0]], state: state).first?["changed"] == 2)
        #expect(try await values("queue list", ["state": "held"], state: state).count == 1)
        #expect(try await values("queue release", ["id": ids[0]], state: state).first?["changed"] == 2)
        #expect(try await values("queue delete", ["id": ids[1]], state: state).first?["changed"] == 1)
        #expect(try await values("queue flush", state: state).first?["flushed"] == 1)
        #expect(try await failure("quarantine release", ["id": ids[2]], state: state).hasPrefix("69 "))
        #expect(
            try await values("quarantine release", ["id": ids[2], "infected": "true"], state: state).first?["released"]
                == 1)
        #expect(try await values("index rebuild", state: state).first?["rebuilt"] == true)
        #expect(try await failure("queue hold", ["id": ids[1]], state: state).hasPrefix("66 "))
        let account = try #require(try await values("account", state: state).first)
        #expect(account["removed"] == 1 && account["queued"] == 3 && account["unaccounted"] == 0)
        let trace = try #require(try await values("trace show", ["id": ids[1]], state: state).first)
        let steps = trace["recipients"]?.arrayValue?.first?["steps"]?.arrayValue
        #expect(steps?.last?["by"] == "tester" && steps?.last?["why"] == "queue delete")
        let sink = try await Sink.start()
        let yaml = TestServer.yaml(sink: sink.port, untrusted: "[]")
        try await TestServer.run(yaml, in: folder) { server in
            _ = try await sink.messages(atLeast: 2)
            for id in [ids[0], ids[2]] {
                let trace = try await server.settled(id)
                #expect(trace["recipients"]?.arrayValue?.last?["state"] == "delivered")
            }
        }
        try await sink.stop()
    }

    @Test("say who holds the directory where a server does not answer, and what is wrong with one that is none")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        let missing = folder.path + "/none"
        #expect(try await failure("queue list", state: missing) == "66 \(missing): no such state directory")
        #expect(try await failure("queue list", state: folder.path).hasPrefix("66 "))
        #expect(try await failure("ping", state: missing).hasPrefix("69 "))
        let state = try await TestServer.run(Self.yaml, in: folder) { $0.state }
        #expect(try await failure("no such command", state: state).hasPrefix("64 "))
        do {
            let lock = try StateDirectoryLock(directory: state)
            for command in ["queue list", "queue flush", "account"] {
                let why = try await failure(command, state: state)
                #expect(why.hasPrefix("75 process \(getpid()) holds \(state) and does not answer"))
            }
            withExtendedLifetime(lock) {}
        }
        #expect(try await failure("queue list", state: state) == "done")
        try "2\n".write(toFile: state + "/history/format", atomically: true, encoding: .utf8)
        for command in ["trace find", "index rebuild"] {
            #expect(try await failure(command, ["query": "{\"limit\":5}"], state: state).hasPrefix("78 "))
        }
        #expect(try Self.output("trace", state: state).hasPrefix("78\n"))
    }

    @Test("a server refuses a directory of a later version or of another user, as a mistake of the configuration")
    func server() async throws {
        let folder = try TemporaryFolder()
        let state = try await TestServer.run(Self.yaml, in: folder) { $0.state }
        func refusal() async throws -> String {
            do {
                try await TestServer.run(Self.yaml, in: folder) { _ in }
                return "started"
            } catch let error as ServerError {
                #expect(error.isConfiguration)
                return error.message
            }
        }
        try "2\n".write(toFile: state + "/history/format", atomically: true, encoding: .utf8)
        #expect(try await refusal().contains("is of another version of Sluice"))
        try "1\n".write(toFile: state + "/history/format", atomically: true, encoding: .utf8)
        if getuid() == 0 {
            try FileManager.default.setAttributes([.ownerAccountID: 12345], ofItemAtPath: state)
            #expect(try await refusal().contains("belongs to user 12345, and this is root"))
            try FileManager.default.setAttributes([.ownerAccountID: 0], ofItemAtPath: state)
        }
        #expect(try await refusal() == "started")
    }

    @Test("after a kill show what the journal has and the history has not yet")
    func killed() async throws {
        let sink = try await Sink.start()
        let server = try await ServerProcess(sink: sink.port, pipeline: "[]")
        try await server.start()
        var load = LoadClient(port: server.port)
        load.connections = 10
        load.messages = 60
        let report = await load.run()
        #expect(report.acknowledged.count == 60)
        server.kill()
        let account = try #require(try await values("account", state: server.state).first)
        #expect(account["unaccounted"] == 0 && (account["accepted"]?.integerValue ?? 0) >= 60)
        let found = try await values("trace find", ["query": "{\"limit\":1000}"], state: server.state)
        #expect(found.count == Int(account["accepted"]?.integerValue ?? 0))
        for item in found.prefix(10) {
            let id = item["id"]?.stringValue ?? ""
            let trace = try #require(try await values("trace show", ["id": id], state: server.state).first)
            #expect(trace["recipients"]?.arrayValue?.first?["state"]?.stringValue != nil)
        }
        try await server.start()
        #expect(try await server.accountWhenDelivered(within: .seconds(60))["unaccounted"] == 0)
        // Stopped in the middle of everything it holds the lock and answers nothing.
        #expect(server.terminate() == 0)
        try await sink.stop()
    }
}
