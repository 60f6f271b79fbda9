// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore
import SluiceNative
import Synchronization

/// Content that is too large to wait in memory: a file of the journal's that grows as the client sends, and that
/// belongs to no message until it is committed.
///
/// What is neither committed nor discarded goes with the object, or at the next start. Appending blocks on the disk's
/// cache, so callers do it off the event loop.
package final class StagedContent: Sendable {
    private struct State {
        var length = 0
        var checksum = CRC32C()
        var isTaken = false
    }

    private let storage: any Storage
    let file: any StorageFile
    private let state = Mutex(State())

    init(storage: any Storage, path: String) throws(StorageError) {
        self.storage = storage
        file = try storage.open(path, .create)
    }

    deinit {
        if !state.withLock({ $0.isTaken }) {
            try? storage.remove(file.path)  // the next start removes it
        }
    }

    /// The octets appended so far.
    package var length: Int { state.withLock { $0.length } }

    /// Adds the next octets. One at a time: it has one writer.
    ///
    /// - Throws: ``JournalError/storage(_:)``; what was appended before is still there.
    package func append(_ buffer: ByteBuffer) throws(JournalError) {
        let (offset, isTaken) = state.withLock { ($0.length, $0.isTaken) }
        if isTaken { throw .closed }
        do throws(StorageError) {
            try file.write(buffer, at: Int64(offset))
        } catch {
            throw .storage(error)
        }
        state.withLock { state in
            state.length += buffer.readableBytes
            state.checksum.update(buffer)
        }
    }

    /// What was appended so far, to be read by the pipeline before the commit.
    package func source() throws(JournalError) -> any ContentSource {
        do throws(StorageError) {
            return try FileContent(file, length: length)
        } catch {
            throw .storage(error)
        }
    }

    /// Drops the content.
    package func discard() {
        guard take() != nil else { return }
        try? storage.remove(file.path)  // the next start removes it
    }

    /// Takes the file for a commit or its removal; only once.
    ///
    /// - Returns: length and checksum, or `nil` where it was taken before.
    func take() -> (length: Int, checksum: UInt32)? {
        state.withLock { state in
            if state.isTaken { return nil }
            state.isTaken = true
            return (state.length, state.checksum.value)
        }
    }
}
