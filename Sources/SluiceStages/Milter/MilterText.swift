// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Octets that a filter sent, made fit to stand in a message.
enum MilterText {
    /// A field's value: folded by CRLF and white space, whatever the filter's line ends are, so that it can neither end
    /// the field nor the header section.
    ///
    /// An edit's value is text. Octets that are not UTF-8 are read as ISO-8859-1, each as the character of its value,
    /// and leave as UTF-8: the record stays readable, and a field that was undefined is defined.
    static func fieldValue(_ octets: ByteBuffer, keepsLeadingSpace: Bool) -> (text: String, isRecoded: Bool) {
        var folded: [UInt8] = []
        var isLineEnd = false
        for octet in octets.readableBytesView {
            switch octet {
            case 0x0A, 0x0D, 0: isLineEnd = true
            default:
                if isLineEnd {
                    folded += [0x0D, 0x0A]
                    if !octet.isWhiteSpace { folded.append(0x09) }
                }
                isLineEnd = false
                folded.append(octet)
            }
        }
        // Where the leading space is the MTA's, one is put before whatever the value begins with.
        if !keepsLeadingSpace, folded.first?.isWhiteSpace == true { folded.insert(0x20, at: 0) }
        let isUTF8 = String(validating: folded, as: UTF8.self) != nil
        return (String(latin1OrUTF8: folded), !isUTF8)
    }

    /// A body with CRLF line ends: a lone CR or LF is one too, as it can't be told in SMTP.
    static func body(_ octets: ByteBuffer) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(octets.readableBytes)
        var isAfterCR = false
        for octet in octets.readableBytesView {
            switch octet {
            case 0x0D: body += [0x0D, 0x0A]
            case 0x0A: if !isAfterCR { body += [0x0D, 0x0A] }
            default: body.append(octet)
            }
            isAfterCR = octet == 0x0D
        }
        return body
    }

    /// A path without its angle brackets and the white space around them.
    static func path(_ octets: ByteBuffer) -> [UInt8] {
        var path = octets.readableBytesView.drop { $0.isWhiteSpace }
        while path.last?.isWhiteSpace == true { path.removeLast() }
        if path.first == UInt8(ascii: "<"), path.last == UInt8(ascii: ">") {
            path = path.dropFirst().dropLast()
        }
        return Array(path)
    }
}
