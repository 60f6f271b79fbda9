// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// Cuts octets as they come from a socket into packets.
///
/// Payloads are slices of what was fed. Only octets that have come are kept, never room for what a length announces, so
/// at most `limit` and four octets and one read stand here.
package struct MilterFrameReader: Sendable {
    /// 1 MiB and 64 KiB: Postfix sends header values that are longer than the 65,535 octets of Sendmail's packets.
    package static let defaultLimit = 1_048_576 + 65_536

    /// The greatest length that a packet may announce (code and payload), in octets.
    package let limit: Int
    private var buffer = ByteBuffer()

    package init(limit: Int = MilterFrameReader.defaultLimit) { self.limit = limit }

    /// Whether the beginning of a packet has come, and not its end. Right after ``next()`` has returned `nil`.
    package var isWithinPacket: Bool { buffer.readableBytes > 0 }

    /// Takes in what was read; ``next()`` is to be called until it returns `nil`.
    package mutating func feed(_ octets: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = octets
        } else if octets.readableBytes > 0 {
            // Slices that were handed out share the storage, so the rest of it moves once and is then alone.
            if buffer.readerIndex > 0 { buffer = ByteBuffer(buffer: buffer) }
            buffer.writeImmutableBuffer(octets)
        }
    }

    /// The next whole packet, or `nil` where more octets are needed.
    ///
    /// - Throws: where a length is 0 or above the limit; nothing after it can be read then.
    package mutating func next() throws(MilterPacketError) -> MilterPacket? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length > 0 else { throw .empty }
        guard length <= limit else { throw .tooLong(length: length, limit: UInt32(clamping: limit)) }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard let code = buffer.readInteger(as: UInt8.self), let payload = buffer.readSlice(length: Int(length) - 1)
        else { return nil }
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return MilterPacket(code: code, payload: payload)
    }
}
