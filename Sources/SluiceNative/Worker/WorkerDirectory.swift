// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// The pool's folder: our databases, and a folder of its own for each process. Removed when it goes.
///
/// Where the relay runs as root its workers do not, so all that they need is made readable, or theirs.
final class WorkerDirectory {
    let path: String
    private var next = 0

    /// - Throws: ``WorkerPoolError/unavailable(_:)``.
    init(in parent: String, databases: [(name: String, octets: [UInt8])]) throws {
        var template = Array((parent + "/sluice-worker-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw Self.failure("mkdtemp", parent) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            guard chmod(path, 0o711) == 0 else { throw Self.failure("chmod", path) }
            guard mkdir(database, 0o755) == 0, chmod(database, 0o755) == 0 else {
                throw Self.failure("mkdir", database)
            }
            for (name, octets) in databases {
                let file = database + "/" + name
                guard FileManager.default.createFile(atPath: file, contents: Data(octets)), chmod(file, 0o644) == 0
                else { throw Self.failure("write", file) }
            }
        } catch {
            Self.remove(path)
            throw error
        }
    }

    deinit { Self.remove(path) }

    var database: String { path + "/database" }

    /// Makes a folder for a process; who makes it removes it.
    ///
    /// - Throws: ``WorkerPoolError/unavailable(_:)``.
    func makeFolder(owner: UInt32?) throws -> String {
        next += 1
        let folder = path + "/\(next)"
        guard mkdir(folder, 0o700) == 0 else { throw Self.failure("mkdir", folder) }
        // EINVAL: a user namespace without that id; the worker then stays what it is.
        if let owner, chown(folder, owner, owner) != 0, errno != EINVAL { throw Self.failure("chown", folder) }
        return folder
    }

    /// Removes a folder with all that is in it.
    static func remove(_ path: String) {
        // What can't be removed stays in the temporary folder; the scans do not suffer from it.
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func failure(_ call: String, _ path: String) -> WorkerPoolError {
        .unavailable("\(path): \(call): \(String(cString: strerror(errno)))")
    }
}
