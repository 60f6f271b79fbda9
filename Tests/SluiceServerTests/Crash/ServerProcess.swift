// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
import SluiceCore
import SluiceServer

/// The real program, run as `sluice serve` on a state directory of its own; killed and started again at will.
final class ServerProcess {
    let directory: String
    let port: Int
    /// The port of the milter listener, if there is one.
    let milterPort: Int?
    /// The port of the metrics endpoint, if there is one.
    let metricsPort: Int?
    var state: String { directory + "/state" }
    /// The file that gets the log.
    var log = "/dev/null"
    private let configuration: String
    private var process: Process?

    /// - Parameters:
    ///   - sink: the port of the next hop.
    ///   - pipeline: the stages, in YAML's flow style.
    ///   - milter: the keys of a milter listener, beside its address and pipeline.
    ///   - hasMetrics: whether there is a metrics endpoint.
    init(
        sink: Int, pipeline: String, milter: String? = nil, hasMetrics: Bool = false,
        isolation: isolated (any Actor)? = #isolation
    ) async throws {
        directory = FileManager.default.temporaryDirectory.path + "/sluice-crash-\(UInt64.random(in: 0 ..< .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        port = try await Self.freePort()
        let milterPort = milter == nil ? nil : try await Self.freePort()
        self.milterPort = milterPort
        let metricsPort = hasMetrics ? try await Self.freePort() : nil
        self.metricsPort = metricsPort
        configuration = directory + "/sluice.yml"
        let mta = milterPort.map {
            "- {name: mta, protocol: milter, address: \"127.0.0.1:\($0)\", pipeline: {untrusted: inbound, trusted: inbound}, \(milter ?? "")}"
        }
        let text = """
            hostname: mx.example.org
            state: state
            listeners:
              - {name: mx, protocol: smtp, address: "127.0.0.1:\(port)", pipeline: {untrusted: inbound, trusted: inbound}}
              \(mta ?? "")
            relay:
              domains: {example.org: {route: "smtp://127.0.0.1:\(sink)", recipients: any}}
              default_route: "smtp://127.0.0.1:\(sink)"
            pipelines: {inbound: \(pipeline)}
            queue: {first_retry: 1s, max_retry: 2s, expire: 1d}
            resolver: {zone: zone.yml}
            \(metricsPort.map { "metrics: {address: \"127.0.0.1:\($0)\"}" } ?? "")
            """
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        try "client.test: [{TXT: \"v=spf1 +all\"}]\n".write(
            toFile: directory + "/zone.yml", atomically: true, encoding: .utf8)
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: directory)  // a temporary folder
    }

    /// A port that nothing listens on now.
    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }

    /// What is run: `SLUICE_CRASH_PROGRAM` (`make crash`: the release build), else what was built beside this test.
    private static func program() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["SLUICE_CRASH_PROGRAM"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent().appendingPathComponent("sluice")
    }

    /// Starts it, and waits until it answers on its control socket.
    func start(isolation: isolated (any Actor)? = #isolation) async throws {
        let process = Process()
        process.executableURL = try Self.program()
        process.arguments = ["serve", "--config", configuration, "--log-level", "warning"]
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        self.process = process
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end, process.isRunning {
            // Not yet there: tried again.
            if (try? await ask("ping")) != nil, await Self.isListening(port), await Self.isListening(milterPort ?? port)
            {
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ServerError(message: "sluice serve did not start")
    }

    private static func isListening(_ port: Int) async -> Bool {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            try await channel.close()
            return true
        } catch { return false }
    }

    /// `kill -9`, and waits for the end.
    func kill() {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// 0 where it was never started.
    var processIdentifier: Int32 { process?.processIdentifier ?? 0 }

    /// Sends a signal and does not wait.
    func signal(_ number: Int32) {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, number)
    }

    /// SIGTERM, and waits for the end.
    func terminate() -> Int32 {
        guard let process else { return -1 }
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The same, without holding a thread while it waits.
    func ended(isolation: isolated (any Actor)? = #isolation) async throws -> Int32 {
        guard let process else { return -1 }
        process.terminate()
        while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        return process.terminationStatus
    }

    @discardableResult
    func ask(_ command: String, isolation: isolated (any Actor)? = #isolation) async throws -> [JSONValue] {
        switch try await ControlClient.ask(ControlRequest(command, by: "test"), state: state) {
        case .done(let values): return values
        case .failed(_, let why): throw ServerError(message: "\(command): \(why)")
        }
    }

    /// Waits until nothing is queued any more; returns the account.
    func accountWhenDelivered(
        within limit: Duration, isolation: isolated (any Actor)? = #isolation
    ) async throws -> JSONValue {
        let end = ContinuousClock.now + limit
        while true {
            let account = try await ask("account").first ?? .null
            if account["queued"]?.integerValue == 0 || ContinuousClock.now > end { return account }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
