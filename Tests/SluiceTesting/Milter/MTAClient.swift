// SPDX-License-Identifier: Apache-2.0

/// The SMTP client of whom the MTA tells the milter.
package struct MTAClient: Sendable, Equatable {
    package enum Family: Character, Sendable {
        case inet = "4"
        case inet6 = "6"
        case unix = "L"
        case unknown = "U"
    }

    /// The name, or the address in brackets where there is none.
    package var name = "client.test"
    package var family = Family.inet
    /// As text; of IPv6 `IPv6:` and the address with Sendmail, the plain address with Postfix.
    package var address = "192.0.2.7"
    package var port: UInt16 = 40_025
    /// Who logged in.
    package var login: String?
    /// Such as `TLSv1.3`; nil for a plain connection.
    package var tlsVersion: String?

    package init() {}

    /// SMFIC_CONNECT's payload.
    var payload: [UInt8] {
        let name = Array(self.name.utf8) + [0, family.rawValue.asciiValue ?? 0]
        guard family != .unknown else { return name }
        return name + [UInt8(port >> 8), UInt8(port & 255)] + Array(address.utf8) + [0]
    }
}
