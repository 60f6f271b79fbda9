// SPDX-License-Identifier: Apache-2.0

/// Reads the paths and mailboxes of RFC 5321 §4.1.2 from octets, strictly.
///
/// Limits: 64 octets of local-part and 255 of domain (RFC 5321 §4.5.3.1), 63 a label.
package struct PathParser: Sendable {
    private let octets: [UInt8]
    package private(set) var position = 0

    package init(_ octets: [UInt8]) { self.octets = octets }

    package var atEnd: Bool { position == octets.count }

    private var next: UInt8? { position < octets.count ? octets[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// A reverse-path: `<>` or `<mailbox>`, a source route dropped (RFC 5321 §4.1.1.2, appendix F.2).
    ///
    /// - Returns: `nil` on a syntax error; `.some(.null)` for `<>`.
    package mutating func reversePath() -> ReversePath? {
        let start = position
        if take(UInt8(ascii: "<")), take(UInt8(ascii: ">")) { return .null }
        position = start
        return forwardPath(postmaster: false).map { .mailbox($0) }
    }

    /// A forward-path: `<mailbox>`, or `<postmaster>` (RFC 5321 §4.1.1.3). `<@a,@b:c@d>` is read as `c@d`.
    package mutating func forwardPath(postmaster: Bool = true) -> Mailbox? {
        guard take(UInt8(ascii: "<")) else { return nil }
        if next == UInt8(ascii: "@") {
            repeat {
                guard take(UInt8(ascii: "@")), domain() != nil else { return nil }
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: ":")) else { return nil }
        }
        guard let mailbox = mailbox(), take(UInt8(ascii: ">")) else { return nil }
        if mailbox.domain.isEmpty && !postmaster { return nil }
        return mailbox
    }

    /// `local-part@domain`, or `postmaster` alone.
    package mutating func mailbox() -> Mailbox? {
        guard let local = localPart() else { return nil }
        guard take(UInt8(ascii: "@")) else {
            return local.asciiLowercased() == "postmaster" ? Mailbox(localPart: local, domain: "") : nil
        }
        guard let domain = domain() else { return nil }
        return Mailbox(localPart: local, domain: domain)
    }

    private mutating func localPart() -> String? {
        let start = position
        if take(UInt8(ascii: "\"")) { return quotedString(from: start) }
        var wasDot = true
        while let byte = next {
            if byte == UInt8(ascii: ".") {
                if wasDot { return nil }
                wasDot = true
            } else if byte.isAtomText || byte >= 0x80 {
                wasDot = false
            } else {
                break
            }
            position += 1
        }
        guard !wasDot, position - start <= 64 else { return nil }
        return String(validating: octets[start..<position], as: UTF8.self)
    }

    private mutating func quotedString(from start: Int) -> String? {
        var content: [UInt8] = []
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position - start <= 66 else { return nil }
                return String(validating: content, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = next, escaped >= 32, escaped < 127 else { return nil }
                position += 1
                content.append(escaped)
            } else if byte >= 32 && byte != 127 {
                content.append(byte)
            } else {
                return nil
            }
        }
        return nil
    }

    /// A domain name or an address literal (RFC 5321 §4.1.2, 4.1.3); underscores are let pass, as they occur.
    package mutating func domain() -> String? {
        let start = position
        if take(UInt8(ascii: "[")) {
            while let byte = next, byte != UInt8(ascii: "]") {
                guard
                    byte.isASCIIAlphanumeric || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
                        || byte == UInt8(ascii: "-")
                else { return nil }
                position += 1
            }
            guard take(UInt8(ascii: "]")), position - start <= 255 else { return nil }
            let literal = String(decoding: octets[(start + 1)..<(position - 1)], as: UTF8.self)
            guard IPAddress(literal: literal) != nil else { return nil }
            return "[" + literal + "]"
        }
        var label = 0
        while let byte = next {
            if byte == UInt8(ascii: ".") {
                guard label > 0 else { return nil }
                label = 0
            } else if byte.isASCIIAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte >= 0x80
            {
                label += 1
                guard label <= 63 else { return nil }
            } else {
                break
            }
            position += 1
        }
        guard label > 0, position - start <= 255 else { return nil }
        return String(validating: octets[start..<position], as: UTF8.self)
    }
}
