// SPDX-License-Identifier: Apache-2.0
import Foundation
package import SluiceCore
package import SluiceDelivery

/// `relay:` for whom we take mail, and where it goes.
package struct RelayConfiguration: Sendable {
    /// Where we learn which recipients of a relay domain exist.
    package enum Recipients: Sendable, Equatable {
        /// Asked of the next hop by RCPT, and remembered.
        case nextHop
        /// These, from a file: an address or a local-part a line.
        case listed(Set<Mailbox>)
        /// Whoever is named: then the next hop refuses, and we bounce.
        case any
    }

    package struct RelayDomain: Sendable {
        package var route: Route
        package var recipients: Recipients
    }

    /// By the domain in lower case.
    package var domains: [String: RelayDomain]
    package var trustedNetworks: [IPNetwork]
    /// Where `<postmaster>` without a domain goes.
    package var postmaster: Mailbox?
    /// Where all other mail goes; `nil`: nowhere.
    package var defaultRoute: Route?

    package func isTrusted(_ address: IPAddress) -> Bool { trustedNetworks.contains { $0.contains(address) } }
}

extension RelayConfiguration {
    /// - Parameter isUsed: whether anything is relayed: where all listeners are milters, the MTA does that.
    package init(reading section: ConfigurationSection, isUsed: Bool = true) {
        let table = section.section("domains")
        var domains: [String: RelayDomain] = [:]
        var first: String?
        for (name, mark) in table.keys {
            guard Mailbox("x@\(name)") != nil, !name.hasPrefix("[") else {
                _ = table.node(name)
                table.reader.report(mark, "“\(name)” is no domain name")
                continue
            }
            first = first ?? name
            domains[name.asciiLowercased()] = Self.domain(name, table)
        }
        table.finish()
        self.domains = domains
        trustedNetworks = section.strings("trusted_networks").compactMap { text in
            let network = IPNetwork(text)
            if network == nil {
                section.report(
                    "trusted_networks",
                    "“\(text)” is no network, an address or CIDR such as 192.0.2.0/24 without host bits would be right")
            }
            return network
        }
        postmaster = first.map { Mailbox(localPart: "postmaster", domain: $0) }
        if let text = section.optionalString("postmaster") {
            postmaster = Mailbox(text)
            if postmaster?.domain.isEmpty ?? true {
                section.report(
                    "postmaster", "postmaster is “\(text)”, an address such as postmaster@example.org would be right")
            }
        } else if first == nil, isUsed {
            // RFC 5321 §4.5.1: <postmaster> is always accepted, so it has to go somewhere.
            section.reader.report(
                section.mark,
                "relay.postmaster is missing: without relay domains, the address that <postmaster> stands for would be right"
            )
        }
        defaultRoute = section.optionalString("default_route").flatMap { text in
            let route = Route(text)
            if route == nil {
                section.report("default_route", "default_route is “\(text)”, mx or smtp://host:port would be right")
            }
            return route
        }
        if isUsed, !section.isPresent("default_route") {
            section.reader.report(
                section.mark,
                "no default_route: a bounce to a stranger can't be sent, “mx” or smtp://smarthost would be right",
                severity: .warning)
        }
        if let postmaster, !postmaster.domain.isEmpty, self.domains[postmaster.domain] == nil,
            !section.isPresent("default_route"), section.isPresent("postmaster")
        {
            section.report(
                "postmaster",
                "postmaster is “\(postmaster)”, to which there is no route: one of the relay domains, or a default_route would be right"
            )
        }
    }

    private static func domain(_ name: String, _ table: ConfigurationSection) -> RelayDomain? {
        var recipients = Recipients.nextHop
        let text: String
        var mark = table.markOf(name)
        if case .scalar(let short, _)? = table.node(name)?.value {
            text = short
        } else {
            let section = table.section(name)
            defer { section.finish() }
            text = section.requiredString("route")
            mark = section.markOf("route")
            switch section.string("recipients", default: "next_hop") {
            case "next_hop": recipients = .nextHop
            case "any":
                recipients = .any
                section.report(
                    "recipients",
                    "recipients: any takes mail for unknown users and bounces it later, next_hop or a file would be right",
                    severity: .warning)
            case let file: recipients = .listed(listed(section.reader.resolve(file), domain: name, section))
            }
        }
        guard let route = Route(text), !route.isMX else {
            if !text.isEmpty {
                table.reader.report(mark, "“\(text)” is no route, smtp://host:port or lmtp://host:port would be right")
            }
            return nil
        }
        return RelayDomain(route: route, recipients: recipients)
    }

    private static func listed(_ path: String, domain: String, _ section: ConfigurationSection) -> Set<Mailbox> {
        if let problem = FileCheck.problem(path, isSecret: false) {
            section.report("recipients", "recipients: \(problem); next_hop, any or a file would be right")
            return []
        }
        let text: String
        do { text = try TextFile.read(path) } catch {
            section.report("recipients", "recipients: \(error)")
            return []
        }
        var mailboxes: Set<Mailbox> = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let entry = line.trimmingCharacters(in: .whitespaces)
            if entry.isEmpty || entry.hasPrefix("#") { continue }
            guard let mailbox = Mailbox(entry.contains("@") ? entry : "\(entry)@\(domain)") else {
                section.reader.report(SourceMark(file: path, line: index + 1, column: 1), "“\(entry)” is no address")
                continue
            }
            mailboxes.insert(Mailbox(localPart: mailbox.localPart.asciiLowercased(), domain: mailbox.domain))
        }
        return mailboxes
    }
}
