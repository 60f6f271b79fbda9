// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Reads what an MTA sent. Texts are slices of the packet.
package enum MilterCommandDecoder {
    /// - Throws: ``MilterPacketError`` for a code that no MTA sends, and for a payload that isn't whole: a missing NUL,
    ///   too few or too many arguments, an address that is none, octets after the end.
    package static func decode(_ packet: MilterPacket) throws(MilterPacketError) -> MilterCommand {
        var fields = MilterPacketFields(packet)
        let command = try decode(&fields)
        try fields.ended()
        return command
    }

    private static func decode(_ fields: inout MilterPacketFields) throws(MilterPacketError) -> MilterCommand {
        switch fields.code {
        case MilterCommandCode.header: return try header(&fields)
        case MilterCommandCode.body: return .body(fields.octets())
        case MilterCommandCode.macros: return try macros(&fields)
        case MilterCommandCode.mail: return .mail(try fields.texts("the reverse-path"))
        case MilterCommandCode.recipient: return .recipient(try fields.texts("the forward-path"))
        case MilterCommandCode.data: return .data
        case MilterCommandCode.endOfHeader: return .endOfHeader
        case MilterCommandCode.endOfMessage: return .endOfMessage(fields.octets())
        case MilterCommandCode.abort: return .abort
        case MilterCommandCode.connect: return try connect(&fields)
        case MilterCommandCode.helo: return .helo(try fields.text("the name"))
        case MilterCommandCode.negotiate: return .negotiate(try MilterOptions(&fields))
        case MilterCommandCode.quit: return .quit
        case MilterCommandCode.quitNewConnection: return .quitNewConnection
        case MilterCommandCode.unknown: return .unknown(try fields.text("the command"))
        default: throw .unknownCode(fields.code)
        }
    }

    private static func header(_ fields: inout MilterPacketFields) throws(MilterPacketError) -> MilterCommand {
        let name = try fields.text("the field's name")
        guard name.readableBytes > 0 else { throw fields.malformed("a field without a name") }
        return .header(name: name, value: try fields.text("the field's value"))
    }

    private static func macros(_ fields: inout MilterPacketFields) throws(MilterPacketError) -> MilterCommand {
        let step: UInt8 = try fields.integer("the step")
        guard MilterCommandCode.steps.contains(step) else { throw fields.malformed("macros for a step that has none") }
        var macros = MilterMacros()
        var count = 0
        while !fields.isAtEnd {
            guard count < MilterPacketFields.limit else {
                throw fields.malformed("more than \(MilterPacketFields.limit) macros")
            }
            count += 1
            let name = try fields.text("a macro's name")
            macros.set(String(buffer: name), to: String(buffer: try fields.text("a macro's value")))
        }
        return .macros(step: step, macros)
    }

    private static func connect(_ fields: inout MilterPacketFields) throws(MilterPacketError) -> MilterCommand {
        let hostname = try fields.text("the client's name")
        let family: UInt8 = try fields.integer("the address family")
        let isVersion6 = family == UInt8(ascii: "6")
        switch family {
        case UInt8(ascii: "U"): return .connect(hostname: hostname, .unknown)
        case UInt8(ascii: "L"):
            _ = try fields.integer("the port", as: UInt16.self)
            return .connect(hostname: hostname, .unix(try fields.text("the socket's path")))
        case UInt8(ascii: "4"), UInt8(ascii: "6"):
            let port: UInt16 = try fields.integer("the port")
            let text = try fields.text("the address")
            guard text.readableBytes <= 64, let address = address(String(buffer: text), isVersion6: isVersion6) else {
                throw fields.malformed("the address is none of its family")
            }
            return .connect(hostname: hostname, .address(address, port: port))
        default: throw fields.malformed("an unknown address family")
        }
    }

    /// Sendmail writes `IPv6:` before an address of version 6, Postfix does not.
    private static func address(_ text: String, isVersion6: Bool) -> IPAddress? {
        guard isVersion6 else { return text.utf8.contains(UInt8(ascii: ":")) ? nil : IPAddress(text) }
        let bare = text.utf8.prefix(5).equalsIgnoringCase("IPv6:") ? String(text.utf8.dropFirst(5)) ?? "" : text
        return bare.utf8.contains(UInt8(ascii: ":")) ? IPAddress(bare) : nil
    }
}
