// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// The octets of a received message, written once and read many times.
///
/// Content of up to 128 KiB stands in memory; larger content is in a file of the journal's and is read by `pread`,
/// never mapped, so that a disk error is an error of this one read.
package protocol ContentSource: Sendable {
    /// The number of octets.
    var length: Int { get }
    /// Reads up to `count` octets from `offset`; fewer only at the end.
    ///
    /// - Throws: ``StorageError`` where the disk fails.
    func read(at offset: Int, count: Int) throws -> ByteBuffer
}

/// Content that stands in memory; a read is a slice, not a copy.
package struct MemoryContent: ContentSource {
    package let buffer: ByteBuffer

    package init(_ buffer: ByteBuffer) { self.buffer = buffer }
    package init(_ text: String) { buffer = ByteBuffer(string: text) }

    package var length: Int { buffer.readableBytes }

    package func read(at offset: Int, count: Int) -> ByteBuffer {
        let start = min(max(0, offset), length)
        return buffer.getSlice(at: buffer.readerIndex + start, length: min(max(0, count), length - start))
            ?? ByteBuffer()
    }
}

/// A part of other content, such as the body of a message.
package struct ContentSlice: ContentSource {
    private let source: any ContentSource
    private let start: Int
    package let length: Int

    /// The range is clamped to what the source has.
    package init(_ source: any ContentSource, from start: Int, length: Int? = nil) {
        self.source = source
        self.start = min(start, source.length)
        self.length = min(length ?? Int.max, source.length - self.start)
    }

    package func read(at offset: Int, count: Int) throws -> ByteBuffer {
        let offset = min(max(0, offset), length)
        return try source.read(at: start + offset, count: min(max(0, count), length - offset))
    }
}

extension ContentSource {
    /// Calls `body` with chunk after chunk, in order, each of at most `chunk` octets.
    package func forEachChunk(of chunk: Int = 65536, _ body: (ByteBuffer) throws -> Void) throws {
        var offset = 0
        while offset < length {
            let buffer = try read(at: offset, count: chunk)
            if buffer.readableBytes == 0 { return }
            offset += buffer.readableBytes
            try body(buffer)
        }
    }

    /// All octets in one buffer. For content whose length was checked before.
    package func readAll() throws -> ByteBuffer { try read(at: 0, count: length) }
}
