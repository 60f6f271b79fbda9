// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import SluiceCore

/// Cuts what a client sends between contents into lines: octets in, lines without their CRLF out.
///
/// Only CRLF ends a line (RFC 5321 §2.3.8). A line with a bare CR, a bare LF or a NUL, and one that is too long, is
/// one fault, told as soon as it is seen; what follows, up to the next CRLF, is dropped. So nothing of such a line is
/// ever taken for a command, and the dialogue stays in step however the octets were split into reads.
package struct CommandLineDecoder: Sendable {
    package enum Item: Equatable, Sendable {
        case line([UInt8])
        case fault(CommandFault)
    }

    /// The longest command line, in octets with its CRLF (RFC 5321 §4.5.3.1.4 asks for 512 at least).
    private let limit: Int
    /// The longest AUTH command or line of an AUTH exchange, with its CRLF (RFC 4954 §4 asks for 12288).
    private let authenticationLimit: Int
    /// How many octets from the reader index on are known to end no line.
    private var scanned = 0
    private var isAfterCR = false
    private var isDiscarding = false

    package init(limit: Int, authenticationLimit: Int) {
        self.limit = limit
        self.authenticationLimit = authenticationLimit
    }

    /// Takes the next line from the buffer; `nil` where it holds no whole one.
    ///
    /// - Parameter isExchange: whether the line belongs to an AUTH exchange.
    package mutating func next(from buffer: inout ByteBuffer, isExchange: Bool = false) -> Item? {
        var limit = isExchange ? authenticationLimit : limit
        while true {
            let found = scan(buffer.readableBytesUInt8Span, limit: limit)
            switch found {
            case .nothing:
                if isDiscarding {
                    buffer.moveReaderIndex(forwardBy: scanned)
                    scanned = 0
                }
                return nil
            case .lineEnd(let length):
                scanned = 0
                isAfterCR = false
                if isDiscarding {
                    buffer.moveReaderIndex(forwardBy: length)
                    isDiscarding = false
                    continue
                }
                if limit < authenticationLimit, isAuthentication(buffer) { limit = authenticationLimit }
                let line = buffer.readBytes(length: length - 2) ?? []
                buffer.moveReaderIndex(forwardBy: 2)
                return length > limit ? .fault(.lineTooLong) : .line(line)
            case .limit(let length):
                if limit < authenticationLimit, isAuthentication(buffer) {
                    limit = authenticationLimit
                    continue
                }
                return fault(.lineTooLong, dropping: length, of: &buffer)
            case .fault(let length):
                return fault(.lineEnd, dropping: length, of: &buffer)
            }
        }
    }

    private mutating func fault(_ fault: CommandFault, dropping length: Int, of buffer: inout ByteBuffer) -> Item {
        buffer.moveReaderIndex(forwardBy: length)
        scanned = 0
        isDiscarding = true
        return .fault(fault)
    }

    private enum Found {
        case nothing
        /// A line of that many octets, CRLF included.
        case lineEnd(Int)
        /// That many octets are too many and have no end yet.
        case limit(Int)
        /// That many octets end in one that has no place in a line.
        case fault(Int)
    }

    private mutating func scan(_ octets: Span<UInt8>, limit: Int) -> Found {
        var index = scanned
        while index < octets.count {
            let octet = octets[index]
            if isAfterCR {
                if octet == 0x0A { return .lineEnd(index + 1) }
                isAfterCR = octet == 0x0D
                if !isDiscarding {
                    // The octet behind the bare CR is looked at again: it may be the CR of a CRLF.
                    isAfterCR = false
                    return .fault(index)
                }
            } else if !isDiscarding, index >= limit {
                scanned = index
                return .limit(index)
            } else if octet == 0x0D {
                isAfterCR = true
            } else if !isDiscarding, octet == 0x0A || octet == 0 {
                return .fault(index + 1)
            }
            index += 1
        }
        scanned = index
        return .nothing
    }

    private func isAuthentication(_ buffer: ByteBuffer) -> Bool {
        buffer.readableBytesView.prefix(5).equalsIgnoringCase("AUTH ")
    }
}
