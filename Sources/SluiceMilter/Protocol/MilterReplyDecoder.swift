// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Reads what a filter sent. Texts are slices of the packet.
package enum MilterReplyDecoder {
    /// - Throws: ``MilterPacketError`` for a code that no filter sends, and for a payload that isn't whole.
    package static func decode(_ packet: MilterPacket) throws(MilterPacketError) -> MilterReply {
        var fields = MilterPacketFields(packet)
        let reply: MilterReply
        if let simple = simple(packet.code) { reply = simple } else { reply = try decode(&fields) }
        try fields.ended()
        return reply
    }

    private static func simple(_ code: UInt8) -> MilterReply? {
        switch code {
        case MilterReplyCode.proceed: .proceed
        case MilterReplyCode.accept: .accept
        case MilterReplyCode.reject: .reject
        case MilterReplyCode.temporaryFailure: .temporaryFailure
        case MilterReplyCode.discard: .discard
        case MilterReplyCode.skip: .skip
        case MilterReplyCode.shutdown: .shutdown
        case MilterReplyCode.connectionFailure: .connectionFailure
        case MilterReplyCode.progress: .progress
        default: nil
        }
    }

    private static func decode(_ fields: inout MilterPacketFields) throws(MilterPacketError) -> MilterReply {
        switch fields.code {
        case MilterReplyCode.negotiate: return .negotiate(try MilterOptions(&fields))
        case MilterReplyCode.replyCode: return .replyCode(undoublingPercents(try fields.text("the reply")))
        case MilterReplyCode.quarantine: return .quarantine(reason: try fields.text("the reason"))
        case MilterReplyCode.addField:
            let name = try name(&fields)
            return .addField(name: name, value: try fields.text("the field's value"))
        case MilterReplyCode.insertField:
            let index: UInt32 = try fields.integer("the index")
            let name = try name(&fields)
            return .insertField(index: index, name: name, value: try fields.text("the field's value"))
        case MilterReplyCode.changeField:
            let index: UInt32 = try fields.integer("the index")
            let name = try name(&fields)
            return .changeField(index: index, name: name, value: try fields.text("the field's value"))
        case MilterReplyCode.replaceBody: return .replaceBody(fields.octets())
        case MilterReplyCode.changeReversePath:
            let path = try fields.text("the reverse-path")
            return .changeReversePath(path, parameters: try parameters(&fields))
        case MilterReplyCode.addRecipient: return .addRecipient(try fields.text("the recipient"))
        case MilterReplyCode.addRecipientWithParameters:
            let path = try fields.text("the recipient")
            return .addRecipientWithParameters(path, parameters: try parameters(&fields))
        case MilterReplyCode.deleteRecipient: return .deleteRecipient(try fields.text("the recipient"))
        default: throw .unknownCode(fields.code)
        }
    }

    private static func name(_ fields: inout MilterPacketFields) throws(MilterPacketError) -> ByteBuffer {
        let name = try fields.text("the field's name")
        guard name.readableBytes > 0 else { throw fields.malformed("a field without a name") }
        return name
    }

    private static func parameters(_ fields: inout MilterPacketFields) throws(MilterPacketError) -> ByteBuffer? {
        fields.isAtEnd ? nil : try fields.text("the parameters")
    }

    /// Two percent signs are one; a single one, which a filter should not send, stays.
    private static func undoublingPercents(_ text: ByteBuffer) -> ByteBuffer {
        let percent = UInt8(ascii: "%")
        guard text.readableBytesView.contains(percent) else { return text }
        var single = ByteBuffer()
        var isSecond = false
        for octet in text.readableBytesView {
            if octet == percent, isSecond {
                isSecond = false
                continue
            }
            single.writeInteger(octet)
            isSecond = octet == percent
        }
        return single
    }
}
