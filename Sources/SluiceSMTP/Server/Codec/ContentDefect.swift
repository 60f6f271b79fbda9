// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Why content is refused, whatever it says; ordered, so that of several the gravest is told.
///
/// The answer depends on the octets alone, never on how they were split into reads.
package enum ContentDefect: Int, Comparable, Sendable {
    /// More octets than `limits.message_size`.
    case tooLarge
    /// More Received fields than `limits.hops`: a loop (RFC 5321 §6.3).
    case tooManyHops
    /// A header section of more octets than `limits.header`.
    case headerTooLarge
    /// A line of more octets than `limits.content_line`.
    case lineTooLong
    /// A NUL (RFC 5321 §4.5.2, RFC 5322 §4.1).
    case nul
    /// A CR without LF or an LF without CR: SMTP smuggling (RFC 5321 §2.3.8).
    case lineEnd
    /// CR CRLF `.` CRLF: it ends the content, but who sent it may have meant text. What follows could be the rest of it.
    case doubtfulEnd

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Whether nothing that the client sends from here on can be trusted to be commands.
    var endsSession: Bool { self == .doubtfulEnd }

    package var reply: Reply {
        switch self {
        case .tooLarge: Reply(552, EnhancedStatusCode(5, 3, 4), "message too large")
        case .tooManyHops: Reply(554, EnhancedStatusCode(5, 4, 6), "too many hops: the message goes in a loop")
        case .headerTooLarge: Reply(552, EnhancedStatusCode(5, 3, 4), "header section too large")
        case .lineTooLong: Reply(554, EnhancedStatusCode(5, 6, 0), "the message has a line that is too long")
        case .nul: Reply(554, EnhancedStatusCode(5, 6, 0), "the message has a NUL")
        case .lineEnd, .doubtfulEnd: Reply(554, EnhancedStatusCode(5, 6, 0), "the message has a bare CR or LF")
        }
    }
}
