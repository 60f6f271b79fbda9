// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension FactFinder {
    /// Where links lead and what they show.
    func linkFacts() -> [Fact] {
        var facts: [Fact] = []
        var hosts: [String: Int] = [:]
        for link in reading.renderings.lazy.flatMap(\.links) {
            guard let host = HostName.of(uri: link.target) else {
                if link.target.prefix(5).equalsIgnoringCase("data:") { facts.append(Fact("link-data")) }
                if link.target.prefix(11).equalsIgnoringCase("javascript:") { facts.append(Fact("link-script")) }
                continue
            }
            hosts[HostName.registrable(host), default: 0] += 1
            if let shown = Self.shownHost(link.text), HostName.registrable(shown) != HostName.registrable(host) {
                facts.append(Fact("link-shows-other-host", "\(shown) <> \(host)"))
            }
        }
        guard !hosts.isEmpty else { return facts }
        if hosts.count == 1, let host = hosts.first {
            facts.append(Fact("links-to-one-host", "\(host.key), \(host.value) links"))
        }
        if !fromDomain.isEmpty, hosts[fromDomain] == nil {
            let named = hosts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map(\.key)
            facts.append(Fact("links-not-to-author", "\(named.joined(separator: " ")) <> \(fromDomain)"))
        }
        return facts
    }

    /// The host that the text of a link shows; `nil` where it is no address.
    private static func shownHost(_ text: [UInt8]) -> String? {
        var shown = text.drop { $0.isHTMLSpace }
        while shown.last?.isHTMLSpace == true { shown.removeLast() }
        guard shown.count < 200, !shown.contains(where: \.isHTMLSpace) else { return nil }
        if let host = HostName.of(uri: shown) { return HostName.isPlausible(host) ? host : nil }
        guard shown.prefix(4).equalsIgnoringCase("www.") else { return nil }
        let host = String(latin1OrUTF8: shown.prefix { $0 != UInt8(ascii: "/") }).asciiLowercased()
        guard host.hasPrefix("www."), HostName.isPlausible(host) else { return nil }
        return host
    }

    /// What is odd about the URIs themselves.
    func uriFacts() -> [Fact] {
        var facts: [Fact] = []
        for uri in uris {
            guard let host = HostName.of(uri: uri) else { continue }
            var text: String { String(latin1OrUTF8: uri.prefix(120)) }
            let authority = uri.dropFirst(8).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            if authority.contains(UInt8(ascii: "@")) { facts.append(Fact("uri-user", text)) }
            if Self.isNumeric(host) { facts.append(Fact("uri-numeric-host", text)) }
            if host.hasPrefix("xn--") || host.utf8.contains(octets: ".xn--".utf8) {
                facts.append(Fact("uri-encoded-host", host))
            }
            if host.utf8.contains(where: { $0 >= 0x80 }) { facts.append(Fact("uri-foreign-host", host)) }
            if host.utf8.contains(UInt8(ascii: "%")) { facts.append(Fact("uri-escaped-host", host)) }
            let domain = HostName.registrable(host)
            let labels = domain.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1)
            if let label = labels.first, HostName.looksRandom(Substring(label)) {
                facts.append(Fact("uri-random-host", host))
            }
            if let inner = Self.innerHost(uri), HostName.registrable(inner) != domain {
                facts.append(Fact("uri-leads-on", "\(host) > \(inner)"))
            }
            if recipients.isEmpty { continue }
            let lower = text.asciiLowercased()
            if recipients.contains(where: { lower.utf8.contains(octets: $0.utf8) }) {
                facts.append(Fact("uri-names-recipient", text))
            }
        }
        return facts
    }

    private static func isNumeric(_ host: String) -> Bool {
        if host.hasPrefix("[") { return true }
        // A label that is a number begins with a digit.
        guard host.utf8.first?.isASCIIDigit == true else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count <= 4 else { return false }
        return labels.allSatisfy { label in
            !label.isEmpty
                && (label.utf8.allSatisfy(\.isASCIIDigit)
                    || label.hasPrefix("0x") && UInt64(label.dropFirst(2), radix: 16) != nil)
        }
    }

    /// The host of a URI that stands inside another.
    private static func innerHost(_ uri: [UInt8]) -> String? {
        var index = 8
        while index + 10 < uri.count {
            if uri[index] | 0x20 == UInt8(ascii: "h"), uri[index + 3] | 0x20 == UInt8(ascii: "p"),
                uri[index + 1] | 0x20 == UInt8(ascii: "t"), let host = HostName.of(uri: uri[index...]),
                HostName.isPlausible(host)
            {
                return host
            }
            index += 1
        }
        return nil
    }
}
