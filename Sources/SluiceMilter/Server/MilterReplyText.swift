// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// A reply as the MTA is told to give it (SMFIR_REPLYCODE).
package enum MilterReplyText {
    /// Lines beyond this many, and octets of a line beyond that many, are left out: Sendmail takes no more
    /// (MAXREPLYLEN of `libmilter/mfapi.h`).
    package static let lineLimit = 32
    package static let lengthLimit = 980

    /// `550-5.7.1 first` CRLF `550 5.7.1 last`. The enhanced code stands always and is of the code's class, since Postfix
    /// takes another reply for malformed; `%` is doubled, since Sendmail takes the text for a format (Postfix undoes it).
    ///
    /// - Parameter reply: a negative one.
    package static func written(_ reply: Reply) -> ByteBuffer {
        let fallback = EnhancedStatusCode(reply.code / 100, 0, 0)
        let enhanced = reply.enhanced.flatMap { $0.statusClass == reply.code / 100 ? $0 : nil } ?? fallback
        let lines = reply.lines.prefix(lineLimit)
        var buffer = ByteBuffer()
        for (index, line) in lines.enumerated() {
            if index > 0 { buffer.writeString("\r\n") }
            buffer.writeString("\(reply.code)\(index == lines.count - 1 ? " " : "-")\(enhanced) ")
            write(line, to: &buffer)
        }
        return buffer
    }

    /// A line of text for the MTA, such as the reason of a quarantine; nobody takes it for a format.
    package static func line(_ text: String) -> ByteBuffer {
        ByteBuffer(bytes: text.utf8.prefix(lengthLimit).map { $0 >= 32 && $0 < 127 ? $0 : UInt8(ascii: "?") })
    }

    private static func write(_ line: String, to buffer: inout ByteBuffer) {
        var count = 0
        for byte in line.utf8 {
            let isPercent = byte == UInt8(ascii: "%")
            count += isPercent ? 2 : 1
            if count > lengthLimit { return }
            buffer.writeInteger(byte >= 32 && byte < 127 ? byte : UInt8(ascii: "?"))
            if isPercent { buffer.writeInteger(byte) }
        }
    }
}
