// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceDelivery
package import SluiceSMTP

/// `delivery:` how mail goes out.
package struct DeliveryConfiguration: Sendable, ConfigurationReadable {
    /// How long one command may take; the reply to the final dot may take twice as long.
    package var timeout: Duration
    package var connectionsPerHost: Int
    package var tls: ClientTLSMode
    /// `destinations:` what differs for the mail of a domain, by its name in lower case,
    package var domains: [String: DestinationPolicy] = [:]
    /// and for a next hop, by its route.
    package var routes: [Route: DestinationPolicy] = [:]

    private static let connections = 1...1000

    package init(reading section: ConfigurationSection) {
        timeout = section.duration("timeout", default: .seconds(300), in: .milliseconds(100) ... .seconds(3600))
        connectionsPerHost = section.integer("connections_per_host", default: 20, in: Self.connections)
        tls = section.choice("tls", default: .opportunistic)
        let table = section.section("destinations")
        for (key, mark) in table.keys {
            let entry = table.section(key)
            defer { entry.finish() }
            let policy = DestinationPolicy(
                tls: entry.choice("tls", default: tls),
                connections: entry.integer("connections", default: connectionsPerHost, in: Self.connections))
            if let route = Route(key), !route.isMX {
                routes[route] = policy
            } else if Mailbox("x@\(key)") != nil, !key.hasPrefix("[") {
                domains[key.asciiLowercased()] = policy
            } else {
                table.reader.report(
                    mark,
                    "“\(key)” is neither a domain nor a next hop, example.org or smtp://192.0.2.5:25 would be right")
            }
        }
        table.finish()
    }
}
