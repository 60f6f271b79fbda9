// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
import SluiceTesting

/// `sluice serve` as a process of its own, with a state directory of its own and limits that no load here reaches.
final class Relay {
    struct Failure: Error, CustomStringConvertible { let description: String }

    let port: Int
    let folder: String
    private let program: String
    /// How many descriptors it may have; `nil`: as many as we.
    var descriptorLimit: Int?
    private let process = Process()

    /// Writes the configuration; ``start()`` starts it.
    init(program: String, sink: Int, chain: String, folder: String, certificate: Bool) async throws {
        self.program = program
        self.folder = folder + "/sluice-load-\(UInt32.random(in: 0 ..< .max))"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        try await channel.close()
        if certificate { try TestCertificate.write(toFolder: self.folder) }
        try write(
            """
            hostname: mx.example.org
            state: state
            listeners:
              - name: mx
                protocol: smtp
                address: "127.0.0.1:\(port)"
                pipeline: inbound
                \(certificate ? "certificate: mx.pem\n    key: mx.key" : "")
            relay:
              domains: {example.org: {route: "smtp://127.0.0.1:\(sink)", recipients: any}}
              default_route: "smtp://127.0.0.1:\(sink)"
            pipelines: {inbound: \(chain)}
            limits:
              sessions: 100000
              sessions_per_client: 100000
              sessions_per_network: 100000
              command_timeout: 1h
            queue: {first_retry: 1s, max_retry: 2s, expire: 1d}
            resolver: {zone: zone.yml}
            """, to: "sluice.yml")
        try write("client.test: [{TXT: \"v=spf1 +all\"}]\n", to: "zone.yml")
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)  // it is ours alone
    }

    var configuration: String { folder + "/sluice.yml" }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }

    /// Starts it, and waits until it greets.
    func start() async throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let limit = descriptorLimit.map { "ulimit -n \($0); " } ?? ""
        process.arguments = [
            "-c", limit + "exec \"$0\" \"$@\"", program, "serve", "--config", configuration, "--log-level",
            "warning",
        ]
        try write("", to: "log")
        process.standardError = FileHandle(forWritingAtPath: folder + "/log")
        try process.run()
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end, process.isRunning {
            do {
                let dialogue = try await DialogueRunner.connect(port: port)
                try await dialogue.expect("220")
                try await dialogue.send("QUIT", expect: "221")
                return try await dialogue.close()
            } catch { try await Task.sleep(for: .milliseconds(50)) }  // not yet there: tried again
        }
        throw Failure(description: "sluice serve did not start: \(log)")
    }

    /// What it has logged, warnings and errors.
    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    /// Kills its worker processes; returns how many there were.
    func killWorkers() throws -> Int {
        let workers = try processes.workers()
        for worker in workers { kill(worker, SIGKILL) }
        return workers.count
    }

    /// It and its workers.
    var processes: RelayProcesses { RelayProcesses(relay: process.processIdentifier) }

    func figures() throws -> ProcessFigures { try ProcessFigures(process: process.processIdentifier) }
    func forgetPeak() throws { try ProcessFigures.forgetPeak(process: process.processIdentifier) }

    /// What `sluice account` proves.
    struct Account: Decodable, CustomStringConvertible {
        var accepted: Int
        var delivered: Int
        var queued: Int
        var unaccounted: Int
        var chain: String
        var description: String {
            "account: \(accepted) accepted, \(delivered) delivered, \(queued) queued, \(unaccounted) unaccounted, the chain \(chain)"
        }
    }

    func account() throws -> Account {
        try JSONDecoder().decode(Account.self, from: output("account", "--config", configuration, "--json"))
    }

    /// What a command of the program prints.
    func output(_ arguments: String...) throws -> Data {
        let command = Process()
        let output = Pipe()
        command.executableURL = URL(fileURLWithPath: program)
        command.arguments = arguments
        command.standardOutput = output
        try command.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        command.waitUntilExit()
        return text
    }

    /// Waits until nothing is queued any more.
    func accountWhenDelivered(within limit: Duration) async throws -> Account {
        let end = ContinuousClock.now + limit
        while true {
            let account = try account()
            if account.queued == 0 || ContinuousClock.now > end { return account }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// SIGTERM; its exit code.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
