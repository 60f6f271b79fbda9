// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// `metrics:` where Prometheus reads what is counted.
package struct MetricsConfiguration: Hashable, Sendable, ConfigurationReadable {
    package struct Address: Hashable, Sendable {
        package var host: String
        package var port: Int

        /// `127.0.0.1:9464` or `[::1]:9464`.
        package func written(port: Int? = nil) -> String {
            host.contains(":") ? "[\(host)]:\(port ?? self.port)" : "\(host):\(port ?? self.port)"
        }
    }

    /// `nil`: nothing listens.
    package var address: Address?

    package init(reading section: ConfigurationSection) {
        guard let text = section.optionalString("address") else { return }
        guard let (host, port) = ListenerConfiguration.split(text) else {
            section.report(
                "address",
                "metrics.address is “\(text)”, address:port such as \"127.0.0.1:9464\" or \"[::1]:9464\" would be right"
            )
            return
        }
        address = Address(host: host, port: port)
        if IPAddress(host)?.isLoopback == false {
            section.report(
                "address",
                "metrics.address is \(text): everybody who reaches it may read how much mail passes and how the relay does; a loopback address would be right, or a firewall",
                severity: .warning)
        }
    }
}
