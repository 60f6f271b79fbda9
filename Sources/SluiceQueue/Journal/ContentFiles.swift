// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import Synchronization

/// The folder of content that stands in files of its own: large, quarantined or long deferred. A file has the content
/// and, behind it, the decision record.
struct ContentFiles: Sendable {
    let storage: any Storage
    let folder: String
    let stagingFolder: String
    private let staged: StagingNumber

    /// Names staged files apart within one process; start-up empties the folder.
    private final class StagingNumber: Sendable { let next = Atomic<UInt64>(1) }

    init(storage: any Storage, directory: String) {
        self.storage = storage
        folder = directory + "/content"
        stagingFolder = directory + "/staged"
        staged = StagingNumber()
    }

    func path(_ name: String) -> String { folder + "/" + name }

    func stage() throws(StorageError) -> StagedContent {
        let number = staged.next.wrappingAdd(1, ordering: .relaxed).oldValue
        return try StagedContent(storage: storage, path: stagingFolder + "/\(number)")
    }

    /// Makes a file of staged content, durable with its folder when it returns.
    func commit(_ staged: StagedContent, length: Int, record: ByteBuffer, as name: String) throws(StorageError) {
        try staged.file.write(record, at: Int64(length))
        try staged.file.synchronize()
        try storage.rename(staged.file.path, to: path(name))
        try storage.synchronizeDirectory(folder)
    }

    /// Writes a file, durable when it returns and its folder has been synced.
    func write(_ parts: [ByteBuffer], as name: String) throws(StorageError) {
        let path = path(name)
        if storage.exists(path) { try storage.remove(path) }
        let file = try storage.open(path, .create)
        do throws(StorageError) {
            var offset: Int64 = 0
            for part in parts {
                try file.write(part, at: offset)
                offset += Int64(part.readableBytes)
            }
            try file.synchronize()
        } catch {
            try? storage.remove(path)  // nothing names it: the next start removes it
            throw error
        }
    }

    func synchronizeFolder() throws(StorageError) { try storage.synchronizeDirectory(folder) }

    func remove(_ name: String) throws(StorageError) {
        if storage.exists(path(name)) { try storage.remove(path(name)) }
    }
}
