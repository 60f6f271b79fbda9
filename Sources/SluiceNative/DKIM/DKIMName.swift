// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Domains and selectors as they stand in tags.
package enum DKIMName {
    /// Whether this is a `domain-name` or a selector that can be asked for in the DNS: labels of letters, digits, hyphens
    /// and underscores, 63 octets each, 253 in all. Octets above ASCII are U-labels (RFC 8616 §4).
    package static func isValid(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 253 else { return false }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy {
                    $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 > 0x7F
                }
        }
    }

    /// Whether a domain is another one or lies below it; both in lower case.
    package static func isSame(_ domain: String, orBelow parent: String) -> Bool {
        domain == parent || domain.hasSuffix("." + parent)
    }

    /// The name under which the key is published (RFC 6376 §3.6.2.1).
    package static func keyName(selector: String, domain: String) -> String { "\(selector)._domainkey.\(domain)" }
}
