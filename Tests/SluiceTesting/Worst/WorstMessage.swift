// SPDX-License-Identifier: Apache-2.0

/// A message made to cost a reader as much as it can: what it is, and how to make one of about a size.
///
/// They are generated, the same each time, and never stored.
package struct WorstMessage: Sendable {
    package var name: String
    /// Words one of which has to stand in the reply, or in what the record says of a limit; empty where a reader that
    /// takes the whole message as it is meets none.
    package var limits: [String]
    private let make: @Sendable (Int) -> [UInt8]

    init(_ name: String, _ limits: [String], _ make: @escaping @Sendable (Int) -> [UInt8]) {
        (self.name, self.limits, self.make) = (name, limits, make)
    }

    /// The content, about `size` octets, with CRLF as line ends and dots as they are (RFC 5321 §4.5.2 is the sender's).
    package func content(size: Int) -> [UInt8] {
        let octets = make(size)
        return octets.suffix(2).elementsEqual([0x0D, 0x0A]) ? octets : octets + [0x0D, 0x0A]
    }

    package static let all = texts + pages + sections + structures + attachments + archives

    /// What is met by all that has more text than is looked at.
    static let text = ["TEXT_NOT_WHOLE"]

    static let fields =
        "From: <sender@client.test>\r\nTo: <recipient@example.org>\r\nSubject: the worst\r\nMessage-ID: <worst@client.test>\r\nDate: Tue, 24 Nov 2026 07:00:00 +0000\r\nMIME-Version: 1.0\r\n"

    /// A message of one part that consists of the unit, again and again.
    static func part(_ type: String, encoding: String? = nil, _ unit: [UInt8], size: Int) -> [UInt8] {
        let encoding = encoding.map { "Content-Transfer-Encoding: \($0)\r\n" } ?? ""
        return Array((fields + "Content-Type: \(type)\r\n\(encoding)\r\n").utf8) + repeating(unit, size: size)
            + [0x0D, 0x0A]
    }

    static func repeating(_ unit: [UInt8], size: Int) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(size + unit.count)
        while octets.count < size { octets += unit }
        return octets
    }

    /// Lines of some 900 octets of the unit.
    static func lines(_ unit: String) -> [UInt8] {
        Array(String(repeating: unit, count: max(1, 900 / unit.utf8.count)).utf8) + [0x0D, 0x0A]
    }

    /// The message as it is sent after DATA: a dot more where a line begins with one (RFC 5321 §4.5.2).
    package static func dotStuffed(_ content: [UInt8]) -> [UInt8] {
        var stuffed: [UInt8] = []
        stuffed.reserveCapacity(content.count + content.count / 64)
        var isLineStart = true
        for octet in content {
            if isLineStart, octet == UInt8(ascii: ".") { stuffed.append(octet) }
            stuffed.append(octet)
            isLineStart = octet == 0x0A
        }
        return stuffed
    }
}
