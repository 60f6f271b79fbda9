// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceNative

/// What a backup holds: `manifest.json` in its folder, with its own SHA-256 beside it.
struct BackupManifest: Codable, Sendable {
    struct File: Codable, Hashable, Sendable {
        /// Its path in the backup: `state/…` or `configuration/…`.
        var path: String
        var size: Int64
        /// In hexadecimal.
        var sha256: String
        /// For files of the configuration: where it stood, its mode and whose it was.
        var origin: Origin?
    }

    struct Origin: Codable, Hashable, Sendable {
        var path: String
        var mode: Int
        var owner: String
        var group: String
    }

    static let version = 1
    static let name = "manifest.json"
    static let digestName = "manifest.json.sha256"
    /// The largest manifest that is read.
    private static let sizeLimit: Int64 = 1 << 30

    var version = Self.version
    /// When the point was marked, in RFC 3339.
    var time: String
    var hostname: String?
    /// Where the state directory was.
    var state: String
    /// Where the configuration was.
    var configuration: String?
    /// How many records the ledger had, and the hash of the last.
    var ledgerRecords: UInt64
    var ledgerHead: String
    var files: [File]

    /// The octets of all files.
    var octets: Int64 { files.reduce(0) { $0 + $1.size } }

    /// Writes it and its digest, durable but for their names.
    func write(to directory: String, _ storage: FileStorage) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let octets = ByteBuffer(bytes: try encoder.encode(self))
        let digest = Hexadecimal.of(SHA256Digest.of(octets))
        // As sha256sum writes it, so that anyone can check it.
        let line = ByteBuffer(string: "\(digest)  \(Self.name)\n")
        for (name, content) in [(Self.name, octets), (Self.digestName, line)] {
            let file = try storage.open(directory + "/" + name, .create)
            try file.write(content, at: 0)
            try file.synchronize()
        }
    }

    /// Reads it, and compares it with its digest.
    ///
    /// - Throws: ``BackupError`` (66 where there is none, 65 where it is damaged, 78 where a later version wrote it).
    static func read(from directory: String, _ storage: FileStorage) throws -> BackupManifest {
        let octets = try content(directory + "/" + name, storage)
        let digest = try content(directory + "/" + digestName, storage)
        guard String(buffer: digest) == "\(Hexadecimal.of(SHA256Digest.of(octets)))  \(name)\n" else {
            throw BackupError(65, "\(directory)/\(name) is damaged: it does not have the digest in \(digestName)")
        }
        struct Version: Decodable { var version: Int }
        do {
            let data = Data(octets.readableBytesView)
            let found = try JSONDecoder().decode(Version.self, from: data).version
            guard found == version else {
                throw BackupError(
                    78, "\(directory)/\(name) has the version \(found), this version of Sluice reads \(version)")
            }
            let manifest = try JSONDecoder().decode(BackupManifest.self, from: data)
            for file in manifest.files where !file.isWithin {
                throw BackupError(65, "\(directory)/\(name): “\(file.path)” leads out of the backup")
            }
            return manifest
        } catch let error as DecodingError {
            throw BackupError(65, "\(directory)/\(name) is no manifest of a backup: \(error)")
        }
    }

    private static func content(_ path: String, _ storage: FileStorage) throws -> ByteBuffer {
        guard storage.exists(path) else {
            throw BackupError(66, "\(path) is missing: this is no backup, or it is not whole")
        }
        let file = try storage.open(path, .read)
        let size = try file.size()
        guard size <= sizeLimit else { throw BackupError(65, "\(path) is larger than a manifest can be") }
        return try file.read(at: 0, count: Int(size))
    }
}

extension BackupManifest.File {
    /// Whether the path names something in the backup's two folders.
    fileprivate var isWithin: Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, ["state", "configuration"].contains(parts[0]) else { return false }
        return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}

enum Hexadecimal {
    static func of(_ octets: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
