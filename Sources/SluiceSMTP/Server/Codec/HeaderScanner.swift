// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Follows a header section octet by octet, to know where it ends and how many Received fields it has.
///
/// It ends where ``SluiceCore/HeaderSection`` ends it: at the empty line, or at the first line that is no field.
struct HeaderScanner: Sendable {
    private enum Line: Equatable {
        case start
        /// So many octets of a field's name have been read.
        case name(length: Int)
        /// White space between name and colon (RFC 5322 §4.5).
        case afterName(length: Int)
        /// The rest of a field or a continuation line; nothing more to learn.
        case value
        case noField
    }

    private(set) var isOver = false
    /// The octets of the header section's whole lines, the empty line left out.
    private(set) var octets = 0
    private(set) var receivedFields = 0
    private var line = Line.start
    private var isFirstLine = true
    /// Whether the name so far is a beginning of `received`.
    private var isReceived = true
    /// How many octets of `From ` the first line has begun with: an mbox line is let pass, as where it is read.
    private var mbox = 0

    private static let received = Array("received".utf8)
    private static let mboxStart = Array("From ".utf8)

    mutating func read(_ octet: UInt8) {
        if isFirstLine, mbox < Self.mboxStart.count { mbox = octet == Self.mboxStart[mbox] ? mbox + 1 : Int.max }
        switch line {
        case .start where octet.isWhiteSpace: line = isFirstLine ? .noField : .value
        case .start: readName(octet, length: 0)
        case .name(let length) where octet.isWhiteSpace: line = .afterName(length: length)
        case .name(let length) where octet == UInt8(ascii: ":"): endName(length)
        case .name(let length): readName(octet, length: length)
        case .afterName(let length):
            if octet == UInt8(ascii: ":") {
                endName(length)
            } else if !octet.isWhiteSpace {
                line = .noField
            }
        case .value, .noField: break
        }
    }

    private mutating func readName(_ octet: UInt8, length: Int) {
        guard octet > 32, octet < 127, octet != UInt8(ascii: ":") else {
            line = .noField
            return
        }
        isReceived =
            length < Self.received.count && octet.asciiLowercased == Self.received[length]
            && (length == 0 || isReceived)
        line = .name(length: length + 1)
    }

    private mutating func endName(_ length: Int) {
        if isReceived, length == Self.received.count { receivedFields += 1 }
        line = .value
    }

    /// A line of so many octets, CRLF included, has ended.
    mutating func lineEnded(length: Int) {
        switch line {
        case .start: isOver = true
        case .name, .afterName, .noField: isOver = !(isFirstLine && mbox == Self.mboxStart.count)
        case .value: break
        }
        if !isOver { octets += length }
        isFirstLine = isFirstLine && line == .noField
        mbox = Int.max
        line = .start
    }
}
