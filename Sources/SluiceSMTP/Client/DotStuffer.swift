// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import SluiceCore

/// Makes content transparent for DATA: a line that begins with a dot gets another (RFC 5321 §4.5.2).
///
/// Every line end that it sends is CRLF (RFC 5321 §2.3.8): a bare CR or LF becomes one, and a NUL is left out, so that no
/// next hop can find an end of the content where there is none, however it reads line ends. What came by SMTP has none
/// of these, and goes out octet for octet: a chunk in which nothing changes is passed on as the slice that it is; where
/// something does, the chunk is copied once.
package struct DotStuffer: Sendable {
    private enum Position {
        case lineStart
        case afterCR
        case inLine
    }

    private var position = Position.lineStart

    package init() {}

    /// Whether what was encoded so far ends a line (or is empty).
    package var isAtLineStart: Bool { position == .lineStart }

    /// A place in the chunk where the output differs: octets that are put before it, and how many of its own are left
    /// out.
    private struct Change {
        var place: Int
        var inserted: StaticString
        var dropped = 0
    }

    /// The chunk as it is to be sent.
    package mutating func encode(_ chunk: ByteBuffer) -> ByteBuffer {
        let changes = changes(chunk.readableBytesUInt8Span)
        if changes.isEmpty { return chunk }
        let view = chunk.readableBytesView
        var output = ByteBuffer()
        output.reserveCapacity(view.count + changes.count)
        var copied = view.startIndex
        for change in changes {
            let place = view.startIndex + change.place
            output.writeBytes(view[copied..<place])
            output.writeStaticString(change.inserted)
            copied = place + change.dropped
        }
        output.writeBytes(view[copied...])
        return output
    }

    private mutating func changes(_ octets: Span<UInt8>) -> [Change] {
        var changes: [Change] = []
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            switch position {
            case .afterCR where octet == 0x0A:
                position = .lineStart
                index += 1
            case .afterCR:
                changes.append(Change(place: index, inserted: "\n"))
                position = .lineStart
            case .lineStart where octet == UInt8(ascii: "."):
                changes.append(Change(place: index, inserted: "."))
                position = .inLine
                index += 1
            case .lineStart, .inLine:
                index = readLine(octets, from: index, &changes)
            }
        }
        return changes
    }

    /// Reads on within a line, up to and with the next CR, LF or NUL; returns where.
    private mutating func readLine(_ octets: Span<UInt8>, from start: Int, _ changes: inout [Change]) -> Int {
        let index = octets.nextLineOctet(from: start)
        if index > start { position = .inLine }
        guard index < octets.count else { return index }
        switch octets[index] {
        case 0x0D: position = .afterCR
        case 0x0A:
            changes.append(Change(place: index, inserted: "\r"))
            position = .lineStart
        default: changes.append(Change(place: index, inserted: "", dropped: 1))
        }
        return index + 1
    }

    /// The octets that end the content: what its last line lacks of a CRLF, then the lone dot.
    package mutating func finish() -> ByteBuffer {
        defer { position = .lineStart }
        switch position {
        case .lineStart: return ByteBuffer(string: ".\r\n")
        case .afterCR: return ByteBuffer(string: "\n.\r\n")
        case .inLine: return ByteBuffer(string: "\r\n.\r\n")
        }
    }
}
