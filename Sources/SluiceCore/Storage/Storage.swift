// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// A call of the file system that failed.
package struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system call, such as `fdatasync`.
    package var call: String
    package var path: String
    /// The `errno` that it left.
    package var code: Int32
    /// The code in words, such as `No space left on device`.
    package var meaning: String

    package init(call: String, path: String, code: Int32, meaning: String) {
        self.call = call
        self.path = path
        self.code = code
        self.meaning = meaning
    }

    package var description: String { "\(path): \(call): \(meaning)" }
}

/// The journal's own file protocol: the few calls that durability rests on. Real files stand behind it in the program
/// (`SluiceNative`), a simulated disk that loses what was not synced in tests (`SluiceTesting`). All calls block.
package protocol Storage: Sendable {
    func open(_ path: String, _ mode: StorageOpenMode) throws(StorageError) -> any StorageFile
    /// The names in a directory, without `.` and `..`, in no order.
    func list(_ directory: String) throws(StorageError) -> [String]
    /// Makes a directory (mode 0700) and those above it, where they are missing.
    func createDirectory(_ path: String) throws(StorageError)
    func rename(_ from: String, to: String) throws(StorageError)
    func remove(_ path: String) throws(StorageError)
    func exists(_ path: String) -> Bool
    /// Makes durable which names a directory holds.
    func synchronizeDirectory(_ path: String) throws(StorageError)
    /// The octets free for us on the volume of that path.
    func freeSpace(_ path: String) throws(StorageError) -> Int64
}

package enum StorageOpenMode: Hashable, Sendable {
    case read
    /// Reads and writes; the file must not exist yet. Mode 0600.
    case create
    /// Reads and writes an existing file.
    case write
}

/// An open file; closed when it goes.
package protocol StorageFile: AnyObject, Sendable {
    var path: String { get }
    func size() throws(StorageError) -> Int64
    /// Reads up to `count` octets; fewer only at the end of the file.
    func read(at offset: Int64, count: Int) throws(StorageError) -> ByteBuffer
    /// Writes all of the buffer.
    func write(_ buffer: ByteBuffer, at offset: Int64) throws(StorageError)
    /// `fdatasync`: what was written is on stable storage when it returns. A failure is final for this file.
    func synchronize() throws(StorageError)
    func truncate(to size: Int64) throws(StorageError)
}

/// Content in a file, read by `pread`.
package struct FileContent: ContentSource {
    private let file: any StorageFile
    private let start: Int64
    package let length: Int

    /// - Parameter length: the octets from `start` on that are content; `nil` is all to the end of the file.
    package init(_ file: any StorageFile, from start: Int64 = 0, length: Int? = nil) throws(StorageError) {
        self.file = file
        self.start = start
        self.length = if let length { length } else { Int(try file.size() - start) }
    }

    package func read(at offset: Int, count: Int) throws -> ByteBuffer {
        let offset = min(max(0, offset), length)
        return try file.read(at: start + Int64(offset), count: min(max(0, count), length - offset))
    }
}
