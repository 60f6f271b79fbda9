// SPDX-License-Identifier: Apache-2.0
import SluiceCore
package import SluiceSMTP

/// Where mail goes, as the configuration says it: `smtp://host:port`, `lmtp://host:port` or `mx`.
package enum Route: Hashable, Sendable {
    /// A fixed host: a domain name or an address. Its MX records are not asked for.
    case host(ClientStateMachine.Kind, name: String, port: Int)
    /// By the MX records of the recipient's domain (RFC 5321 §5.1).
    case mx

    /// Reads a route; without a port it is 25 for SMTP and 24 for LMTP. An IPv6 address stands in brackets.
    ///
    /// - Returns: `nil` where the text is none.
    package init?(_ text: String) {
        if text.asciiLowercased() == "mx" {
            self = .mx
            return
        }
        let kind: ClientStateMachine.Kind
        let lowered = text.asciiLowercased()
        if lowered.hasPrefix("smtp://") {
            kind = .smtp
        } else if lowered.hasPrefix("lmtp://") {
            kind = .lmtp
        } else {
            return nil
        }
        let rest = lowered.dropFirst(7)
        let name: Substring
        let after: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            name = rest[rest.index(after: rest.startIndex)..<end]
            after = rest[rest.index(after: end)...]
            guard let address = IPAddress(String(name)), !address.isIPv4 else { return nil }
        } else {
            name = rest.prefix { $0 != ":" }
            after = rest[name.endIndex...]
            guard ClientCommand.isWritable(greetingName: String(name)) else { return nil }
        }
        var port = kind == .lmtp ? 24 : 25
        if !after.isEmpty {
            guard after.first == ":", after.dropFirst().utf8.allSatisfy(\.isASCIIDigit),
                let given = Int(after.dropFirst()), (1...65535).contains(given)
            else { return nil }
            port = given
        }
        self = .host(kind, name: String(name), port: port)
    }
}

extension Route: CustomStringConvertible {
    package var description: String {
        switch self {
        case .mx: "mx"
        case .host(let kind, let name, let port):
            "\(kind == .lmtp ? "lmtp" : "smtp")://\(name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]" : name):\(port)"
        }
    }
}

extension Route {
    package var isMX: Bool { self == .mx }
}
