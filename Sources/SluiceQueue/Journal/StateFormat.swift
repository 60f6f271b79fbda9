// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Looks at the versions of a state directory's files before anything in it is touched.
enum StateFormat {
    /// - Throws: ``JournalError/otherVersion(path:_:)`` where a segment or a file of the ledger is of another version.
    ///   What has no header at all is left to the recovery, which sets it aside.
    static func check(_ directory: String, _ storage: any Storage) throws(JournalError) {
        let found: (path: String, version: UInt32)?
        do throws(StorageError) {
            found = try foreignFile(directory, storage)
        } catch {
            throw .storage(error)
        }
        if let found { throw .otherVersion(path: found.path, found.version) }
    }

    private static func foreignFile(
        _ directory: String, _ storage: any Storage
    ) throws(StorageError) -> (path: String, version: UInt32)? {
        for folder in ["journal", "ledger"] {
            for name in try names(directory + "/" + folder, storage) {
                let path = directory + "/" + folder + "/" + name
                guard let header = try header(path, storage) else { continue }
                if let version = SegmentHeader.foreignVersion(header) { return (path, version) }
            }
        }
        return nil
    }

    /// - Returns: nothing where a running server has removed the file meanwhile.
    private static func header(_ path: String, _ storage: any Storage) throws(StorageError) -> ByteBuffer? {
        do throws(StorageError) {
            return try storage.open(path, .read).read(at: 0, count: SegmentHeader.length)
        } catch  where error.code == 2 {
            return nil
        }
    }

    /// - Returns: nothing where the folder isn't there yet.
    private static func names(_ folder: String, _ storage: any Storage) throws(StorageError) -> [String] {
        do throws(StorageError) {
            return try storage.list(folder).sorted()
        } catch  where error.code == 2 {
            return []
        }
    }
}
