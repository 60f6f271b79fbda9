// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// The extensions that a server offered in its reply to EHLO or LHLO (RFC 5321 §4.1.1.1), as far as the client uses them.
package struct ServerExtensions: Hashable, Sendable {
    package var pipelining = false
    package var eightBitMIME = false
    package var startTLS = false
    package var internationalized = false
    /// Whether DSN was offered (RFC 3461).
    package var dsn = false
    /// Whether SIZE was offered (RFC 1870).
    package var size = false
    /// The largest message in octets that the server takes; `nil` where it did not say.
    package var sizeLimit: Int?

    package init() {}

    /// Reads the lines behind the first.
    package init(_ reply: Reply) {
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let keyword = words.first else { continue }
            switch keyword.asciiLowercased() {
            case "pipelining": pipelining = true
            case "8bitmime": eightBitMIME = true
            case "starttls": startTLS = true
            case "smtputf8": internationalized = true
            case "dsn": dsn = true
            case "size":
                size = true
                if words.count > 1, let limit = Int(words[1]), limit > 0 { sizeLimit = limit }
            default: continue
            }
        }
    }
}
