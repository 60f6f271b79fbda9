// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// A storage of which every call that would change something is refused (`EROFS`): whoever is given it can look at a
/// state directory that isn't theirs to change.
package struct ReadOnlyStorage: Storage {
    private let storage: any Storage

    package init(_ storage: any Storage) { self.storage = storage }

    private func refusal(_ call: String, _ path: String) -> StorageError {
        StorageError(call: call, path: path, code: 30, meaning: "Read-only file system")
    }

    /// Opens for reading whatever mode is asked for, but for a file that would have to be made.
    package func open(_ path: String, _ mode: StorageOpenMode) throws(StorageError) -> any StorageFile {
        if mode == .create { throw refusal("open", path) }
        return ReadOnlyFile(try storage.open(path, .read))
    }

    package func list(_ directory: String) throws(StorageError) -> [String] { try storage.list(directory) }
    package func createDirectory(_ path: String) throws(StorageError) { throw refusal("mkdir", path) }
    package func rename(_ from: String, to: String) throws(StorageError) { throw refusal("rename", from) }
    package func remove(_ path: String) throws(StorageError) { throw refusal("unlink", path) }
    package func exists(_ path: String) -> Bool { storage.exists(path) }
    package func synchronizeDirectory(_ path: String) throws(StorageError) { throw refusal("fsync", path) }
    package func freeSpace(_ path: String) throws(StorageError) -> Int64 { try storage.freeSpace(path) }
}

private final class ReadOnlyFile: StorageFile {
    private let file: any StorageFile

    init(_ file: any StorageFile) { self.file = file }

    private func refusal(_ call: String) -> StorageError {
        StorageError(call: call, path: file.path, code: 30, meaning: "Read-only file system")
    }

    var path: String { file.path }
    func size() throws(StorageError) -> Int64 { try file.size() }
    func read(at offset: Int64, count: Int) throws(StorageError) -> ByteBuffer {
        try file.read(at: offset, count: count)
    }
    func write(_ buffer: ByteBuffer, at offset: Int64) throws(StorageError) { throw refusal("pwrite") }
    func synchronize() throws(StorageError) { throw refusal("fdatasync") }
    func truncate(to size: Int64) throws(StorageError) { throw refusal("ftruncate") }
}
