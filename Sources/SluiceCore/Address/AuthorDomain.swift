// SPDX-License-Identifier: Apache-2.0

extension HeaderSection {
    /// The author domains: the domains of the mailboxes of the From fields, in lower case, in their order, each once
    /// (RFC 5322 §3.6.2, RFC 9989 §3.2). At most 100.
    package var authorDomains: [String] {
        var domains: [String] = []
        for field in all("From") {
            var reader = MailboxListReader(field.unfoldedOctets)
            while domains.count < 100, let domain = reader.nextDomain() {
                if !domains.contains(domain) { domains.append(domain) }
            }
        }
        return domains
    }
}

/// Finds the domains in an address list (RFC 5322 §3.4), as forgiving as mail readers are: what stands in angle brackets
/// is the address, else all that is no comment; display names, comments, quoted strings and groups are passed over.
struct MailboxListReader {
    private let octets: [UInt8]
    private var position = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    /// What has been read of one mailbox.
    private struct Address {
        var octets: [UInt8] = []
        /// Where the domain begins in `octets`: behind the last `@` that is not quoted.
        var domainStart: Int?
        var isInBrackets = false
        var isClosed = false
        /// A domain can't be quoted.
        var isBroken = false

        var domain: String? {
            guard !isBroken, let domainStart, domainStart < octets.count else { return nil }
            return String(latin1OrUTF8: octets[domainStart...]).asciiLowercased()
        }

        mutating func append(_ byte: UInt8, isQuoted: Bool) {
            guard !isClosed else { return }
            if isQuoted, domainStart != nil { isBroken = true }
            octets.append(byte)
            if byte == UInt8(ascii: "@"), !isQuoted { domainStart = octets.count }
        }
    }

    /// The domain of the next mailbox that has one; `nil` at the end.
    mutating func nextDomain() -> String? {
        while position < octets.count {
            if let domain = nextAddress().domain { return domain }
        }
        return nil
    }

    private mutating func nextAddress() -> Address {
        var address = Address()
        while position < octets.count {
            let byte = octets[position]
            position += 1
            switch byte {
            case UInt8(ascii: "("): skipComment()
            case UInt8(ascii: "\""): readQuotedString(into: &address)
            case UInt8(ascii: "<"): address = Address(isInBrackets: true)
            case UInt8(ascii: ">"):
                address.isInBrackets = false
                address.isClosed = true
            case UInt8(ascii: ",") where !address.isInBrackets, UInt8(ascii: ";") where !address.isInBrackets:
                return address
            case UInt8(ascii: ":") where !address.isInBrackets: address = Address()
            case 0x20, 0x09: continue
            default: address.append(byte, isQuoted: false)
            }
        }
        return address
    }

    private mutating func skipComment() {
        var depth = 1
        while position < octets.count, depth > 0 {
            switch octets[position] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): position += 1
            default: break
            }
            position += 1
        }
    }

    private mutating func readQuotedString(into address: inout Address) {
        while position < octets.count {
            var byte = octets[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\"), position < octets.count {
                byte = octets[position]
                position += 1
            }
            address.append(byte, isQuoted: true)
        }
    }
}
