// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// `limits.rates:` messages in a time; `nil` is no limit.
package struct RateLimits: Sendable, ConfigurationReadable {
    /// By address (IPv6: by /64), for clients that are neither trusted nor logged in.
    package var client: Rate?
    package var login: Rate?
    /// By reverse-path, whoever sends it.
    package var sender: Rate?

    package init(reading section: ConfigurationSection) {
        client = section.optionalRate("client")
        login = section.optionalRate("login")
        sender = section.optionalRate("sender")
    }
}
