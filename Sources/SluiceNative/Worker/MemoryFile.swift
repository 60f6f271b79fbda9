// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import NIOCore
import SluiceCore

/// A file in memory (`memfd_create`), to hand octets to another process. Closed when it goes.
struct MemoryFile: ~Copyable {
    let descriptor: Int32

    /// Copies the parts, one behind the other: what a worker gets is its own, the journal's file stays out of its reach.
    ///
    /// - Throws: ``StorageError``.
    init(_ parts: [any ContentSource]) throws {
        descriptor = memfd_create("sluice-message", sluice_memfd_cloexec)
        guard descriptor >= 0 else { throw Self.failure("memfd_create") }
        for part in parts { try part.forEachChunk(of: 1 << 20) { try Self.write($0, to: descriptor) } }
    }

    /// An empty file.
    init() throws { try self.init([]) }

    func write(_ buffer: ByteBuffer) throws { try Self.write(buffer, to: descriptor) }

    private static func write(_ buffer: ByteBuffer, to descriptor: Int32) throws {
        try buffer.withUnsafeReadableBytes { octets in
            var rest = octets[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure("write") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Writes octets in place of others that stand there already.
    func overwrite(_ octets: [UInt8], at offset: Int) throws {
        guard pwrite(descriptor, octets, octets.count, off_t(offset)) == octets.count else {
            throw Self.failure("pwrite")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func failure(_ call: String) -> StorageError {
        let code = errno
        return StorageError(call: call, path: "(memory)", code: code, meaning: String(cString: strerror(code)))
    }
}
