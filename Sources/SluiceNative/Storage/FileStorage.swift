// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SluiceCore

/// The machine's own files behind the journal's protocol: POSIX calls, each repeated where a signal interrupts it.
package struct FileStorage: Storage {
    package init() {}

    package func open(_ path: String, _ mode: StorageOpenMode) throws(StorageError) -> any StorageFile {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .write: O_RDWR
            }
        let descriptor = try posix("open", path) { Glibc.open(path, flags | O_CLOEXEC, 0o600) }
        return PosixFile(owning: descriptor, path: path)
    }

    package func list(_ directory: String) throws(StorageError) -> [String] {
        guard let stream = opendir(directory) else { throw StorageError(call: "opendir", path: directory, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw StorageError(call: "readdir", path: directory, errno) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// Each directory that is made is made durable in the one above it.
    package func createDirectory(_ path: String) throws(StorageError) {
        if exists(path) { return }
        let parent = Self.parent(of: path)
        if parent != path { try createDirectory(parent) }
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw StorageError(call: "mkdir", path: path, errno) }
        try synchronizeDirectory(parent)
    }

    package func rename(_ from: String, to: String) throws(StorageError) {
        try posix("rename", from) { Glibc.rename(from, to) }
    }

    package func remove(_ path: String) throws(StorageError) {
        try posix("unlink", path) { unlink(path) }
    }

    package func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package func synchronizeDirectory(_ path: String) throws(StorageError) {
        let descriptor = try posix("open", path) { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        // Not repeated on EINTR: a sync that failed once may succeed the second time without having written anything.
        if fsync(descriptor) != 0 { throw StorageError(call: "fsync", path: path, errno) }
    }

    package func freeSpace(_ path: String) throws(StorageError) -> Int64 {
        var volume = statvfs()
        try posix("statvfs", path) { statvfs(path, &volume) }
        return Int64(clamping: UInt64(volume.f_bavail) * UInt64(volume.f_frsize))
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension StorageError {
    /// The failure of a call that left this `errno`, in the system's words.
    init(call: String, path: String, _ code: Int32) {
        var words = [CChar](repeating: 0, count: 256)
        let known = strerror_r(code, &words, words.count) == 0
        let meaning =
            known
            ? String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "error \(code)"
        self.init(call: call, path: path, code: code, meaning: meaning)
    }
}

/// Calls until it is not interrupted by a signal; a negative result is a failure.
@discardableResult
func posix(_ call: String, _ path: String, _ body: () -> Int32) throws(StorageError) -> Int32 {
    while true {
        let result = body()
        if result >= 0 { return result }
        if errno != EINTR { throw StorageError(call: call, path: path, errno) }
    }
}
