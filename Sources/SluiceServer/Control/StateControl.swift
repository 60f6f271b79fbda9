// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore
import SluiceHistory
import SluiceNative
package import SluiceQueue

/// Does what a command asks: the running server does it, or, where none runs, this process on the state directory's
/// files. Commands that only read change nothing there; the others take the directory's lock, as a server would.
package struct StateControl: Sendable {
    private let directory: String
    private let configuration: ServerConfiguration?
    private let time: any TimeSource
    private let logger: Logger

    /// How long a server may take to say that it is there.
    private static let patience = Duration.seconds(10)

    /// - Parameter configuration: for what has to be scanned again; `nil` where only the directory is known.
    package init(
        directory: String, configuration: ServerConfiguration?, time: any TimeSource = SystemTime(), logger: Logger
    ) {
        self.directory = directory
        self.configuration = configuration
        self.time = time
        self.logger = logger
    }

    package func ask(_ request: ControlRequest) async throws -> ControlAnswer {
        do {
            _ = try await ControlClient.ask(
                ControlRequest("ping", by: request.by), state: directory, within: Self.patience)
            return try await ControlClient.ask(request, state: directory)
        } catch is ControlClient.NotAnswering {
            return held(by: nil)
        } catch is ControlClient.NotRunning {
            return try await answerFromFiles(request)
        }
    }

    private func held(by process: Int?) -> ControlAnswer {
        let who = process.map { "process \($0)" } ?? "a server"
        return .failed(
            75,
            "\(who) holds \(directory) and does not answer on its control socket: it starts or stops, or is a command or a server that hangs"
        )
    }

    /// Does it without a server.
    private func answerFromFiles(_ request: ControlRequest) async throws -> ControlAnswer {
        if ["ping", "top"].contains(request.command) { return .failed(69, "no server runs on \(directory)") }
        let storage = FileStorage()
        guard storage.exists(directory) else { return .failed(66, "\(directory): no such state directory") }
        guard !RestoreMarker.isSet(directory) else { return .failed(75, RestoreMarker.refusal(directory)) }
        guard storage.exists(directory + "/journal") else {
            return .failed(66, "\(directory): no state directory of Sluice, no server has run with it")
        }
        do {
            try StateOwner.assume(directory)
            if ControlCommands.reading.contains(request.command) {
                let holder = try StateDirectoryLock.isHeld(directory: directory)
                if holder.isHeld { return held(by: holder.process) }
                return try await read(request, storage)
            }
            let lock = try StateDirectoryLock(directory: directory)
            defer { withExtendedLifetime(lock) {} }
            return try await change(request, storage)
        } catch let error as StateOwner.Foreign {
            return .failed(78, "\(error)")
        } catch StateDirectoryLockError.held(_, let process) {
            return held(by: process)
        } catch let error as JournalError {
            return .failed(Self.status(error), "\(error)")
        } catch let error as HistoryError {
            return .failed(error.isOtherVersion ? 78 : 75, "\(error)")
        } catch let error as StorageError {
            return .failed(75, "\(error)")
        }
    }

    /// What can be salvaged, read from the files whether a server runs or not: what was set aside does not change.
    ///
    /// - Throws: `JournalError`, `StorageError`, or an error in words where the directory can't be used.
    package func salvage() async throws -> [SalvagedMessage] {
        try StateOwner.assume(directory)
        return try await MailQueue.read(
            directory: directory, storage: FileStorage(), configuration: settings, time: time,
            recorder: ForgetfulHistory(),
            logger: logger
        ).salvage()
    }

    private static func status(_ error: JournalError) -> Int {
        if case .otherVersion = error { return 78 }
        return error.isTransient ? 75 : 65
    }

    private func read(_ request: ControlRequest, _ storage: FileStorage) async throws -> ControlAnswer {
        let asksHistory = ControlCommands.readingHistory.contains(request.command)
        // Where nobody asks it, it is an empty one, and what the journal tells it is dropped.
        let history = try History(
            reading: asksHistory ? directory + "/history" : directory + "/history/none", logger: logger)
        let queue = try MailQueue.read(
            directory: directory, storage: storage, configuration: settings, time: time,
            recorder: asksHistory ? history : ForgetfulHistory(), logger: logger)
        let commands = ControlCommands(
            queue: queue, history: history, delivery: nil, release: nil, time: time, logger: logger)
        return await commands.answer(request)
    }

    private func change(_ request: ControlRequest, _ storage: FileStorage) async throws -> ControlAnswer {
        let history = try History(directory: directory + "/history", logger: logger)
        let queue = try MailQueue.open(
            directory: directory, storage: storage, configuration: settings, time: time, recorder: history,
            logger: logger)
        let answer = try await withRelease(for: request, queue) { release in
            await ControlCommands(
                queue: queue, history: history, delivery: nil, release: release, time: time, logger: logger
            ).answer(request)
        }
        await queue.close()
        try history.synchronize()
        return answer
    }

    /// The scanner is only made for the command that needs it.
    private func withRelease(
        for request: ControlRequest, _ queue: MailQueue,
        _ body: (QuarantineRelease?) async throws -> ControlAnswer
    ) async throws -> ControlAnswer {
        guard let configuration, request.command == "quarantine release" else { return try await body(nil) }
        let foundations = try Foundations(configuration.resolver, logger: logger)
        do {
            let scanner = try ReleaseScanner(configuration, foundations, time: time, logger: logger)
            let answer = try await body(QuarantineRelease(queue: queue, scanner: { scanner }, logger: logger))
            await foundations.shutdown()
            return answer
        } catch {
            await foundations.shutdown()
            throw error
        }
    }

    private var settings: MailQueue.Configuration {
        configuration.map { MailQueue.Configuration($0) } ?? MailQueue.Configuration()
    }
}
