// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting

/// The real program as the milter of an MTA, and what is done to it.
actor MilterHost {
    enum Fault: String, CaseIterable, Sendable {
        /// SIGKILL, and started again.
        case killed
        /// SIGSTOP for longer than the MTA waits.
        case stopped
        /// SIGTERM, and started again.
        case restarted
    }

    private let process: ServerProcess
    nonisolated let address: MTAAddress
    private var recovery: Task<Void, any Error>?

    init(sink: Int, pipeline: String) async throws {
        let process = try await ServerProcess(
            sink: sink, pipeline: pipeline,
            milter: "quarantine: take_over, reinject: \"smtp://127.0.0.1:\(sink)\"")
        address = .port(process.milterPort ?? 0)
        self.process = process
    }

    func start() async throws { try await process.start() }

    /// Does it, and begins to bring it back.
    func suffer(_ fault: Fault, stoppedFor time: Duration) {
        switch fault {
        case .killed: process.kill()
        case .restarted: process.signal(SIGTERM)
        case .stopped: process.signal(SIGSTOP)
        }
        recovery = Task {
            switch fault {
            case .killed: try await start()
            case .restarted:
                _ = try await end()
                try await start()
            case .stopped:
                try await Task.sleep(for: time)
                process.signal(SIGCONT)
            }
        }
    }

    /// Waits until it is back.
    func recover() async throws {
        try await recovery?.value
        recovery = nil
    }

    func ask(_ command: String) async throws -> [JSONValue] { try await process.ask(command) }

    func accountWhenDelivered() async throws -> JSONValue {
        try await process.accountWhenDelivered(within: .seconds(30))
    }

    /// SIGTERM; the exit status.
    func end() async throws -> Int32 { try await process.ended() }
}
