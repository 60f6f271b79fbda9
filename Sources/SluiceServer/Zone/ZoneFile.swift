// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Reads zone files: YAML, a name to a list of records (CLI.md). They stand in for the DNS in `--zone`, tests and the demo.
package enum ZoneFile {
    /// - Returns: the resolver, or the mistakes that were found.
    package static func read(_ text: String, file: String) -> Result<ZoneResolver, ZoneFileError> {
        let root: ConfigurationNode?
        do { root = try YAMLReader.read(text, file: file) } catch { return .failure(ZoneFileError([error.diagnostic])) }
        var zone: [String: [ZoneResolver.Entry]] = [:]
        var diagnostics: [Diagnostic] = []
        guard let root else { return .success(ZoneResolver([:])) }
        guard case .mapping(let names) = root.value else {
            return .failure(
                ZoneFileError([
                    Diagnostic(
                        root.mark, "a zone is \(root.kind), a mapping of names to lists of records would be right")
                ]))
        }
        for (name, mark, value) in names {
            guard case .list(let records) = value.value else {
                diagnostics.append(Diagnostic(mark, "\(name) has \(value.kind), a list of records would be right"))
                continue
            }
            zone[name, default: []] += []  // A name without records exists.
            for record in records {
                switch entry(record) {
                case .success(let entries): zone[name, default: []] += entries
                case .failure(let error): diagnostics += error.diagnostics
                }
            }
        }
        return diagnostics.isEmpty ? .success(ZoneResolver(zone)) : .failure(ZoneFileError(diagnostics))
    }

    private static func entry(_ node: ConfigurationNode) -> Result<[ZoneResolver.Entry], ZoneFileError> {
        func wrong(_ mark: SourceMark, _ message: String) -> Result<[ZoneResolver.Entry], ZoneFileError> {
            .failure(ZoneFileError([Diagnostic(mark, message)]))
        }
        switch node.value {
        case .scalar("TIMEOUT", _): return .success([.timeout])
        case .scalar("SERVFAIL", _): return .success([.serverFailure])
        case .scalar, .list:
            return wrong(node.mark, "a record is \(node.kind), TYPE: value, TIMEOUT or SERVFAIL would be right")
        case .mapping(let pairs):
            var entries: [ZoneResolver.Entry] = []
            for (name, mark, value) in pairs {
                guard let type = DNSRecordType(rawValue: name.uppercased()) else {
                    return wrong(
                        mark, "unknown record type \(name), one of A, AAAA, MX, TXT, PTR, CNAME, SPF would be right")
                }
                guard let data = data(type, value) else {
                    return wrong(value.mark, "this is no data of a \(type.rawValue) record")
                }
                entries.append(.record(type, data))
            }
            return .success(entries)
        }
    }

    private static func data(_ type: DNSRecordType, _ node: ConfigurationNode) -> DNSRecordData? {
        let scalars: [String]
        switch node.value {
        case .scalar(let text, _): scalars = [text]
        case .list(let items):
            scalars = items.compactMap { if case .scalar(let text, _) = $0.value { text } else { nil } }
            guard scalars.count == items.count else { return nil }
        case .mapping: return nil
        }
        switch type {
        case .a, .aaaa:
            guard scalars.count == 1, let text = scalars.first, let address = IPAddress(text) else { return nil }
            // An IPv4-mapped AAAA record is no IPv4 address: it stays out of the answer.
            guard address.isIPv4 == (type == .a) else { return nil }
            return .address(address)
        case .mx:
            guard scalars.count == 2, let preference = Int(scalars[0]), 0...65535 ~= preference else { return nil }
            return .mailExchange(preference: preference, exchange: scalars[1] == "." ? "" : withoutFinalDot(scalars[1]))
        case .txt, .spf: return .text(scalars.map(octets))
        case .ptr, .cname: return scalars.first.map { .name(withoutFinalDot($0)) }
        }
    }

    private static func withoutFinalDot(_ name: String) -> String {
        name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    /// A character up to U+00FF stands for the octet of that value.
    private static func octets(_ text: String) -> [UInt8] {
        text.unicodeScalars.allSatisfy { $0.value < 256 }
            ? text.unicodeScalars.map { UInt8($0.value) } : Array(text.utf8)
    }
}

/// What is wrong with a zone file, a line each.
package struct ZoneFileError: Error, CustomStringConvertible {
    package let diagnostics: [Diagnostic]
    init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
