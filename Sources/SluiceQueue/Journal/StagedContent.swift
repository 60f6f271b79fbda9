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
        /// Octets in the file.
        var length = 0
        /// What follows them and has not been written yet.
        var gathered = ByteBuffer()
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
    package var length: Int { state.withLock { $0.length + $0.gathered.readableBytes } }

    /// Adds the next octets without the disk: they are written with those of the next ``append(_:)``, or when the
    /// content is read or committed.
    ///
    /// - Returns: how many octets have been gathered; the caller bounds them.
    package func gather(_ buffer: ByteBuffer) -> Int {
        state.withLock { state in
            state.gathered.writeImmutableBuffer(buffer)
            return state.gathered.readableBytes
        }
    }

    /// Adds the next octets. One at a time: it has one writer.
    ///
    /// - Throws: ``JournalError/storage(_:)``; what was appended before is still there.
    package func append(_ buffer: ByteBuffer) throws(JournalError) {
        let taken: (offset: Int, gathered: ByteBuffer)? = state.withLock { state in
            if state.isTaken { return nil }
            // Taken out, so that what is added to it is not added to a copy.
            defer { state.gathered = ByteBuffer() }
            return (state.length, state.gathered)
        }
        guard var (offset, gathered) = taken else { throw .closed }
        let isAlone = gathered.readableBytes == 0
        if !isAlone { gathered.writeImmutableBuffer(buffer) }
        let octets = isAlone ? buffer : gathered
        guard octets.readableBytes > 0 else { return }
        do throws(StorageError) {
            try file.write(octets, at: Int64(offset))
        } catch {
            state.withLock { $0.gathered = gathered }
            throw .storage(error)
        }
        offset += octets.readableBytes
        let length = offset
        state.withLock { state in
            state.length = length
            state.checksum.update(octets)
            guard !state.isTaken, !isAlone else { return }
            // Its memory serves what comes next.
            state.gathered = gathered
            state.gathered.clear(minimumCapacity: gathered.readableBytes)
        }
    }

    /// What was appended so far, to be read by the pipeline before the commit. Writes what was gathered.
    package func source() throws(JournalError) -> any ContentSource {
        try append(ByteBuffer())
        do throws(StorageError) {
            return try FileContent(file, length: length)
        } catch {
            throw .storage(error)
        }
    }

    /// Drops the content.
    package func discard() {
        let isMine = state.withLock { state in
            defer {
                state.isTaken = true
                state.gathered = ByteBuffer()
            }
            return !state.isTaken
        }
        guard isMine else { return }
        try? storage.remove(file.path)  // the next start removes it
    }

    /// Takes the file for a commit, with what was gathered written to it; only once.
    ///
    /// - Returns: length and checksum.
    /// - Throws: ``JournalError/invalid(_:)`` where it was taken before, ``JournalError/storage(_:)``.
    func take() throws(JournalError) -> (length: Int, checksum: UInt32) {
        let wasTaken = state.withLock { $0.isTaken }
        if !wasTaken { try append(ByteBuffer()) }
        let taken: (length: Int, checksum: UInt32)? = state.withLock { state in
            if state.isTaken { return nil }
            state.isTaken = true
            return (state.length, state.checksum.value)
        }
        guard let taken else { throw .invalid("content that was taken before") }
        return taken
    }
}
