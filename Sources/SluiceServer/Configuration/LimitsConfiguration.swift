// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// `limits:` what a client may ask of us.
package struct LimitsConfiguration: Sendable, ConfigurationReadable {
    /// Octets of content.
    package var messageSize: Int
    package var recipients: Int
    package var sessions: Int
    package var sessionsPerClient: Int
    package var sessionsPerNetwork: Int
    package var rates: RateLimits
    package var logins: LoginLimits
    /// Octets of content in memory, over all sessions.
    package var contentMemory: Int
    package var errors: Int
    package var hops: Int
    /// Octets of the header section.
    package var header: Int
    package var nesting: Int
    package var commandLine: Int
    package var authLine: Int
    package var contentLine: Int
    package var commandTimeout: Duration
    package var transactionTimeout: Duration
    package var pipelineTimeout: Duration
    package var pipelines: Int
    package var shutdownTimeout: Duration

    package init(reading section: ConfigurationSection) {
        messageSize = section.size("message_size", default: 50_000_000, in: 1024...2_000_000_000)
        recipients = section.integer("recipients", default: 1000, in: 1...100_000)
        sessions = section.integer("sessions", default: 2000, in: 1...100_000)
        sessionsPerClient = section.integer("sessions_per_client", default: 100, in: 1...100_000)
        sessionsPerNetwork = section.integer("sessions_per_network", default: 500, in: 1...100_000)
        rates = section.read("rates")
        logins = section.read("logins")
        contentMemory = section.size("content_memory", default: 64 << 20, in: (1 << 20)...(1 << 40))
        errors = section.integer("errors", default: 20, in: 1...10_000)
        hops = section.integer("hops", default: 100, in: 1...1000)
        header = section.size("header", default: 256 << 10, in: 1024...(1 << 20))
        nesting = section.integer("nesting", default: 100, in: 1...1000)
        commandLine = section.size("command_line", default: 4096, in: 512...65536)
        authLine = section.size("auth_line", default: 12288, in: 512...65536)
        contentLine = section.size("content_line", default: 1_000_000, in: 998...100_000_000)
        commandTimeout = section.duration("command_timeout", default: .seconds(300), in: .seconds(1) ... .seconds(3600))
        transactionTimeout = section.duration(
            "transaction_timeout", default: .seconds(1800), in: .seconds(1) ... .seconds(86400))
        pipelineTimeout = section.duration("pipeline_timeout", default: .seconds(90), in: .seconds(1) ... .seconds(600))
        pipelines = section.integer("pipelines", default: 64, in: 1...10_000)
        shutdownTimeout = section.duration("shutdown_timeout", default: .seconds(30), in: .zero ... .seconds(3600))
    }
}
