// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import NIOCore
import SluiceCore
import SluiceNative

/// Brings files into a backup or out of one, each durable and with its digest; their names are not durable before
/// ``synchronizeFolders()``.
struct BackupCopier {
    /// What is called in between, with the octets that were read since the last time: for progress, and to say that it
    /// goes on.
    typealias Tick = (Int) async throws -> Void

    private let storage: FileStorage
    private var folders: Set<String> = []
    private static let chunk = 1 << 20

    init(_ storage: FileStorage) { self.storage = storage }

    /// A copy, or, where `mayLink` and both are on one file system, a second link.
    ///
    /// - Parameter length: so many octets of it; `nil` is all.
    /// - Returns: size and digest of what is there now.
    /// - Throws: `StorageError`, where the source has fewer octets too.
    mutating func bring(
        _ source: String, to target: String, length: Int64?, mayLink: Bool, tick: Tick
    ) async throws -> (size: Int64, sha256: String) {
        try makeFolder(of: target)
        let reading = try storage.open(source, .read)
        let available = try reading.size()
        let size = length ?? available
        guard size <= available else {
            throw StorageError(
                call: "read", path: source, code: EIO, meaning: "it has \(available) octets, and \(size) were promised")
        }
        // A link has the mode of its source: only what nobody else may read.
        let isLinked = mayLink && size == available && Self.isPrivate(source) && link(source, target) == 0
        let writing = isLinked ? nil : try storage.open(target, .create)
        let digest = FileDigest()
        var offset: Int64 = 0
        while offset < size {
            let part = try reading.read(at: offset, count: Int(min(Int64(Self.chunk), size - offset)))
            guard part.readableBytes > 0 else {
                throw StorageError(call: "read", path: source, code: EIO, meaning: "it ends at \(offset) octets")
            }
            digest.update(part)
            try writing?.write(part, at: offset)
            offset += Int64(part.readableBytes)
            try await tick(part.readableBytes)
        }
        try writing?.synchronize()
        return (size, digest.finish())
    }

    /// Size and digest of a file.
    static func digest(
        of path: String, _ storage: FileStorage, tick: Tick
    ) async throws -> (size: Int64, sha256: String) {
        let file = try storage.open(path, .read)
        let size = try file.size()
        let digest = FileDigest()
        var offset: Int64 = 0
        while offset < size {
            let part = try file.read(at: offset, count: Int(min(Int64(chunk), size - offset)))
            guard part.readableBytes > 0 else { break }
            digest.update(part)
            offset += Int64(part.readableBytes)
            try await tick(part.readableBytes)
        }
        return (offset, digest.finish())
    }

    /// Makes the folders durable that something was brought into.
    func synchronizeFolders() throws {
        for folder in folders.sorted() { try storage.synchronizeDirectory(folder) }
    }

    private mutating func makeFolder(of path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        if folders.insert(folder).inserted { try storage.createDirectory(folder) }
    }

    private static func isPrivate(_ path: String) -> Bool {
        // What can't be asked is copied.
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return false }
        return (attributes[.posixPermissions] as? NSNumber).map { $0.intValue & 0o077 == 0 } ?? false
    }
}

/// The SHA-256 of a file that is read part by part, with other things done in between.
private final class FileDigest {
    private var digest = SHA256Digest()

    func update(_ part: ByteBuffer) { digest.update(part) }

    /// In hexadecimal; it begins anew.
    func finish() -> String {
        var ended = SHA256Digest()
        swap(&ended, &digest)
        return Hexadecimal.of(ended.finish())
    }
}
