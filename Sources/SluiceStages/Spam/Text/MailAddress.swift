// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// An address of a header field with its display name (RFC 5322 §3.4), read as tolerantly as mail programs do.
struct MailAddress: Equatable, Sendable {
    /// The display name without quotes; empty where there is none.
    var name: String
    /// What stands in the angle brackets, or alone; empty where there is none.
    var address: String

    /// The part behind the last `@`, in lower case; empty where there is none.
    var domain: String {
        guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return "" }
        return String(address[address.index(after: at)...]).asciiLowercased()
    }

    /// The most addresses that are read from one field.
    static let limit = 200

    /// Reads the addresses of a field's value: quoted strings, comments, groups and angle brackets, in one pass.
    ///
    /// - Parameter value: unfolded; encoded words as they stand or decoded.
    static func list(_ value: [UInt8]) -> [MailAddress] {
        var reader = MailAddressReader()
        for octet in value {
            reader.consume(octet)
            if reader.addresses.count >= limit { return reader.addresses }
        }
        reader.endAddress()
        return reader.addresses
    }
}

/// The state while a list of addresses is read.
private struct MailAddressReader {
    var addresses: [MailAddress] = []
    private var phrase: [UInt8] = []
    private var bracketed: [UInt8] = []
    private var comment: [UInt8] = []
    private var isQuoted = false
    private var isEscaped = false
    private var isBracketed = false
    private var hadBrackets = false
    private var depth = 0

    mutating func consume(_ octet: UInt8) {
        if isEscaped {
            isEscaped = false
            keep(octet)
            return
        }
        switch octet {
        case UInt8(ascii: "\\") where isQuoted || depth > 0: isEscaped = true
        case UInt8(ascii: "\"") where depth == 0 && !isBracketed: isQuoted.toggle()
        case _ where isQuoted: keep(octet)
        case UInt8(ascii: "(") where !isBracketed: depth += 1
        case UInt8(ascii: ")") where depth > 0: depth -= 1
        case _ where depth > 0: keep(octet)
        case UInt8(ascii: "<"):
            // Where several brackets stand, the last counts and the others belong to the name.
            if hadBrackets { phrase += bracketed }
            bracketed = []
            isBracketed = true
            hadBrackets = true
        case UInt8(ascii: ">") where isBracketed: isBracketed = false
        case UInt8(ascii: ",") where !isBracketed, UInt8(ascii: ";") where !isBracketed: endAddress()
        default: keep(octet)
        }
    }

    private mutating func keep(_ octet: UInt8) {
        if depth > 0 {
            comment.append(octet)
        } else if isBracketed {
            bracketed.append(octet)
        } else {
            phrase.append(octet)
        }
    }

    mutating func endAddress() {
        defer { self = MailAddressReader(addresses: addresses) }
        let name = Self.trimmed(phrase)
        if hadBrackets {
            addresses.append(MailAddress(name: name, address: Self.trimmed(bracketed)))
        } else if !name.isEmpty {
            // `address (name)` is how mail was written once.
            addresses.append(MailAddress(name: Self.trimmed(comment), address: name))
        }
    }

    init(addresses: [MailAddress] = []) { self.addresses = addresses }

    private static func trimmed(_ octets: [UInt8]) -> String {
        var slice = octets.drop { $0.isHTMLSpace }
        while slice.last?.isHTMLSpace == true { slice.removeLast() }
        return String(latin1OrUTF8: slice)
    }
}
