// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceSMTP

/// A host to connect to.
package struct MailHost: Hashable, Sendable {
    /// Its name, which its certificate bears; `nil` where only an address is known.
    package var name: String?
    package var address: IPAddress
    package var port: Int

    package init(name: String?, address: IPAddress, port: Int) {
        self.name = name
        self.address = address
        self.port = port
    }
}

extension MailHost: CustomStringConvertible {
    /// `mail.example.org[192.0.2.1]:25`.
    package var description: String { "\(name ?? "")[\(address)]:\(port)" }
}

/// What came of looking for the hosts of a next hop.
package enum HostLookupResult: Hashable, Sendable {
    /// To be tried in this order; at least one.
    case hosts([MailHost])
    /// The DNS says that there are none.
    case failed(DeliveryFailure)
    /// The DNS did not say.
    case deferred(DeliveryFailure)
}

/// Finds the hosts of a next hop (RFC 5321 §5.1, RFC 7505).
package struct HostLookup: Sendable {
    /// The most MX records that are followed, and the most addresses of one host.
    package static let exchangeLimit = 16
    package static let addressLimit = 4
    /// The most hosts that one attempt tries.
    package static let hostLimit = 10

    private let resolver: any Resolver
    private let ownName: String

    /// - Parameter ownName: our own name: mail for a domain whose best exchange we are would come back to us.
    package init(resolver: any Resolver, ownName: String) {
        self.resolver = resolver
        self.ownName = DNSQuestion(ownName, .a).name
    }

    package func hosts(
        of nextHop: NextHop, using generator: inout some RandomNumberGenerator
    ) async -> HostLookupResult {
        switch nextHop {
        case .unrouted(let domain):
            return .deferred(.local(EnhancedStatusCode(4, 4, 4), "no route is configured for the domain \(domain)"))
        case .route(.mx):
            return .deferred(.local(EnhancedStatusCode(4, 4, 4), "no domain to look up"))
        case .route(.host(_, let name, let port)):
            return await host(name, port: port)
        case .domain(let domain):
            if let literal = addressLiteral(domain) {
                return .hosts([MailHost(name: nil, address: literal, port: 25)])
            }
            return await exchanges(of: domain, using: &generator)
        }
    }

    private func addressLiteral(_ domain: String) -> IPAddress? {
        guard domain.utf8.first == UInt8(ascii: "["), domain.utf8.last == UInt8(ascii: "]") else { return nil }
        return IPAddress(literal: String(domain.dropFirst().dropLast()))
    }

    /// A fixed host: an address, this machine, or a name.
    private func host(_ name: String, port: Int) async -> HostLookupResult {
        if let address = addressLiteral(name) ?? IPAddress(name) {
            return .hosts([MailHost(name: nil, address: address, port: port)])
        }
        if name == "localhost" {
            // RFC 6761 §6.3: never asked of the DNS.
            let addresses = ["127.0.0.1", "::1"].compactMap { IPAddress($0) }
            return .hosts(addresses.map { MailHost(name: name, address: $0, port: port) })
        }
        let found = await addresses(of: name)
        if !found.addresses.isEmpty {
            return .hosts(found.addresses.map { MailHost(name: name, address: $0, port: port) })
        }
        // A route of ours that does not resolve is a mistake of ours, not of the sender's: never a bounce at once.
        let words = found.isTemporary ? "the name \(name) can't be looked up" : "the name \(name) has no address"
        return .deferred(.local(EnhancedStatusCode(4, 4, 3), words))
    }

    private func exchanges(
        of domain: String, using generator: inout some RandomNumberGenerator
    ) async -> HostLookupResult {
        let answer = await resolver.resolve(DNSQuestion(domain, .mx))
        switch answer.outcome {
        case .serverFailure, .timedOut:
            return .deferred(
                .local(EnhancedStatusCode(4, 4, 3), "the MX records of \(domain) can't be looked up"))
        case .nameError:
            return .failed(.local(EnhancedStatusCode(5, 1, 2), "the domain \(domain) does not exist"))
        case .noData:
            return await implicitExchange(domain)
        case .records: break
        }
        var exchanges = answer.records.compactMap { record -> (preference: Int, name: String, order: UInt64)? in
            guard case .mailExchange(let preference, let exchange) = record else { return nil }
            return (preference, DNSQuestion(exchange, .a).name, generator.next())
        }
        if exchanges.isEmpty { return await implicitExchange(domain) }
        if exchanges.count == 1, exchanges[0].name.isEmpty {
            return .failed(
                .local(EnhancedStatusCode(5, 1, 10), "the domain \(domain) takes no mail (null MX, RFC 7505)"))
        }
        // By preference; in a random order where it is equal (RFC 5321 §5.1).
        exchanges.sort { ($0.preference, $0.order) < ($1.preference, $1.order) }
        if let own = exchanges.first(where: { $0.name == ownName }) {
            exchanges.removeAll { $0.preference >= own.preference }
            if exchanges.isEmpty {
                return .failed(
                    .local(EnhancedStatusCode(5, 4, 6), "the best exchange of \(domain) is this relay itself"))
            }
        }
        return await hosts(of: exchanges.prefix(Self.exchangeLimit).map(\.name), domain: domain)
    }

    private func hosts(of exchanges: [String], domain: String) async -> HostLookupResult {
        var hosts: [MailHost] = []
        var isTemporary = false
        for name in exchanges where !name.isEmpty {
            let found = await addresses(of: name)
            isTemporary = isTemporary || found.isTemporary
            hosts += found.addresses.map { MailHost(name: name, address: $0, port: 25) }
        }
        if !hosts.isEmpty { return .hosts(Array(hosts.prefix(Self.hostLimit))) }
        if isTemporary {
            return .deferred(
                .local(EnhancedStatusCode(4, 4, 3), "the exchanges of \(domain) can't be looked up"))
        }
        return .failed(
            .local(EnhancedStatusCode(5, 4, 4), "the MX records of \(domain) name hosts without an address"))
    }

    /// No MX record: the domain itself is the exchange (RFC 5321 §5.1).
    private func implicitExchange(_ domain: String) async -> HostLookupResult {
        let found = await addresses(of: domain)
        if !found.addresses.isEmpty {
            return .hosts(found.addresses.map { MailHost(name: domain, address: $0, port: 25) })
        }
        if found.isTemporary {
            return .deferred(.local(EnhancedStatusCode(4, 4, 3), "the addresses of \(domain) can't be looked up"))
        }
        return .failed(
            .local(EnhancedStatusCode(5, 4, 4), "the domain \(domain) has neither MX record nor address"))
    }

    private func addresses(of name: String) async -> (addresses: [IPAddress], isTemporary: Bool) {
        async let four = resolver.resolve(DNSQuestion(name, .a))
        async let six = resolver.resolve(DNSQuestion(name, .aaaa))
        let answers = await [four, six]
        let families = answers.map { Array($0.addresses.prefix(Self.addressLimit)) }
        // In turns, IPv4 first, so that where one family leads nowhere the other is near.
        var addresses: [IPAddress] = []
        for place in 0..<Self.addressLimit {
            for family in families where family.indices.contains(place) { addresses.append(family[place]) }
        }
        return (addresses, answers.contains { $0.isTemporary })
    }
}
