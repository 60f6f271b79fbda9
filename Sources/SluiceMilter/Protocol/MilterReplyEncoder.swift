// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// Writes what a filter sends. A NUL within a text can't be told and is left out.
package enum MilterReplyEncoder {
    /// Writes a reply at the end of `buffer`: one packet, but several for a new body that is longer than
    /// ``MilterPacket/chunkSize``.
    package static func encode(_ reply: MilterReply, into buffer: inout ByteBuffer) {
        switch reply {
        case .negotiate(let options):
            MilterPacketWriter.write(MilterReplyCode.negotiate, into: &buffer) { options.write(to: &$0) }
        case .proceed: MilterPacketWriter.write(MilterReplyCode.proceed, into: &buffer)
        case .accept: MilterPacketWriter.write(MilterReplyCode.accept, into: &buffer)
        case .reject: MilterPacketWriter.write(MilterReplyCode.reject, into: &buffer)
        case .temporaryFailure: MilterPacketWriter.write(MilterReplyCode.temporaryFailure, into: &buffer)
        case .discard: MilterPacketWriter.write(MilterReplyCode.discard, into: &buffer)
        case .skip: MilterPacketWriter.write(MilterReplyCode.skip, into: &buffer)
        case .replyCode(let text): write(MilterReplyCode.replyCode, doublingPercents(text), into: &buffer)
        case .shutdown: MilterPacketWriter.write(MilterReplyCode.shutdown, into: &buffer)
        case .connectionFailure: MilterPacketWriter.write(MilterReplyCode.connectionFailure, into: &buffer)
        case .progress: MilterPacketWriter.write(MilterReplyCode.progress, into: &buffer)
        case .quarantine(let reason): write(MilterReplyCode.quarantine, reason, into: &buffer)
        case .addField(let name, let value): write(MilterReplyCode.addField, name, value, into: &buffer)
        case .insertField(let index, let name, let value):
            write(MilterReplyCode.insertField, index: index, name, value, into: &buffer)
        case .changeField(let index, let name, let value):
            write(MilterReplyCode.changeField, index: index, name, value, into: &buffer)
        case .replaceBody(let body): write(body: body, into: &buffer)
        case .changeReversePath(let path, let parameters):
            write(MilterReplyCode.changeReversePath, path, parameters, into: &buffer)
        case .addRecipient(let path): write(MilterReplyCode.addRecipient, path, into: &buffer)
        case .addRecipientWithParameters(let path, let parameters):
            write(MilterReplyCode.addRecipientWithParameters, path, parameters, into: &buffer)
        case .deleteRecipient(let path): write(MilterReplyCode.deleteRecipient, path, into: &buffer)
        }
    }

    /// Sendmail takes the reply for a format, so a percent sign stands twice on the wire.
    private static func doublingPercents(_ text: ByteBuffer) -> ByteBuffer {
        guard text.readableBytesView.contains(percent) else { return text }
        var doubled = ByteBuffer()
        for octet in text.readableBytesView {
            doubled.writeInteger(octet)
            if octet == percent { doubled.writeInteger(octet) }
        }
        return doubled
    }

    private static let percent = UInt8(ascii: "%")

    private static func write(body: ByteBuffer, into buffer: inout ByteBuffer) {
        for (head, piece) in pieces(of: body) {
            buffer.writeImmutableBuffer(head)
            buffer.writeImmutableBuffer(piece)
        }
    }

    /// A new body as packets, without a copy of it: what stands before each piece, and the piece. An empty body is one
    /// empty piece, or the old one would stay.
    static func pieces(of body: ByteBuffer) -> [(head: ByteBuffer, piece: ByteBuffer)] {
        var rest = body
        var pieces: [(head: ByteBuffer, piece: ByteBuffer)] = []
        repeat {
            let length = min(rest.readableBytes, MilterPacket.chunkSize)
            guard let piece = rest.readSlice(length: length) else { break }
            var head = ByteBuffer()
            head.writeInteger(UInt32(clamping: length + 1))
            head.writeInteger(MilterReplyCode.replaceBody)
            pieces.append((head, piece))
        } while rest.readableBytes > 0
        return pieces
    }

    private static func write(
        _ code: UInt8, _ text: ByteBuffer, _ second: ByteBuffer? = nil, into buffer: inout ByteBuffer
    ) {
        MilterPacketWriter.write(code, into: &buffer) { writer in
            writer.text(text)
            if let second { writer.text(second) }
        }
    }

    private static func write(
        _ code: UInt8, index: UInt32, _ name: ByteBuffer, _ value: ByteBuffer, into buffer: inout ByteBuffer
    ) {
        MilterPacketWriter.write(code, into: &buffer) { writer in
            writer.integer(index)
            writer.text(name)
            writer.text(value)
        }
    }
}
