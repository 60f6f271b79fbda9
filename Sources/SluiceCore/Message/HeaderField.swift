// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// One header field with the octets as received: name, colon, value, folding and line end (RFC 5322 §2.2).
package struct HeaderField: Hashable, Sendable {
    /// The whole field with its final line end.
    package let raw: ByteBuffer
    /// The length of the name in octets; white space before the colon (RFC 5322 §4.5) does not count.
    private let nameLength: Int
    private let colon: Int

    /// - Returns: `nil` where the octets do not begin with a field name and a colon.
    package init?(raw: ByteBuffer) {
        let view = raw.readableBytesView
        guard let colon = view.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        var end = colon
        while end > view.startIndex, view[end - 1].isWhiteSpace { end -= 1 }
        guard end > view.startIndex, view[view.startIndex..<end].allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
        self.raw = raw
        self.nameLength = end - view.startIndex
        self.colon = colon - view.startIndex
    }

    /// Makes a field of a name and a value. The value's own line ends must be folded already (CRLF, then white space).
    package init(name: String, value: String) {
        var raw = ByteBuffer()
        raw.writeString(name)
        nameLength = raw.readableBytes
        colon = nameLength
        raw.writeString(value.isEmpty || value.utf8.first?.isWhiteSpace == true || value.hasPrefix("\r\n") ? ":" : ": ")
        raw.writeString(value)
        raw.writeString("\r\n")
        self.raw = raw
    }

    /// The name as written.
    package var name: String { raw.getString(at: raw.readerIndex, length: nameLength) ?? "" }

    /// Whether this is a field of that name; names compare without case.
    package func isNamed(_ other: String) -> Bool {
        other.utf8.count == nameLength && raw.readableBytesView.prefix(nameLength).equalsIgnoringCase(other)
    }

    /// What follows the colon, with folding, without the final line end; not trimmed.
    package var rawValue: ByteBuffer {
        var end = raw.writerIndex
        if end > raw.readerIndex, raw.getInteger(at: end - 1, as: UInt8.self) == UInt8(ascii: "\n") { end -= 1 }
        if end > raw.readerIndex, raw.getInteger(at: end - 1, as: UInt8.self) == UInt8(ascii: "\r") { end -= 1 }
        let start = raw.readerIndex + colon + 1
        return raw.getSlice(at: min(start, end), length: max(0, end - start)) ?? ByteBuffer()
    }

    /// The value unfolded (line ends removed, RFC 5322 §2.2.3) and without white space at either end.
    package var unfoldedOctets: [UInt8] {
        var octets: [UInt8] = rawValue.readableBytesView.filter { $0 != 0x0D && $0 != 0x0A }
        while octets.last?.isWhiteSpace == true { octets.removeLast() }
        let start = octets.firstIndex { !$0.isWhiteSpace } ?? 0
        return start == 0 ? octets : Array(octets[start...])
    }

    /// ``unfoldedOctets`` as text; octets that are not UTF-8 stand as the character of their value.
    package var value: String { String(latin1OrUTF8: unfoldedOctets) }
}

extension String {
    /// Reads octets as UTF-8 where they are, else each octet as the character of its value.
    package init(latin1OrUTF8 octets: some Sequence<UInt8>) {
        let octets = Array(octets)
        if let text = String(validating: octets, as: UTF8.self) {
            self = text
        } else {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: octets.lazy.map { Unicode.Scalar($0) })
            self = String(text)
        }
    }
}
