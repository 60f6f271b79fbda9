// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Logging
package import SluiceCore
import SluiceHistory
import SluiceNative
package import SluiceQueue

/// Brings back what a backup holds. The queue that comes back is held until an operator releases it: the machine that the
/// backup is of may go on, and would deliver the same mail.
package struct Restore: Sendable {
    /// Where the files of the configuration go.
    package enum Configuration: Hashable, Sendable {
        /// Where they were.
        case back
        /// Into a folder: those that stood in the configuration's folder or below it at the same place there, the others
        /// under their whole path in `elsewhere`.
        case folder(String)
        case none
    }

    /// What was restored.
    package struct Report: Sendable {
        package var state: String
        /// When the backup was made.
        package var time: String
        package var account: Account
        /// Recipients that are held now and were queued.
        package var held: Int
        /// The files of the configuration that were written.
        package var configuration: [String]
        /// Of those, the ones that belong to somebody else now.
        package var foreign: [String]
    }

    private let backup: String
    private let state: String?
    private let configuration: Configuration
    private let replaces: Bool
    private let time: any TimeSource
    private let logger: Logger
    private let storage = FileStorage()

    /// - Parameters:
    ///   - backup: the folder.
    ///   - state: the state directory; `nil`: where it was.
    ///   - replaces: whether files of the configuration that are there and differ are replaced.
    package init(
        backup: String, state: String?, configuration: Configuration, replaces: Bool,
        time: any TimeSource = SystemTime(), logger: Logger
    ) {
        self.backup = backup
        self.state = state
        self.configuration = configuration
        self.replaces = replaces
        self.time = time
        self.logger = logger
    }

    /// Verifies all of the backup, then restores. Cut off anywhere, it leaves a state directory that is refused by servers
    /// and commands, and that it takes again.
    ///
    /// - Throws: ``BackupError``, `StorageError`, `JournalError`; before anything was written where the backup is damaged,
    ///   or something is in the way.
    package func run(progress: @escaping Backup.Progress = { _, _, _ in }) async throws -> Report {
        let manifest = try BackupManifest.read(from: backup, storage)
        let state = state ?? manifest.state
        try await verify(manifest, progress)
        let settings = try targets(manifest)
        let lock = try take(state)
        defer { withExtendedLifetime(lock) {} }
        try await copyState(manifest, to: state, progress)
        let foreign = try await writeConfiguration(settings)
        let owner = try ProcessUser.owner(of: state)
        try FileOwner.give(try allFiles(state), to: owner)
        if owner.user != ProcessUser.current.user, ProcessUser.current.isRoot { try owner.assume() }
        let (held, account) = try await hold(state, manifest)
        try RestoreMarker.remove(state)
        return Report(
            state: state, time: manifest.time, account: account, held: held, configuration: settings.map(\.path),
            foreign: foreign)
    }

    // MARK: What is looked at before anything is written

    private func verify(_ manifest: BackupManifest, _ progress: Backup.Progress) async throws {
        var done: Int64 = 0
        let total = manifest.octets
        for file in manifest.files {
            let path = backup + "/" + file.path
            guard storage.exists(path) else { throw BackupError(65, "\(path) is missing: the backup is damaged") }
            let (size, digest) = try await BackupCopier.digest(of: path, storage) { octets in
                done += Int64(octets)
                progress("verify", done, total)
            }
            guard size == file.size, digest == file.sha256 else { throw damaged(path) }
        }
    }

    private func damaged(_ path: String) -> BackupError {
        BackupError(65, "\(path) is not what was backed up: its size or its SHA-256 differs")
    }

    private struct Target {
        var file: BackupManifest.File
        var origin: BackupManifest.Origin
        var path: String
    }

    /// Where files of the configuration go; one that is there and differs is in the way.
    private func targets(_ manifest: BackupManifest) throws -> [Target] {
        var targets: [Target] = []
        for file in manifest.files {
            guard let origin = file.origin, let path = target(origin.path, manifest) else { continue }
            targets.append(Target(file: file, origin: origin, path: path))
            guard !replaces, storage.exists(path) else { continue }
            let (there, ours) = (
                FileManager.default.contents(atPath: path),
                FileManager.default.contents(atPath: backup + "/" + file.path)
            )
            guard there == ours else {
                throw BackupError(
                    65, "\(path) is there and differs: --force replaces it, --configuration writes elsewhere")
            }
        }
        return targets
    }

    private func target(_ origin: String, _ manifest: BackupManifest) -> String? {
        switch configuration {
        case .none: return nil
        case .back: return origin
        case .folder(let folder):
            let base = manifest.configuration.map { ($0 as NSString).deletingLastPathComponent + "/" } ?? "/"
            return origin.hasPrefix(base)
                ? folder + "/" + origin.dropFirst(base.utf8.count) : folder + "/elsewhere" + origin
        }
    }

    /// What a state directory that is empty may hold.
    private static let tolerated: Set<String> = ["lock", "control.sock", "lost+found"]

    /// Takes the state directory for this process, and marks it as not whole.
    private func take(_ state: String) throws -> StateDirectoryLock {
        try storage.createDirectory(state)
        let lock = try StateDirectoryLock.take(state) { process in
            "\(process.map { "process \($0)" } ?? "a server") runs on \(state): stop it first"
        }
        let names = Set(try storage.list(state)).subtracting(Self.tolerated)
        if RestoreMarker.isSet(state) {
            for name in names where name != RestoreMarker.name {
                try FileManager.default.removeItem(atPath: state + "/" + name)
            }
        } else if let first = names.sorted().first {
            throw BackupError(
                65,
                "\(state) is not empty (\(first)\(names.count > 1 ? " and \(names.count - 1) more" : "")): a restore never writes over a queue"
            )
        }
        try RestoreMarker.set(state, from: backup)
        return lock
    }

    // MARK: What writes

    private func copyState(_ manifest: BackupManifest, to state: String, _ progress: Backup.Progress) async throws {
        var copier = BackupCopier(storage)
        var done: Int64 = 0
        let files = manifest.files.filter { $0.origin == nil }
        let total = files.reduce(Int64(0)) { $0 + $1.size }
        for file in files {
            let path = backup + "/" + file.path
            let target = state + "/" + file.path.dropFirst("state/".utf8.count)
            let (size, digest) = try await copier.bring(path, to: target, length: nil, mayLink: false) { octets in
                done += Int64(octets)
                progress("restore", done, total)
            }
            guard size == file.size, digest == file.sha256 else { throw damaged(path) }
        }
        try copier.synchronizeFolders()
        try storage.synchronizeDirectory(state)
    }

    /// - Returns: the files that belong to somebody else than they did.
    private func writeConfiguration(_ targets: [Target]) async throws -> [String] {
        var foreign: [String] = []
        for target in targets {
            var copier = BackupCopier(storage)
            let new = target.path + ".restored"
            if storage.exists(new) { try storage.remove(new) }
            let (size, digest) = try await copier.bring(
                backup + "/" + target.file.path, to: new, length: nil, mayLink: false, tick: { _ in })
            guard size == target.file.size, digest == target.file.sha256 else {
                try storage.remove(new)
                throw damaged(backup + "/" + target.file.path)
            }
            if try !FileOwner.restore(target.origin, on: new) { foreign.append(target.path) }
            try storage.rename(new, to: target.path)
            try copier.synchronizeFolders()
        }
        return foreign
    }

    private func allFiles(_ state: String) throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: state) else { return [] }
        return walk.compactMap { $0 as? String }.map { state + "/" + $0 }
    }

    /// Holds what is queued, durably, and adds up.
    private func hold(_ state: String, _ manifest: BackupManifest) async throws -> (held: Int, account: Account) {
        let history = try History(directory: state + "/history", logger: logger)
        let queue = try MailQueue.open(
            directory: state, storage: storage, time: time, recorder: history, logger: logger)
        let witness = queue.ledgerWitness()
        guard witness.length == manifest.ledgerRecords, witness.head == manifest.ledgerHead else {
            throw BackupError(
                65, "the ledger has \(witness.length) records, and the backup's had \(manifest.ledgerRecords)")
        }
        var changes: [StateChange] = []
        for item in queue.items() {
            for (number, recipient) in item.recipients.enumerated() where recipient.state.name == .queued {
                changes.append(
                    StateChange(
                        item: item.id, recipient: number, state: .held, by: RestoredHold.by,
                        why: "restored from a backup of \(manifest.time)"))
            }
        }
        // A record has a limit; each part is whole by itself.
        for start in stride(from: 0, to: changes.count, by: 1000) {
            _ = try await queue.apply(Array(changes[start..<min(start + 1000, changes.count)]))
        }
        let account = try await queue.account()
        await queue.close()
        try history.synchronize()
        return (changes.count, account)
    }
}

/// How a hold by a restore is told from an operator's.
enum RestoredHold {
    static let by = "restore"

    static func holds(_ recipient: QueuedRecipient) -> Bool {
        recipient.state.name == .held && recipient.steps.last?.by == by
    }
}
