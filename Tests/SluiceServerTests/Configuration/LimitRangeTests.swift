// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("The limits of the configuration") struct LimitRangeTests {
    /// Each key, the least with its unit, and the most; a size has nine digits at most, so some have a unit of their own.
    static let ranges: [(key: String, unit: String, least: Int, most: Int)] = [
        ("message_size", "B", 1024, 2000), ("recipients", "", 1, 100_000), ("sessions", "", 1, 100_000),
        ("sessions_per_client", "", 1, 100_000), ("sessions_per_network", "", 1, 100_000),
        ("content_memory", "B", 1 << 20, 1024), ("errors", "", 1, 10_000), ("hops", "", 1, 1000),
        ("header", "B", 1024, 1 << 20), ("nesting", "", 1, 1000), ("command_line", "B", 512, 65536),
        ("auth_line", "B", 512, 65536), ("content_line", "B", 998, 100_000_000),
        ("command_timeout", "ms", 1000, 3_600_000), ("transaction_timeout", "ms", 1000, 86_400_000),
        ("pipeline_timeout", "ms", 1000, 600_000), ("pipelines", "", 1, 10_000),
        ("shutdown_timeout", "ms", 0, 3_600_000), ("logins.failures_per_client", "", 1, 10_000),
        ("logins.failures_per_login", "", 1, 10_000), ("logins.lockout", "ms", 1000, 86_400_000),
    ]

    private func mistakes(_ key: String, _ value: String) -> [Diagnostic] {
        let names = key.split(separator: ".")
        let entry = names.count == 2 ? "{\(names[0]): {\(names[1]): \(value)}}" : "{\(key): \(value)}"
        let reading = ServerConfiguration.read(
            """
            hostname: mx.example.org
            state: /var/lib/sluice
            listeners: [{name: mx, address: "0.0.0.0:25", pipeline: empty}]
            relay: {domains: {example.org: {route: "smtp://192.0.2.5:25", recipients: next_hop}}}
            pipelines: {empty: []}
            limits: \(entry)
            """, file: "sluice.yml", directory: "")
        return reading.diagnostics.filter { $0.severity == .error }
    }

    @Test("each limit takes its least and its most, and nothing beyond", arguments: ranges)
    func range(key: String, unit: String, least: Int, most: Int) {
        let large = ["message_size": "MB", "content_memory": "GiB"][key] ?? unit
        for value in ["\(least)\(unit)", "\(least + 1)\(unit)", "\(most - 1)\(large)", "\(most)\(large)"] {
            #expect(mistakes(key, value).isEmpty, "\(value)")
        }
        for value in ["\(least - 1)\(unit)", "\(most + 1)\(large)"] {
            let found = mistakes(key, value)
            #expect(found.count == 1, "\(value)")
            #expect(found.first?.mark.line == 6)
        }
    }

    @Test("there is a range for each limit that has one")
    func complete() {
        let reading = ServerConfiguration.read(
            "{hostname: a.test, state: /s, limits: {logins: {}}}", file: "f", directory: "")
        let known = Set(reading.values.map(\.path).filter { $0.hasPrefix("limits.") && !$0.hasPrefix("limits.rates.") })
        #expect(known == Set(Self.ranges.map { "limits." + $0.key }))
    }
}
