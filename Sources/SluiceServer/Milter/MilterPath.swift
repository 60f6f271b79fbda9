// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Reads the paths of MAIL and RCPT as an MTA tells them: with angle brackets or without, and of a local user perhaps
/// without a domain.
enum MilterPath {
    /// - Parameter domain: what a mailbox without a domain belongs to.
    /// - Returns: `nil` where it is no mailbox.
    static func mailbox(_ path: ByteBuffer, domain: String) -> Mailbox? {
        let octets = bracketed(path)
        var parser = PathParser(octets)
        if let mailbox = parser.forwardPath(), parser.atEnd {
            return mailbox.domain.isEmpty ? Mailbox(localPart: mailbox.localPart, domain: domain) : mailbox
        }
        guard !octets.contains(UInt8(ascii: "@")), !domain.isEmpty else { return nil }
        var local = PathParser(octets.dropLast() + Array("@\(domain)>".utf8))
        guard let mailbox = local.forwardPath(), local.atEnd else { return nil }
        return mailbox
    }

    static func reversePath(_ path: ByteBuffer, domain: String) -> ReversePath? {
        if bracketed(path) == Array("<>".utf8) { return .null }
        return mailbox(path, domain: domain).map { .mailbox($0) }
    }

    private static func bracketed(_ path: ByteBuffer) -> [UInt8] {
        let octets = Array(buffer: path)
        return octets.first == UInt8(ascii: "<") ? octets : [UInt8(ascii: "<")] + octets + [UInt8(ascii: ">")]
    }
}
