// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// One listener: where it listens, what it speaks, and which pipelines its mail takes.
package struct ListenerConfiguration: Sendable {
    package enum ProtocolName: String, CaseIterable, Sendable {
        case smtp, submission, milter
    }

    package var name: String
    package var protocolName: ProtocolName
    package var host: String
    package var port: Int
    package var untrusted: (name: String, mark: SourceMark)
    package var trusted: (name: String, mark: SourceMark)
    /// PEM files; without them STARTTLS is not announced.
    package var certificate: String?
    package var key: String?
    /// The file of logins with their SCRAM-SHA-256 verifiers; without it AUTH is not announced.
    package var users: String?
    /// What only a milter listener has; `nil` for the others.
    package var milter: MilterConfiguration?
    package var mark: SourceMark
}

extension ListenerConfiguration: ConfigurationReadable {
    package init(reading section: ConfigurationSection) {
        mark = section.mark
        name = section.requiredString("name")
        protocolName = section.choice("protocol", default: .smtp)
        let address = section.requiredString("address")
        (host, port) = Self.split(address) ?? ("", 0)
        milter = protocolName == .milter ? MilterConfiguration(reading: section, address: address) : nil
        if protocolName != .milter { MilterConfiguration.refuse(in: section) }
        if milter?.socket == nil, host.isEmpty, !address.isEmpty {
            section.report(
                "address", "address is “\(address)”, address:port such as \"0.0.0.0:25\" or \"[::]:25\" would be right")
        }
        (untrusted, trusted) = Self.pipelines(section)
        if protocolName == .milter {
            for key in ["certificate", "key", "users"] where section.node(key) != nil {
                section.report(
                    key, "\(key) on a milter listener: TLS and logins are the MTA's, leaving it out would be right")
            }
            (certificate, key, users) = (nil, nil, nil)
            return
        }
        certificate = section.path("certificate")
        key = section.path("key")
        users = section.path("users")
        for (key, path) in [("certificate", certificate), ("key", key), ("users", users)] {
            if let path { FileCheck.readable(path, key: key, section, isSecret: key == "key" || key == "users") }
        }
        if (certificate == nil) != (key == nil) {
            section.reader.report(mark, "certificate and key belong together, both or neither would be right")
        }
        if users != nil, certificate == nil {
            section.report(
                "users",
                "users without a certificate: logins are taken under TLS only, certificate and key would be right")
        }
        if protocolName == .submission, users == nil {
            section.reader.report(
                mark, "submission without users: nobody could log in, users would be right", severity: .warning)
        }
    }

    /// `pipeline: name`, or `pipeline: {untrusted: name, trusted: name}`.
    private static func pipelines(
        _ section: ConfigurationSection
    ) -> (untrusted: (name: String, mark: SourceMark), trusted: (name: String, mark: SourceMark)) {
        guard let node = section.node("pipeline") else {
            section.reader.report(section.mark, "pipeline is missing: a name, or {untrusted: name, trusted: name}")
            return (("", section.mark), ("", section.mark))
        }
        if case .scalar(let name, _) = node.value { return ((name, node.mark), (name, node.mark)) }
        let both = section.section("pipeline")
        defer { both.finish() }
        return (
            (both.requiredString("untrusted"), both.markOf("untrusted")),
            (both.requiredString("trusted"), both.markOf("trusted"))
        )
    }

    /// Splits `192.0.2.1:25` and `[::1]:25`.
    static func split(_ address: String) -> (String, Int)? {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
            0...65535 ~= port
        else { return nil }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)) else { return host == "localhost" ? ("127.0.0.1", port) : nil }
        return (address.description, port)
    }
}
