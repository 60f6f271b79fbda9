// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The address part of `ip4:` and `ip6:` (RFC 7208 §5.6, 12).
enum SPFNetwork {
    /// Four numbers from 0 to 255 without leading zeros.
    static func isIPv4(_ text: String) -> Bool {
        !text.utf8.contains(UInt8(ascii: ":")) && IPAddress(text) != nil && hasNoLeadingZero(text)
    }

    /// The text forms of RFC 4291 §2.2; an IPv4 address may stand at the end only.
    static func isIPv6(_ text: String) -> Bool {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")), IPAddress(text) != nil else { return false }
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return true }
        return dot > colon && hasNoLeadingZero(String(text[text.utf8.index(after: colon)...]))
    }

    private static func hasNoLeadingZero(_ dotted: String) -> Bool {
        dotted.split(separator: ".").allSatisfy { $0.utf8.count == 1 || $0.utf8.first != UInt8(ascii: "0") }
    }
}
