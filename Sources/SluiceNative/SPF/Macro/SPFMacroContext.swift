// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What the macros of a record stand for (RFC 7208 §7.2).
struct SPFMacroContext {
    var localPart: String
    var senderDomain: String
    /// The domain whose record is evaluated.
    var domain: String
    var client: IPAddress
    var helo: String
    /// The host that receives the message.
    var receivingHost: String
    /// Seconds since 1970.
    var time: Int64
    /// The client's validated name, without which it is `unknown`.
    var validatedName = "unknown"

    /// A macro's value before it is transformed.
    func value(_ letter: SPFMacroLetter) -> String {
        switch letter {
        case .sender: localPart + "@" + senderDomain
        case .localPart: localPart
        case .senderDomain: senderDomain
        case .domain: domain
        case .address: dottedAddress
        case .validatedName: validatedName
        case .family: client.isIPv4 ? "in-addr" : "ip6"
        case .helo: helo
        case .readableAddress: client.description
        case .receivingHost: receivingHost
        case .time: String(time)
        }
    }

    /// `192.0.2.1`, or the 32 nibbles of an IPv6 address with dots between them.
    private var dottedAddress: String {
        if client.isIPv4 { return client.description }
        return client.octets.flatMap { [$0 >> 4, $0 & 15] }
            .map { String($0, radix: 16, uppercase: true) }.joined(separator: ".")
    }
}
