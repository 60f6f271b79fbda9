// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import SluiceCore

/// Writes what an MTA sends. A NUL within a text can't be told and is left out.
package enum MilterCommandEncoder {
    /// Writes a command as one packet at the end of `buffer`; pieces of a body must be cut already
    /// (``MilterPacket/chunkSize``), since each is answered.
    package static func encode(_ command: MilterCommand, into buffer: inout ByteBuffer) {
        switch command {
        case .negotiate(let options):
            MilterPacketWriter.write(MilterCommandCode.negotiate, into: &buffer) { options.write(to: &$0) }
        case .macros(let step, let macros):
            MilterPacketWriter.write(MilterCommandCode.macros, into: &buffer) { writer in
                writer.integer(step)
                for (name, value) in macros.values.sorted(by: { $0.key < $1.key }) {
                    writer.text(MilterMacros.written(name))
                    writer.text(value)
                }
            }
        case .connect(let hostname, let address):
            MilterPacketWriter.write(MilterCommandCode.connect, into: &buffer) { writer in
                writer.text(hostname)
                write(address, to: &writer)
            }
        case .helo(let name): write(MilterCommandCode.helo, [name], into: &buffer)
        case .mail(let arguments): write(MilterCommandCode.mail, arguments, into: &buffer)
        case .recipient(let arguments): write(MilterCommandCode.recipient, arguments, into: &buffer)
        case .data: write(MilterCommandCode.data, [], into: &buffer)
        case .header(let name, let value): write(MilterCommandCode.header, [name, value], into: &buffer)
        case .endOfHeader: write(MilterCommandCode.endOfHeader, [], into: &buffer)
        case .body(let piece):
            MilterPacketWriter.write(MilterCommandCode.body, into: &buffer) { $0.octets(piece) }
        case .endOfMessage(let piece):
            MilterPacketWriter.write(MilterCommandCode.endOfMessage, into: &buffer) { $0.octets(piece) }
        case .abort: write(MilterCommandCode.abort, [], into: &buffer)
        case .quit: write(MilterCommandCode.quit, [], into: &buffer)
        case .quitNewConnection: write(MilterCommandCode.quitNewConnection, [], into: &buffer)
        case .unknown(let text): write(MilterCommandCode.unknown, [text], into: &buffer)
        }
    }

    private static func write(_ code: UInt8, _ texts: [ByteBuffer], into buffer: inout ByteBuffer) {
        MilterPacketWriter.write(code, into: &buffer) { writer in
            for text in texts { writer.text(text) }
        }
    }

    private static func write(_ address: MilterClientAddress, to writer: inout MilterPacketWriter) {
        switch address {
        case .unknown: writer.integer(UInt8(ascii: "U"))
        case .unix(let path):
            writer.integer(UInt8(ascii: "L"))
            writer.integer(UInt16(0))
            writer.text(path)
        case .address(let address, let port):
            writer.integer(address.isIPv4 ? UInt8(ascii: "4") : UInt8(ascii: "6"))
            writer.integer(port)
            if !address.isIPv4 { writer.octets("IPv6:") }
            writer.text("\(address)")
        }
    }
}
