// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A domain name in its presentation form, without a final dot.
struct SPFDomainName: Equatable {
    /// RFC 1035 §2.3.4, without the length of the root label.
    static let octetLimit = 253

    let octets: [UInt8]

    init(_ octets: [UInt8]) { self.octets = octets }

    /// The domain of an identity: a final dot is dropped (RFC 7208 §4.3).
    init(identity text: String) {
        let octets = Array(text.asciiLowercased().utf8)
        self.octets = octets.last == UInt8(ascii: ".") ? octets.dropLast() : octets
    }

    var text: String { String(decoding: octets, as: UTF8.self) }

    /// As people may be shown it.
    var shown: String { SPFText.shown(octets, limit: Self.octetLimit) }

    /// Whether the DNS can be asked for it: no empty label, none of more than 63 octets, 253 in all,
    /// and no NUL, which ends a name in C.
    var isWellFormed: Bool {
        !octets.isEmpty && octets.count <= Self.octetLimit && !octets.contains(0)
            && octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy { (1...63).contains($0.count) }
    }

    /// Whether it is well formed and has more than one label, as the domain of a check has to (RFC 7208 §4.3).
    var isFullyQualified: Bool { isWellFormed && octets.contains(UInt8(ascii: ".")) }

    /// Whether only letters, digits, hyphens and underscores are in its labels.
    var isHostName: Bool {
        octets.allSatisfy { $0.isASCIIAlphanumeric || "-_.".utf8.contains($0) }
    }
}
