// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Reads the payload of one packet from its beginning to its end. What does not fit is thrown with the packet's code.
struct MilterPacketFields {
    /// How many arguments, macros or names of macros one packet may have; a real MTA sends a dozen or two.
    static let limit = 256

    let code: UInt8
    private var rest: ByteBuffer

    init(_ packet: MilterPacket) {
        code = packet.code
        rest = packet.payload
    }

    var isAtEnd: Bool { rest.readableBytes == 0 }

    func malformed(_ what: String) -> MilterPacketError { .malformed(code: code, what) }

    mutating func integer<Value: FixedWidthInteger>(_ name: String, as type: Value.Type = Value.self)
        throws(MilterPacketError) -> Value
    {
        guard let value = rest.readInteger(as: type) else { throw malformed("it ends within \(name)") }
        return value
    }

    /// The octets up to the next NUL, which is taken and left out.
    mutating func text(_ name: String) throws(MilterPacketError) -> ByteBuffer {
        guard let end = rest.readableBytesView.firstIndex(of: 0),
            let text = rest.readSlice(length: end - rest.readerIndex)
        else { throw malformed("no NUL after \(name)") }
        rest.moveReaderIndex(forwardBy: 1)
        return text
    }

    /// One text or more, to the end.
    mutating func texts(_ name: String) throws(MilterPacketError) -> [ByteBuffer] {
        var texts: [ByteBuffer] = [try text(name)]
        while !isAtEnd {
            guard texts.count < Self.limit else { throw malformed("more than \(Self.limit) arguments") }
            texts.append(try text("an argument"))
        }
        return texts
    }

    /// All that is left, as it stands.
    mutating func octets() -> ByteBuffer {
        defer { rest.moveReaderIndex(to: rest.writerIndex) }
        return rest
    }

    /// What must be so when everything was read.
    func ended() throws(MilterPacketError) {
        guard isAtEnd else { throw malformed("\(rest.readableBytes) octets after its end") }
    }
}
