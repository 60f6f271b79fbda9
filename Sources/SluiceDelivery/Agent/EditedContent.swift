// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import NIOPosix
package import SluiceCore

/// Content as it is transmitted: the header section with the edits applied, then the body as it stands in the content.
package struct EditedContent: ContentSource {
    private let head: ByteBuffer
    private let body: any ContentSource

    package init(head: ByteBuffer, body: any ContentSource) {
        self.head = head
        self.body = body
    }

    package var length: Int { head.readableBytes + body.length }

    package func read(at offset: Int, count: Int) throws -> ByteBuffer {
        let offset = min(max(0, offset), length)
        let count = min(max(0, count), length - offset)
        guard offset < head.readableBytes else {
            return try body.read(at: offset - head.readableBytes, count: count)
        }
        let fromHead = min(count, head.readableBytes - offset)
        guard var octets = head.getSlice(at: head.readerIndex + offset, length: fromHead) else { return ByteBuffer() }
        if count > fromHead { octets.writeImmutableBuffer(try body.read(at: 0, count: count - fromHead)) }
        return octets
    }

    /// Longer content is read as it is sent; shorter content is made one piece of memory.
    private static let memoryLimit = 256 * 1024

    /// Applies edits to content. Without edits the content is what it was, octet for octet.
    ///
    /// What is in a file is read on a thread that may wait for the disk.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    package static func make(_ content: any ContentSource, edits: [MessageEdit]) async throws -> any ContentSource {
        if let memory = content as? MemoryContent {
            return edits.isEmpty ? memory : try apply(edits, to: memory)
        }
        if edits.isEmpty, content.length > memoryLimit { return content }
        return try await NIOThreadPool.singleton.runIfActive { try apply(edits, to: content) }
    }

    private static func apply(_ edits: [MessageEdit], to content: any ContentSource) throws -> any ContentSource {
        if edits.isEmpty { return MemoryContent(try content.readAll()) }
        let message = try Message(content).applying(edits)
        let edited = EditedContent(head: message.headerOctets, body: message.body)
        return edited.length <= memoryLimit ? MemoryContent(try edited.readAll()) : edited
    }
}
