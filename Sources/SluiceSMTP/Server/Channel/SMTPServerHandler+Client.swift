// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

extension SMTPServerHandler {
    /// What is known of a client when it connects: its address; `nil` where it has none (a Unix socket).
    package static func client(of channel: any Channel) -> ClientInfo? {
        guard let text = channel.remoteAddress?.ipAddress else { return nil }
        // A link-local address comes with its interface behind a percent sign.
        let address = text.prefix { $0 != "%" }
        return IPAddress(String(address)).map { ClientInfo(address: $0, isExtended: false) }
    }
}
