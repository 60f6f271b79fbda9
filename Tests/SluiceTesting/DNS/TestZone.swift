// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import Synchronization

/// A zone for tests, written as short as a test can be: `["example.test": ["TXT v=spf1 mx -all", "MX 10 mail.example.test"]]`.
///
/// A record is its type and its data; `TIMEOUT` and `SERVFAIL` stand alone. It notes what it was asked.
package final class TestZone: Resolver {
    private let resolver: ZoneResolver
    private let noted = Mutex<[DNSQuestion]>([])

    package init(_ zone: [String: [String]]) {
        resolver = ZoneResolver(zone.mapValues { $0.map(Self.entry) })
    }

    /// What was asked, in order.
    package var asked: [DNSQuestion] { noted.withLock { $0 } }

    package func resolve(_ question: DNSQuestion) async -> DNSAnswer {
        noted.withLock { $0.append(question) }
        return await resolver.resolve(question)
    }

    private static func entry(_ text: String) -> ZoneResolver.Entry {
        if text == "TIMEOUT" { return .timeout }
        if text == "SERVFAIL" { return .serverFailure }
        let type = text.prefix { $0 != " " }
        let data = String(text.dropFirst(type.count + 1))
        switch type {
        case "TXT": return .record(.txt, .text([Array(data.utf8)]))
        case "A": return .record(.a, address(data))
        case "AAAA": return .record(.aaaa, address(data))
        case "PTR": return .record(.ptr, .name(data))
        case "CNAME": return .record(.cname, .name(data))
        case "MX":
            let parts = data.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let preference = Int(parts[0]) else { preconditionFailure("no MX: \(text)") }
            return .record(.mx, .mailExchange(preference: preference, exchange: String(parts[1])))
        default: preconditionFailure("no record of a test zone: \(text)")
        }
    }

    private static func address(_ text: String) -> DNSRecordData {
        guard let address = IPAddress(text) else { preconditionFailure("no address: \(text)") }
        return .address(address)
    }
}
