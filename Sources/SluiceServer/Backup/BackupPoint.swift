// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceNative
import SluiceQueue

/// A state directory at one moment, held still as far as a backup needs it: by the running server, or, where none runs,
/// by its lock.
final class BackupPoint {
    let sources: [BackupSource]
    let records: UInt64
    let head: String
    let time: Timestamp
    var isRunning: Bool { id != nil }
    private let state: String
    /// With which the server knows us; `nil` where none runs.
    private let id: String?
    private let lock: StateDirectoryLock?
    private let renewEvery: Duration
    private var renewed = ContinuousClock.now

    private static let by = "backup"
    /// How long the server may take to say that it is there.
    private static let patience = Duration.seconds(10)

    private init(
        state: String, sources: [BackupSource], records: UInt64, head: String, time: Timestamp, id: String?,
        lock: StateDirectoryLock?, renewEvery: Duration
    ) {
        self.state = state
        self.sources = sources
        self.records = records
        self.head = head
        self.time = time
        self.id = id
        self.lock = lock
        self.renewEvery = renewEvery
    }

    /// - Throws: ``BackupError``.
    static func take(state: String, time: any TimeSource, logger: Logger) async throws -> BackupPoint {
        do {
            _ = try await ControlClient.ask(ControlRequest("ping", by: by), state: state, within: patience)
        } catch is ControlClient.NotRunning {
            return try fromFiles(state: state, time: time, logger: logger)
        } catch is ControlClient.NotAnswering {
            throw BackupError(75, "a server holds \(state) and does not answer on its control socket")
        }
        let id = Hexadecimal.of(try RandomOctets.make(8))
        let now = time.now
        let answer = try await ask("backup begin", id, state)
        guard let files = answer["files"]?.arrayValue, let records = answer["records"]?.integerValue,
            let head = answer["head"]?.stringValue, let lease = answer["renew_within"]?.integerValue
        else { throw BackupError(70, "the server's answer can't be read: is it of another version?") }
        return BackupPoint(
            state: state, sources: files.compactMap { BackupSource($0) } + format(state) + aside(state),
            records: UInt64(records), head: head, time: now, id: id, lock: nil, renewEvery: .seconds(lease) / 5)
    }

    private static func ask(_ command: String, _ id: String, _ state: String) async throws -> JSONValue {
        switch try await ControlClient.ask(ControlRequest(command, ["id": id], by: by), state: state) {
        case .done(let values): return values.first ?? .null
        case .failed(let status, let why): throw BackupError(status, why)
        }
    }

    /// The files as they lie, under the lock that a server would need.
    private static func fromFiles(state: String, time: any TimeSource, logger: Logger) throws -> BackupPoint {
        let storage = FileStorage()
        guard !RestoreMarker.isSet(state) else { throw BackupError(75, RestoreMarker.refusal(state)) }
        guard storage.exists(state + "/journal") else {
            throw BackupError(66, "\(state): no state directory of Sluice, no server has run with it")
        }
        let lock = try StateDirectoryLock.take(state) { process in
            "\(process.map { "process \($0)" } ?? "a process") holds \(state) and does not answer"
        }
        // Root may have made the file.
        try FileOwner.give([state + "/lock"], to: try ProcessUser.owner(of: state))
        let queue = try MailQueue.read(
            directory: state, storage: storage, time: time, recorder: ForgetfulHistory(), logger: logger)
        let witness = queue.ledgerWitness()
        var sources: [BackupSource] = []
        for folder in ["journal", "ledger", "content", "history"] where storage.exists(state + "/" + folder) {
            // Beside the history's files stand its index, and perhaps what a rewriting that was killed has left.
            let names = try storage.list(state + "/" + folder).sorted().filter { name in
                folder != "history" || name.hasSuffix(".jsonl") || name == "format"
            }
            // The last of the history is gone on with, the newest of the others at most written again as it is.
            let last = folder == "content" ? nil : names.last
            sources += names.map { BackupSource(path: folder + "/" + $0, isEnded: $0 != last && $0 != "format") }
        }
        return BackupPoint(
            state: state, sources: sources + aside(state), records: witness.length, head: witness.head, time: time.now,
            id: nil, lock: lock, renewEvery: .seconds(1))
    }

    /// Which version wrote the history.
    private static func format(_ state: String) -> [BackupSource] {
        let path = "history/format"
        return FileStorage().exists(state + "/" + path) ? [BackupSource(path: path, isEnded: false)] : []
    }

    /// What was set aside: few files that seldom change.
    private static func aside(_ state: String) -> [BackupSource] {
        // Where there is no folder, nothing was.
        ((try? FileStorage().list(state + "/aside")) ?? []).sorted().map {
            BackupSource(path: "aside/" + $0, isEnded: false)
        }
    }

    /// Says that the backup goes on, where it is time to.
    ///
    /// - Throws: ``BackupError`` where the server has gone on without us: files may have gone.
    func renew() async throws {
        guard let id, ContinuousClock.now - renewed > renewEvery else { return }
        do {
            _ = try await Self.ask("backup renew", id, state)
        } catch is ControlClient.NotRunning {
            throw BackupError(75, ControlClient.endedMeanwhile)
        }
        renewed = ContinuousClock.now
    }

    /// All has been copied: the upkeep goes on.
    ///
    /// - Throws: ``BackupError`` where files may have gone before.
    func end() async throws {
        guard let id else { return withExtendedLifetime(lock) {} }
        do {
            _ = try await Self.ask("backup end", id, state)
        } catch is ControlClient.NotRunning {
            throw BackupError(75, ControlClient.endedMeanwhile)
        }
    }
}

/// Where nobody will ask.
struct ForgetfulHistory: HistoryRecorder {
    func record(_ decision: DecisionRecord) {}
    func recordStep(_ step: RecipientStep) {}
    func synchronize() throws {}
}
