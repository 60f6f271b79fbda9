// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// Writes replies as they go over the wire (RFC 5321 §4.2).
///
/// Whatever a text holds, it can't end a line early or forge another: octets that are no printable ASCII are written
/// as `?`, and a line longer than 512 octets (RFC 5321 §4.5.3.1.5) goes on in another.
package enum ReplyEncoder {
    /// The octets of text in a line: 512 less code, separator, enhanced status code and CRLF.
    private static let textLimit = 490

    package static func write(_ reply: Reply, to buffer: inout ByteBuffer) {
        let enhanced = reply.enhanced.map { "\($0) " } ?? ""
        for (number, text) in reply.lines.enumerated() {
            var rest = text.utf8[...]
            repeat {
                let part = rest.prefix(textLimit)
                rest = rest.dropFirst(textLimit)
                buffer.writeString(String(reply.code))
                buffer.writeString(rest.isEmpty && number == reply.lines.count - 1 ? " " : "-")
                buffer.writeString(enhanced)
                buffer.writeBytes(part.lazy.map { $0 >= 32 && $0 < 127 ? $0 : UInt8(ascii: "?") })
                buffer.writeString("\r\n")
            } while !rest.isEmpty
        }
    }
}
