// SPDX-License-Identifier: Apache-2.0

/// Decodes quoted-printable octet by octet (RFC 2045 §6.7). Line ends stay as they came.
package struct QuotedPrintableDecoder: Sendable {
    private enum State {
        case text
        /// `=` was read, and what may be transport padding behind it.
        case equals
        /// `=` and one hexadecimal digit.
        case digit(UInt8)
        /// `=`, padding and CR: a soft line break if LF follows.
        case equalsReturn
    }

    private var state = State.text
    /// White space that is dropped if the line ends behind it (§6.7, rule 3).
    private var space: [UInt8] = []
    package private(set) var isFaulty = false

    /// Longer runs of white space are data, so that memory is bounded; a line may have 76 octets.
    private static let spaceLimit = 1024

    package init() {}

    package mutating func consume(_ byte: UInt8, into output: inout [UInt8]) {
        switch state {
        case .text: consumeText(byte, into: &output)
        case .equals: consumeEscape(byte, into: &output)
        case .digit(let digit):
            state = .text
            if let high = digit.hexadecimalValue, let low = byte.hexadecimalValue {
                output.append(high << 4 | low)
            } else {
                isFaulty = true
                output.append(UInt8(ascii: "="))
                output.append(digit)
                consumeText(byte, into: &output)
            }
        case .equalsReturn:
            state = .text
            if byte != 0x0A {
                isFaulty = true
                consumeText(byte, into: &output)
            }
        }
    }

    private mutating func consumeText(_ byte: UInt8, into output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "="):
            flushSpace(into: &output)
            state = .equals
        case 0x20, 0x09:
            if space.count == Self.spaceLimit { flushSpace(into: &output) }
            space.append(byte)
        case 0x0D, 0x0A:
            space.removeAll(keepingCapacity: true)
            output.append(byte)
        default:
            flushSpace(into: &output)
            output.append(byte)
        }
    }

    /// What follows `=`.
    private mutating func consumeEscape(_ byte: UInt8, into output: inout [UInt8]) {
        if byte == 0x0A {
            space.removeAll(keepingCapacity: true)
            state = .text
        } else if byte == 0x0D {
            space.removeAll(keepingCapacity: true)
            state = .equalsReturn
        } else if byte.isWhiteSpace, space.count < Self.spaceLimit {
            // Padding that a transport added behind a soft line break.
            space.append(byte)
        } else if space.isEmpty, byte.hexadecimalValue != nil {
            state = .digit(byte)
        } else {
            isFaulty = true
            state = .text
            output.append(UInt8(ascii: "="))
            consumeText(byte, into: &output)
        }
    }

    /// Ends the data.
    package mutating func finish(into output: inout [UInt8]) {
        if case .digit(let digit) = state {
            isFaulty = true
            output.append(UInt8(ascii: "="))
            output.append(digit)
        }
        state = .text
        space = []
    }

    private mutating func flushSpace(into output: inout [UInt8]) {
        guard !space.isEmpty else { return }
        output += space
        space.removeAll(keepingCapacity: true)
    }
}
