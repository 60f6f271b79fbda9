// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore
package import SluiceCore

/// A message as libclamav is given it.
package enum ScanContent: Sendable {
    /// As a mail, which libclamav takes apart: the octets in order.
    case mail([any ContentSource])
    /// Taken apart by our own reader: an archive of its parts, without their transfer encodings.
    case parts(PartArchive)

    /// A short message is given as a mail. libclamav keeps each line of a mail in memory, some 70 octets and the line
    /// itself, and takes seconds for some: so a long one is taken apart by our own reader, whose work is bounded.
    ///
    /// - Parameter nesting: how deep parts may nest (`limits.nesting`).
    /// - Throws: ``PartArchive/Unreadable`` where parts would be left out, ``StorageError``.
    package init(_ message: Message, limits: WorkerPool.Limits, nesting: Int) throws {
        let whole: [any ContentSource] = [MemoryContent(message.headerOctets), message.body]
        let octets = message.length
        var lines = message.header.fields.count
        // No message has more lines than octets.
        if octets > limits.mailLines, octets <= limits.mailSize {
            try message.body.forEachChunk { buffer in lines += Self.lines(in: buffer) }
        }
        // Our own field before the message is a line too.
        if octets < limits.mailSize - 100, lines < limits.mailLines - 10 {
            self = .mail(whole)
        } else {
            self = .parts(try PartArchive(message, start: whole, mailLines: limits.mailLines, nesting: nesting))
        }
    }

    private static func lines(in buffer: ByteBuffer) -> Int {
        buffer.withUnsafeReadableBytes { octets in
            var (count, start) = (0, 0)
            while start < octets.count, let base = octets.baseAddress,
                let end = memchr(base + start, 0x0A, octets.count - start)
            {
                count += 1
                start = UnsafeRawPointer(end) - base + 1
            }
            return count
        }
    }
}
