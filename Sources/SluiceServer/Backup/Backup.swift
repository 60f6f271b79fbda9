// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Logging
package import SluiceCore
import SluiceNative
package import SluiceQueue

/// Copies a state directory and its configuration into a folder, whether a server runs on it or not.
package struct Backup: Sendable {
    /// How far a long work has come: octets done, of so many.
    package typealias Progress = @Sendable (_ what: String, _ done: Int64, _ total: Int64) -> Void

    /// What was backed up.
    package struct Report: Sendable {
        package var files: Int
        package var octets: Int64
        /// How many records the ledger has.
        package var records: UInt64
        /// Of the copy.
        package var account: Account
        /// Whether it was taken while a server ran.
        package var wasRunning: Bool
        package var time: Timestamp
    }

    private let state: String
    private let configuration: String?
    private let hostname: String?
    private let time: any TimeSource
    private let logger: Logger
    private let storage = FileStorage()

    /// - Parameters:
    ///   - state: the state directory.
    ///   - configuration: the configuration's file; `nil`: none is taken.
    package init(
        state: String, configuration: String?, hostname: String?, time: any TimeSource = SystemTime(), logger: Logger
    ) {
        self.state = state
        self.configuration = configuration
        self.hostname = hostname
        self.time = time
        self.logger = logger
    }

    /// Makes the backup. It stands in `directory` when this returns, whole and durable; where this throws there is none.
    ///
    /// - Parameter directory: must not be there, or be empty.
    /// - Throws: ``BackupError``, `StorageError`.
    package func make(in directory: String, progress: Progress = { _, _, _ in }) async throws -> Report {
        let directory = (directory as NSString).standardizingPath
        if storage.exists(directory), try !storage.list(directory).isEmpty {
            throw BackupError(65, "\(directory) is not empty: a new or an empty folder would be right")
        }
        let partial = directory + ".partial"
        let lock = try takePartial(partial)
        do {
            let report = try await fill(partial, progress)
            try storage.remove(partial + "/lock")
            try storage.synchronizeDirectory(partial)
            try storage.rename(partial, to: directory)
            let parent = (directory as NSString).deletingLastPathComponent
            try storage.synchronizeDirectory(parent.isEmpty ? "." : parent)
            withExtendedLifetime(lock) {}
            return report
        } catch {
            // What is left begins with the same name, and the next backup to that place removes it.
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    /// Makes the folder that is filled; what a backup that was killed has left there is removed.
    private func takePartial(_ partial: String) throws -> StateDirectoryLock {
        if storage.exists(partial) {
            let isOurs = [partial + "/lock", partial + "/" + BackupManifest.name].contains { storage.exists($0) }
            guard try isOurs || storage.list(partial).isEmpty else {
                throw BackupError(65, "\(partial) is in the way, and no backup has made it")
            }
            // Held by one that is under way.
            _ = try StateDirectoryLock.take(partial) { _ in "another backup to \(partial) is under way" }
            try FileManager.default.removeItem(atPath: partial)
        }
        try storage.createDirectory(partial)
        return try StateDirectoryLock.take(partial) { _ in "another backup to \(partial) is under way" }
    }

    private func fill(_ partial: String, _ progress: Progress) async throws -> Report {
        // Before the point is marked: a configuration that can't be read is said at once.
        let settings = try configuration.map { try ConfigurationFiles.of($0) } ?? []
        let point = try await BackupPoint.take(state: state, time: time, logger: logger)
        let manifest: BackupManifest
        do {
            manifest = try await copy(point, settings, to: partial, progress)
        } catch {
            // The hold ends by itself where the server can't be asked any more.
            try? await point.end()
            throw error
        }
        try await point.end()
        try manifest.write(to: partial, storage)
        let account = try await account(of: partial + "/state", manifest)
        return Report(
            files: manifest.files.count, octets: manifest.octets, records: point.records, account: account,
            wasRunning: point.isRunning, time: point.time)
    }

    private func copy(
        _ point: BackupPoint, _ settings: [String], to partial: String, _ progress: Progress
    ) async throws -> BackupManifest {
        var manifest = BackupManifest(
            time: point.time.rfc3339, hostname: hostname, state: absolute(state), configuration: settings.first,
            ledgerRecords: point.records, ledgerHead: point.head, files: [])
        var copier = BackupCopier(storage)
        for folder in ["journal", "content", "ledger", "history"] {
            try storage.createDirectory(partial + "/state/" + folder)
        }
        let total = try point.sources.reduce(Int64(0)) { try $0 + ($1.length ?? size(state + "/" + $1.path)) }
        var done: Int64 = 0
        for source in point.sources {
            let (size, digest) = try await copier.bring(
                state + "/" + source.path, to: partial + "/state/" + source.path, length: source.length,
                mayLink: source.isEnded
            ) { octets in
                done += Int64(octets)
                progress("backup", done, total)
                try await point.renew()
            }
            try await point.renew()
            manifest.files.append(.init(path: "state/" + source.path, size: size, sha256: digest))
        }
        for path in settings {
            let target = "configuration" + path
            let (size, digest) = try await copier.bring(
                path, to: partial + "/" + target, length: nil, mayLink: false, tick: { _ in })
            manifest.files.append(
                .init(path: target, size: size, sha256: digest, origin: try FileOwner.origin(of: path)))
        }
        try copier.synchronizeFolders()
        return manifest
    }

    /// Adds up what was copied, as `sluice account` would: a copy from which something is missing is none.
    private func account(of copy: String, _ manifest: BackupManifest) async throws -> Account {
        let queue = try MailQueue.read(
            directory: copy, storage: storage, time: time, recorder: ForgetfulHistory(), logger: logger)
        let witness = queue.ledgerWitness()
        guard witness.length == manifest.ledgerRecords, witness.head == manifest.ledgerHead else {
            throw BackupError(
                70, "the copy's ledger has \(witness.length) records, and \(manifest.ledgerRecords) were marked")
        }
        return try await queue.account()
    }

    private func size(_ path: String) throws -> Int64 { try storage.open(path, .read).size() }

    private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardized.path }
}
