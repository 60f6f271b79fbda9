// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// Makes content transparent for DATA: a line that begins with a dot gets another (RFC 5321 §4.5.2).
///
/// A line begins at the start and after CRLF, nowhere else: any other octets go out as they came. A chunk without
/// such a line is passed on as the slice that it is; where there is one, the chunk is copied once.
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

    /// The chunk as it is to be sent.
    package mutating func encode(_ chunk: ByteBuffer) -> ByteBuffer {
        let view = chunk.readableBytesView
        guard !view.isEmpty else { return chunk }
        var output = ByteBuffer()
        var copied = view.startIndex
        var searchStart = view.startIndex
        while let dot = view[searchStart...].firstIndex(of: UInt8(ascii: ".")) {
            searchStart = dot + 1
            guard beginsLine(dot, in: view) else { continue }
            // Room for all of it at once, so that the chunk is copied once.
            if output.readableBytes == 0 { output.reserveCapacity(view.count + view.count / 64 + 16) }
            output.writeBytes(view[copied..<dot])
            output.writeInteger(UInt8(ascii: "."))
            copied = dot
        }
        note(view)
        if output.readableBytes == 0 { return chunk }
        output.writeBytes(view[copied...])
        return output
    }

    /// The octets that end the content: a CRLF where it does not end in one, then the lone dot.
    package mutating func finish() -> ByteBuffer {
        defer { position = .lineStart }
        return ByteBuffer(string: isAtLineStart ? ".\r\n" : "\r\n.\r\n")
    }

    private func beginsLine(_ index: Int, in view: ByteBufferView) -> Bool {
        switch index - view.startIndex {
        case 0: position == .lineStart
        case 1: position == .afterCR && view[index - 1] == UInt8(ascii: "\n")
        default: view[index - 1] == UInt8(ascii: "\n") && view[index - 2] == UInt8(ascii: "\r")
        }
    }

    /// Notes how the chunk ends.
    private mutating func note(_ view: ByteBufferView) {
        switch view[view.endIndex - 1] {
        case UInt8(ascii: "\r"): position = .afterCR
        case UInt8(ascii: "\n"):
            let follows =
                view.count > 1 ? view[view.endIndex - 2] == UInt8(ascii: "\r") : position == .afterCR
            position = follows ? .lineStart : .inLine
        default: position = .inLine
        }
    }
}
