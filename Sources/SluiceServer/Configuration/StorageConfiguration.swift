// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// `queue:` when what could not be delivered is tried again.
package struct QueueConfiguration: Sendable, ConfigurationReadable {
    package var firstRetry: Duration
    package var maxRetry: Duration
    package var expire: Duration
    /// After how long a sender is told that his message still waits; zero: never.
    package var warn: Duration

    package init(reading section: ConfigurationSection) {
        firstRetry = section.duration("first_retry", default: .seconds(300), in: .seconds(1) ... .seconds(86400))
        maxRetry = section.duration("max_retry", default: .seconds(4 * 3600), in: .seconds(1) ... .seconds(86400))
        expire = section.duration("expire", default: .seconds(5 * 86400), in: .seconds(1) ... .seconds(30 * 86400))
        warn = section.duration("warn", default: .seconds(4 * 3600), in: .zero ... .seconds(30 * 86400))
        if maxRetry < firstRetry {
            section.report("max_retry", "max_retry is shorter than first_retry, at least as long would be right")
        }
    }
}

/// `quarantine:` how much is held, and for how long.
package struct QuarantineConfiguration: Sendable, ConfigurationReadable {
    package var keep: Duration
    package var size: Int

    package init(reading section: ConfigurationSection) {
        keep = section.duration("keep", default: .seconds(30 * 86400))
        size = section.size("size", default: 10_000_000_000)
    }
}

/// `history:` how long decision records are kept.
package struct HistoryConfiguration: Sendable, ConfigurationReadable {
    package var keep: Duration
    package var size: Int

    package init(reading section: ConfigurationSection) {
        keep = section.duration("keep", default: .seconds(90 * 86400))
        size = section.size("size", default: 10_000_000_000)
        let content = section.duration("content", default: .zero)
        if content != .zero { section.report("content", "history.content isn't there yet, 0d would be right") }
    }
}

/// `ledger:` how long the hash-chained state records are kept.
package struct LedgerConfiguration: Sendable, ConfigurationReadable {
    package var keep: Duration

    package init(reading section: ConfigurationSection) {
        keep = section.duration("keep", default: .seconds(400 * 86400))
    }
}

/// `resolver:` whom we ask for DNS.
package struct ResolverConfiguration: Hashable, Sendable, ConfigurationReadable {
    /// Addresses of forwarders, with `@port` where it is not 53; empty: the root servers' delegation.
    package var forwarders: [String]
    /// A zone file instead of the DNS.
    package var zone: String?
    package var timeout: Duration

    package init(reading section: ConfigurationSection) {
        forwarders = section.strings("forwarders")
        for forwarder in forwarders where IPAddress(String(forwarder.split(separator: "@").first ?? "")) == nil {
            section.report("forwarders", "“\(forwarder)” is no address, 192.0.2.53 or 192.0.2.53@5353 would be right")
        }
        zone = section.path("zone")
        if let zone { FileCheck.readable(zone, key: "zone", section) }
        timeout = section.duration("timeout", default: .seconds(5), in: .milliseconds(10) ... .seconds(60))
    }
}
