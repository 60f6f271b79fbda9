// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The result that a matching directive gives (RFC 7208 §4.6.2); the raw value is its character.
enum SPFQualifier: UInt8, CaseIterable {
    case pass = 0x2B  // +
    case fail = 0x2D  // -
    case softfail = 0x7E  // ~
    case neutral = 0x3F  // ?

    var result: SPFResult {
        switch self {
        case .pass: .pass
        case .fail: .fail
        case .softfail: .softfail
        case .neutral: .neutral
        }
    }
}

/// How many leading bits of an address count (RFC 7208 §5.6, `dual-cidr-length`).
struct SPFPrefixLengths: Equatable {
    /// 0 to 32.
    var ipv4 = 32
    /// 0 to 128.
    var ipv6 = 128

    /// The length that counts for a client's family.
    func length(for client: IPAddress) -> Int { client.isIPv4 ? ipv4 : ipv6 }
}

/// A mechanism (RFC 7208 §5). A domain of `nil` is the current domain.
enum SPFMechanism: Equatable {
    case all
    case include(SPFMacroString)
    case address(SPFMacroString?, SPFPrefixLengths)
    case mailExchange(SPFMacroString?, SPFPrefixLengths)
    case pointer(SPFMacroString?)
    /// A network, as the record writes it, and its prefix length.
    case ip4(network: String, prefix: Int)
    case ip6(network: String, prefix: Int)
    case exists(SPFMacroString)
}

/// A mechanism with its qualifier (RFC 7208 §4.6.1).
struct SPFDirective: Equatable {
    let qualifier: SPFQualifier
    let mechanism: SPFMechanism
    /// As the record writes it, cut after 255 octets.
    let written: String
}
