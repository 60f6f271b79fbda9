// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Where a filter listens: `unix:/run/filter.sock`, `127.0.0.1:8891` or `[::1]:8891`.
package enum MilterAddress: Hashable, Sendable {
    /// The path of a Unix socket.
    case unix(String)
    case inet(IPAddress, port: Int)

    /// So long may the path of a Unix socket be on Linux, in octets.
    package static let pathLimit = 107

    /// - Returns: `nil` where the text is none of the three forms; names other than `localhost` are not looked up.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/"), path.utf8.count <= Self.pathLimit, !path.utf8.contains(0) else { return nil }
            self = .unix(path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy(\.isASCIIDigit), let port = Int(digits), 1...65535 ~= port
        else { return nil }
        var host = String(text[..<colon])
        if host == "localhost" { host = "127.0.0.1" }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        guard isBracketed == host.utf8.contains(UInt8(ascii: ":")), let address = IPAddress(host) else { return nil }
        self = .inet(address, port: port)
    }
}

extension MilterAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .inet(let address, let port): address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        }
    }
}
