// SPDX-License-Identifier: Apache-2.0
package import SluiceSMTP

/// What applies to one destination in place of what applies to all.
package struct DestinationPolicy: Hashable, Sendable {
    /// `nil`: as everywhere.
    package var tls: ClientTLSMode?
    /// The most connections at once; `nil`: as everywhere.
    package var connections: Int?

    package init(tls: ClientTLSMode? = nil, connections: Int? = nil) {
        self.tls = tls
        self.connections = connections
    }
}
