// SPDX-License-Identifier: Apache-2.0

/// A mailbox: `local-part@domain` (RFC 5321 §2.3.11).
///
/// The local-part is the owner's to interpret, so it keeps its octets and its case; only the domain compares without
/// case. A local-part that came quoted is held unquoted, and quoted again where it has to be when it is written.
package struct Mailbox: Hashable, Sendable {
    /// The local-part, unquoted. Octets that are not ASCII stand as UTF-8.
    package var localPart: String
    /// The domain in lower case, or an address literal with its brackets; empty only for `<postmaster>`.
    package var domain: String

    package init(localPart: String, domain: String) {
        self.localPart = localPart
        self.domain = domain.asciiLowercased()
    }

    /// Whether this is `<postmaster>` without a domain, or the postmaster of some domain (RFC 5321 §4.5.1).
    package var isPostmaster: Bool { localPart.asciiLowercased() == "postmaster" }

    /// Whether the domain is an address literal such as `[192.0.2.1]` (RFC 5321 §4.1.3).
    package var hasAddressLiteral: Bool { domain.utf8.first == UInt8(ascii: "[") }

    /// The mailbox as it is written in a path, without the angle brackets, the local-part quoted where needed.
    package var written: String {
        domain.isEmpty ? Self.quotedIfNeeded(localPart) : Self.quotedIfNeeded(localPart) + "@" + domain
    }

    private static func quotedIfNeeded(_ localPart: String) -> String {
        var atomic = !localPart.isEmpty
        var previousDot = true
        for byte in localPart.utf8 {
            if byte == UInt8(ascii: ".") {
                if previousDot { atomic = false }
                previousDot = true
            } else {
                previousDot = false
                if !byte.isAtomText { atomic = false }
            }
        }
        if atomic && !previousDot { return localPart }
        var quoted = "\""
        for scalar in localPart.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}

extension Mailbox: CustomStringConvertible {
    package var description: String { written }
}

extension Mailbox: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let mailbox = Mailbox(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a mailbox: \(text)"))
        }
        self = mailbox
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(written)
    }
}

extension Mailbox {
    /// Reads `local-part@domain`, or a bare `postmaster`, without angle brackets.
    ///
    /// - Returns: `nil` where the text is not a mailbox of RFC 5321 §4.1.2 (or of RFC 6531 §3.3, for UTF-8).
    package init?(_ text: String) {
        var parser = PathParser(Array(text.utf8))
        guard let mailbox = parser.mailbox(), parser.atEnd else { return nil }
        self = mailbox
    }
}
