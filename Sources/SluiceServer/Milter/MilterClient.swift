// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceMilter

/// What an MTA tells of its client: by the steps, and by macros.
struct MilterClient: Sendable {
    /// `nil` where there is no client but the MTA's own command line.
    private(set) var address: IPAddress?
    /// Whether the MTA says that it is its own command line: an MTA that merely can't tell the address says `unknown`.
    private(set) var isLocal = false
    private var name: String?
    var helo: String?

    /// Nobody.
    init() {}

    init(hostname: ByteBuffer, _ address: MilterClientAddress) {
        switch address {
        case .unknown, .unix:
            isLocal = hostname.readableBytesView.equalsIgnoringCase("localhost")
            return
        case .address(let address, _): self.address = address
        }
        let name = String(latin1OrUTF8: hostname.readableBytesView.prefix(255))
        // What an MTA writes where it has no name.
        self.name = name.isEmpty || name == "unknown" || name.hasPrefix("[") ? nil : name
    }

    /// - Parameter macros: all that were told so far.
    func info(_ macros: MilterMacros) -> ClientInfo {
        let tls = macros["tls_version"].map { version in macros["cipher"].map { "\(version) \($0)" } ?? version }
        return ClientInfo(
            address: address ?? .unspecified, name: confirmedName(macros), helo: helo, login: macros["auth_authen"],
            mechanism: macros["auth_type"], tls: tls, isExtended: macros["r"] != "SMTP")
    }

    /// The name that leads back to the address: Postfix tells no other; Sendmail tells whether it does.
    private func confirmedName(_ macros: MilterMacros) -> String? {
        if let resolved = macros["client_resolve"], resolved != "OK" { return nil }
        return name
    }
}
