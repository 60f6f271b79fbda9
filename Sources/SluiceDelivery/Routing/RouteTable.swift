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

    /// Whether whoever is there puts mail into mailboxes: by LMTP nothing else is done (RFC 2033 §1).
    package var isLMTP: Bool {
        switch self {
        case .route(.host(.lmtp, _, _)): true
        case .route, .domain, .unrouted: false
        }
    }

    /// What the schedule groups by, where the domain of the recipient has no policy of its own.
    package var destination: Destination {
        switch self {
        case .route(let route): Destination(route.description)
        case .domain(let domain), .unrouted(let domain): Destination(domain)
        }
    }
}

/// Says where the mail of each domain goes: relay domains by their routes, all else by the default route; and what
/// applies there.
package struct RouteTable: Hashable, Sendable {
    private let domains: [String: Route]
    package let defaultRoute: Route?
    private let domainPolicies: [String: DestinationPolicy]
    private let routePolicies: [Route: DestinationPolicy]
    private let reinjection: [String: Route]

    /// - Parameters:
    ///   - domains: relay domains, in any case, and their routes.
    ///   - defaultRoute: for all other mail; `nil` where there is none.
    ///   - reinjection: by the name of a listener whose MTA's mail we took over: where it goes back to.
    ///   - domainPolicies: what applies to the mail for a domain, wherever it goes, but for what is reinjected.
    ///   - routePolicies: what applies to a route, but for domains that have a policy.
    package init(
        domains: [String: Route], defaultRoute: Route? = nil, reinjection: [String: Route] = [:],
        domainPolicies: [String: DestinationPolicy] = [:], routePolicies: [Route: DestinationPolicy] = [:]
    ) {
        self.reinjection = reinjection
        self.domains = Dictionary(domains.map { ($0.key.asciiLowercased(), $0.value) }) { first, _ in first }
        self.defaultRoute = defaultRoute
        self.domainPolicies = Dictionary(
            domainPolicies.map { ($0.key.asciiLowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        self.routePolicies = routePolicies
    }

    /// What recipients are grouped by: those of one destination share next hop and policy.
    package func destination(for mailbox: Mailbox, from origin: ItemOrigin? = nil) -> Destination {
        let nextHop = nextHop(for: mailbox, from: origin)
        guard case .route(let route) = nextHop, !isReinjected(origin), domainPolicies[mailbox.domain] != nil else {
            return nextHop.destination
        }
        return Self.destination(route, mailbox.domain)
    }

    package func policy(for mailbox: Mailbox, from origin: ItemOrigin? = nil) -> DestinationPolicy {
        if !isReinjected(origin), let policy = domainPolicies[mailbox.domain] { return policy }
        guard case .route(let route) = nextHop(for: mailbox, from: origin) else { return DestinationPolicy() }
        return routePolicies[route] ?? DestinationPolicy()
    }

    /// Whether it goes back to the MTA it came from, which then delivers it on.
    private func isReinjected(_ origin: ItemOrigin?) -> Bool {
        origin.flatMap { reinjection[$0.listener] }.map { !$0.isMX } ?? false
    }

    /// The limits of connections that differ from the usual one.
    package var connectionLimits: [Destination: Int] {
        var limits: [Destination: Int] = [:]
        for (route, policy) in routePolicies { limits[NextHop.route(route).destination] = policy.connections }
        for (domain, policy) in domainPolicies {
            limits[destination(for: Mailbox(localPart: "", domain: domain))] = policy.connections
        }
        return limits
    }

    private static func destination(_ route: Route, _ domain: String) -> Destination {
        Destination("\(route) for \(domain)")
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
