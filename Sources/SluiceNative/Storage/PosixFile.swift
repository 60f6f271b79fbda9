// SPDX-License-Identifier: Apache-2.0
import Glibc
package import NIOCore
package import SluiceCore

/// A file descriptor that it owns: read and written at offsets, so it has no position and may be shared by threads.
package final class PosixFile: StorageFile {
    package let path: String
    /// Never shared for writing without an offset; valid as long as the object lives.
    private let descriptor: Int32

    /// - Parameter descriptor: an open descriptor, which is closed when the object goes.
    package init(owning descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Lends the descriptor, such as to hand it to a worker; the caller doesn't close it.
    package func withDescriptor<Value>(_ body: (Int32) throws -> Value) rethrows -> Value { try body(descriptor) }

    package func size() throws(StorageError) -> Int64 {
        var status = stat()
        try posix("fstat", path) { fstat(descriptor, &status) }
        return Int64(status.st_size)
    }

    package func read(at offset: Int64, count: Int) throws(StorageError) -> ByteBuffer {
        guard count > 0 else { return ByteBuffer() }
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var failure: Int32 = 0
        while buffer.readableBytes < count {
            let missing = count - buffer.readableBytes
            let position = offset + Int64(buffer.readableBytes)
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { room in
                let result = pread(descriptor, room.baseAddress, min(missing, room.count), off_t(position))
                if result < 0 { failure = errno }
                return max(0, result)
            }
            if got == 0 {
                if failure == EINTR {
                    failure = 0
                    continue
                }
                break
            }
        }
        if failure != 0 { throw StorageError(call: "pread", path: path, failure) }
        return buffer
    }

    package func write(_ buffer: ByteBuffer, at offset: Int64) throws(StorageError) {
        var remaining = buffer
        var position = offset
        while remaining.readableBytes > 0 {
            let result = remaining.withUnsafeReadableBytes { octets in
                pwrite(descriptor, octets.baseAddress, octets.count, off_t(position))
            }
            if result > 0 {
                remaining.moveReaderIndex(forwardBy: result)
                position += Int64(result)
            } else if result == 0 {
                throw StorageError(call: "pwrite", path: path, ENOSPC)
            } else if errno != EINTR {
                throw StorageError(call: "pwrite", path: path, errno)
            }
        }
    }

    /// Not repeated on EINTR or any other failure: the kernel may have dropped the pages that it could not write, and
    /// a second call would then succeed without having written them.
    package func synchronize() throws(StorageError) {
        if fdatasync(descriptor) != 0 { throw StorageError(call: "fdatasync", path: path, errno) }
    }

    package func truncate(to size: Int64) throws(StorageError) {
        try posix("ftruncate", path) { ftruncate(descriptor, off_t(size)) }
    }
}
