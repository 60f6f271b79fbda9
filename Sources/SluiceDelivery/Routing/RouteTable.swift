// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceQueue
import SluiceSMTP

/// The next hop of a recipient.
package enum NextHop: Hashable, Sendable {
    /// A fixed route.
    case route(Route)
    /// Whoever takes mail for this domain (or address literal), by MX records.
    case domain(String)
    /// Nothing says where the mail of this domain goes.
    case unrouted(String)

    /// What the schedule groups by.
    package var destination: Destination {
        switch self {
        case .route(let route): Destination(route.description)
        case .domain(let domain), .unrouted(let domain): Destination(domain)
        }
    }
}

/// Says where the mail of each domain goes: relay domains by their routes, all else by the default route.
package struct RouteTable: Hashable, Sendable {
    private let domains: [String: Route]
    package let defaultRoute: Route?
    private let reinjection: [String: Route]

    /// - Parameters:
    ///   - domains: relay domains, in any case, and their routes.
    ///   - defaultRoute: for all other mail; `nil` where there is none.
    ///   - reinjection: by the name of a listener whose MTA's mail we took over: where it goes back to.
    package init(domains: [String: Route], defaultRoute: Route? = nil, reinjection: [String: Route] = [:]) {
        self.reinjection = reinjection
        self.domains = Dictionary(domains.map { ($0.key.asciiLowercased(), $0.value) }) { first, _ in first }
        self.defaultRoute = defaultRoute
    }

    /// - Parameter origin: what was taken over goes back to the MTA it came from, unless its listener has gone from the
    ///   configuration.
    package func nextHop(for mailbox: Mailbox, from origin: ItemOrigin? = nil) -> NextHop {
        if let origin, let route = reinjection[origin.listener], !route.isMX { return .route(route) }
        guard let route = domains[mailbox.domain] ?? defaultRoute else { return .unrouted(mailbox.domain) }
        switch route {
        case .host: return .route(route)
        case .mx: return .domain(mailbox.domain)
        }
    }
}
