// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// A command of the client's (RFC 5321 §4.1, RFC 2033 §4, RFC 3207 §4).
package enum ClientCommand: Hashable, Sendable {
    case ehlo(String)
    case helo(String)
    case lhlo(String)
    case startTLS
    case mail(ReversePath, parameters: [String])
    case rcpt(Mailbox, parameters: [String] = [])
    case data
    case rset
    case quit

    /// Whether a mailbox may be written into a command: it reads back as the same mailbox, so it holds no line end, no
    /// angle bracket outside quotes and nothing else that could begin another command.
    package static func isWritable(_ mailbox: Mailbox) -> Bool {
        let written = Array(mailbox.written.utf8)
        guard written.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return false }
        var parser = PathParser(written)
        return parser.mailbox() == mailbox && parser.atEnd
    }

    /// Whether a name may be written behind EHLO: a domain or an address literal (RFC 5321 §4.1.1.1).
    package static func isWritable(greetingName: String) -> Bool {
        var parser = PathParser(Array(greetingName.utf8))
        return parser.domain() != nil && parser.atEnd
    }

    /// Writes the command with its CRLF. Paths and names have been found writable before.
    package func write(into buffer: inout ByteBuffer) {
        switch self {
        case .ehlo(let name): buffer.writeString("EHLO \(name)\r\n")
        case .helo(let name): buffer.writeString("HELO \(name)\r\n")
        case .lhlo(let name): buffer.writeString("LHLO \(name)\r\n")
        case .startTLS: buffer.writeString("STARTTLS\r\n")
        case .mail(let path, let parameters):
            buffer.writeString("MAIL FROM:<\(path.written)>")
            for parameter in parameters { buffer.writeString(" \(parameter)") }
            buffer.writeString("\r\n")
        case .rcpt(let mailbox, let parameters):
            buffer.writeString("RCPT TO:<\(mailbox.written)>")
            for parameter in parameters { buffer.writeString(" \(parameter)") }
            buffer.writeString("\r\n")
        case .data: buffer.writeString("DATA\r\n")
        case .rset: buffer.writeString("RSET\r\n")
        case .quit: buffer.writeString("QUIT\r\n")
        }
    }
}
