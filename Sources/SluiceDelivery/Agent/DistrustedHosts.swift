// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Hosts that announced PIPELINING and then lost step: for an hour each command waits for the reply to the one before.
package struct DistrustedHosts: Sendable {
    private static let time = Duration.seconds(3600)
    private let limit: Int
    private var hosts: [ConnectionKey: Timestamp] = [:]

    /// - Parameter limit: hosts that are remembered; past it all are forgotten, which costs one attempt each.
    package init(limit: Int = 1000) { self.limit = limit }

    package mutating func note(_ host: ConnectionKey, at now: Timestamp) {
        if hosts.count >= limit { hosts = [:] }
        hosts[host] = now + Self.time
    }

    package func contains(_ host: ConnectionKey, at now: Timestamp) -> Bool {
        hosts[host].map { $0 > now } ?? false
    }
}
