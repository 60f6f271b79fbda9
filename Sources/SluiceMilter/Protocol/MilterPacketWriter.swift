// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Writes one packet into a buffer; the length is set when it is whole.
struct MilterPacketWriter {
    private(set) var buffer: ByteBuffer

    /// Writes a packet at the end of `buffer`.
    static func write(
        _ code: UInt8, into buffer: inout ByteBuffer, _ payload: (inout MilterPacketWriter) -> Void = { _ in }
    ) {
        let start = buffer.writerIndex
        var writer = MilterPacketWriter(buffer: buffer)
        // The storage must have one owner, or writing would copy it.
        buffer = ByteBuffer()
        writer.buffer.writeInteger(UInt32(0))
        writer.buffer.writeInteger(code)
        payload(&writer)
        let length = writer.buffer.writerIndex - start - 4
        writer.buffer.setInteger(UInt32(clamping: length), at: start)
        buffer = writer.buffer
    }

    mutating func integer(_ value: some FixedWidthInteger) { buffer.writeInteger(value) }

    mutating func octets(_ octets: ByteBuffer) { buffer.writeImmutableBuffer(octets) }

    mutating func octets(_ text: StaticString) { buffer.writeStaticString(text) }

    /// The octets and a NUL. A NUL among them can't be told and is left out, so that nothing behind it gets lost.
    mutating func text(_ text: ByteBuffer) {
        if text.readableBytesView.contains(0) {
            buffer.writeBytes(text.readableBytesView.lazy.filter { $0 != 0 })
        } else {
            buffer.writeImmutableBuffer(text)
        }
        buffer.writeInteger(UInt8(0))
    }

    mutating func text(_ text: String) { self.text(ByteBuffer(string: text)) }
}
