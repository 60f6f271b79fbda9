// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SluiceCore

/// Holds a state directory for one process: a second server on it refuses to start.
///
/// The lock is the kernel's (`flock`), so that it goes with the process, however that ends; the pid in the file only
/// says who holds it.
package final class StateDirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; it is held until the object goes.
    ///
    /// - Throws: ``StateDirectoryLockError``.
    package init(directory: String) throws(StateDirectoryLockError) {
        let path = directory + "/lock"
        let descriptor: Int32
        do throws(StorageError) {
            descriptor = try posix("open", path) { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        } catch {
            throw .storage(error)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            if code == EWOULDBLOCK { throw .held(directory: directory, process: holder) }
            throw .storage(StorageError(call: "flock", path: path, code))
        }
        let pid = Array("\(getpid())\n".utf8)
        let written = ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid, pid.count, 0) == pid.count
        if !written {
            let code = errno
            close(descriptor)
            throw .storage(StorageError(call: "pwrite", path: path, code))
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether a process holds a directory now, and its pid, if it is known. Nothing is written.
    ///
    /// It is found out by taking the lock for a moment, which whoever wants it then has to wait for.
    package static func isHeld(directory: String) throws(StorageError) -> (isHeld: Bool, process: Int?) {
        let path = directory + "/lock"
        if access(path, F_OK) != 0 { return (false, nil) }
        let descriptor = try posix("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return (false, nil) }
        if errno != EWOULDBLOCK { throw StorageError(call: "flock", path: path, errno) }
        return (true, holder(descriptor))
    }

    /// The pid that the holder wrote, if it has done so.
    private static func holder(_ descriptor: Int32) -> Int? {
        var octets = [UInt8](repeating: 0, count: 24)
        let count = pread(descriptor, &octets, octets.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: octets[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

/// Why a state directory can't be taken.
package enum StateDirectoryLockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process has it; its pid, if it is known.
    case held(directory: String, process: Int?)
    case storage(StorageError)

    package var description: String {
        switch self {
        case .held(let directory, let process):
            "\(directory): in use by another server or command" + (process.map { ", process \($0)" } ?? "")
        case .storage(let error): "\(error)"
        }
    }
}
