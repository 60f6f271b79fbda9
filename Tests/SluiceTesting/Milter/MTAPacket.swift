// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// A packet of the milter protocol as it lies on the wire: a length, a code, octets (sendmail's `libmilter/mfdef.h`).
///
/// It is written and read here anew, from the protocol's description alone, so that a mistake of SluiceMilter's codecs
/// can't hide behind the same mistake in its tests.
package struct MTAPacket: Hashable, Sendable, CustomStringConvertible {
    /// The command or reply, such as `C` for SMFIC_CONNECT.
    package var code: Character
    package var payload: [UInt8]

    package init(_ code: Character, _ payload: [UInt8] = []) {
        self.code = code
        self.payload = payload
    }

    /// A packet whose payload is these strings, each with a NUL behind it.
    package init(_ code: Character, strings: [String]) {
        self.init(code, strings.flatMap { Array($0.utf8) + [0] })
    }

    /// The same, of one string or more.
    package init(_ code: Character, _ first: String, _ more: String...) {
        self.init(code, strings: [first] + more)
    }

    /// The octets with the length before them.
    package var octets: [UInt8] {
        Self.integer(UInt32(payload.count + 1)) + [code.asciiValue ?? 0] + payload
    }

    /// Thirty-two bits in network order.
    package static func integer(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    /// The thirty-two bits at an offset; zero where the payload is too short.
    package func integer(at offset: Int) -> UInt32 {
        guard payload.count >= offset + 4 else { return 0 }
        return payload[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The NUL-terminated strings from an offset on.
    package func strings(from offset: Int = 0) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var current: [UInt8] = []
        for octet in payload.dropFirst(offset) {
            if octet == 0 {
                strings.append(current)
                current = []
            } else {
                current.append(octet)
            }
        }
        return current.isEmpty ? strings : strings + [current]
    }

    /// Takes the first whole packet out of the buffer.
    ///
    /// - Throws: ``MTAConnection/Failure/malformed`` where the length is zero or far beyond what the protocol knows.
    package static func read(from buffer: inout ByteBuffer) throws -> MTAPacket? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length > 0, length <= 2 << 20 else { throw MTAConnection.Failure.malformed }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard let octets = buffer.readBytes(length: Int(length)) else { return nil }
        return MTAPacket(Character(UnicodeScalar(octets[0])), Array(octets.dropFirst()))
    }

    package var description: String { "\(code)[\(payload.count)]" }
}
