// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceDelivery
import SluiceFilter
import SluiceSMTP
import SluiceServer
import Testing

@Suite("The configuration") struct ServerConfigurationTests {
    /// The shape that the command line promises, but for what isn't there yet.
    private let text = """
        hostname: mx.example.org
        state: state
        listeners:
          - {name: mx, protocol: smtp, address: "0.0.0.0:25", pipeline: {untrusted: inbound, trusted: outbound}}
          - {name: submission, protocol: submission, address: "[::]:587", pipeline: outbound, certificate: c.pem, key: k.pem, users: users.txt}
        relay:
          domains:
            Example.ORG: {route: "smtp://192.0.2.5:25", recipients: next_hop}
            example.net: "lmtp://192.0.2.6:24"
            example.com: {route: "smtp://192.0.2.7:25", recipients: mailboxes.txt}
          trusted_networks: [127.0.0.0/8, "2001:db8::1"]
          postmaster: postmaster@example.org
          default_route: mx
        pipelines:
          inbound:
            - spf: {}
            - dkim-verify: {}
            - virus: {infected: reject, on_error: defer, timeout: 30s, database: embedded}
            - spam: {tag: 5, quarantine: 8, reject: 15}
          outbound:
            - virus: {infected: reject, database: embedded}
          empty: []
        limits: {message_size: 50MB, recipients: 1000, sessions: 2000, sessions_per_client: 100, errors: 20, hops: 100, header: 256KiB, nesting: 100,
                 command_line: 4096B, auth_line: 12288B, content_line: 1MB, command_timeout: 5m, transaction_timeout: 30m,
                 pipeline_timeout: 90s, pipelines: 64, shutdown_timeout: 30s}
        queue: {first_retry: 5m, max_retry: 4h, expire: 5d}
        delivery: {timeout: 5m, connections_per_host: 20, tls: opportunistic}
        quarantine: {keep: 30d, size: 10GB}
        history: {keep: 90d, size: 10GB, content: 0d}
        ledger: {keep: 400d}
        resolver: {forwarders: ["192.0.2.53", "192.0.2.54@5353"], zone: null}
        """

    private func read(_ text: String, _ files: [String: String] = [:]) throws -> ServerConfiguration.Reading {
        let folder = try TemporaryFolder()
        for name in ["c.pem", "k.pem", "users.txt"] { try folder.write("", to: name) }
        try folder.write("anna\nBert@example.com\n# none\n\n", to: "mailboxes.txt")
        return ServerConfiguration.read(text, file: "sluice.yml", directory: folder.path)
    }

    @Test("in the shape that is promised is read without a word")
    func shape() throws {
        let reading = try read(text)
        #expect(reading.diagnostics.map(\.description) == [])
        let configuration = try #require(reading.configuration)
        #expect(configuration.hostname == "mx.example.org")
        #expect(configuration.state.hasSuffix("/state"))
        #expect(configuration.listeners.map(\.name) == ["mx", "submission"])
        #expect(configuration.listeners.map(\.host) == ["0.0.0.0", "::"])
        #expect(configuration.listeners.map(\.port) == [25, 587])
        #expect(configuration.listeners.map(\.untrusted.name) == ["inbound", "outbound"])
        #expect(configuration.listeners.map(\.trusted.name) == ["outbound", "outbound"])
        #expect(configuration.pipelines["inbound"]?.stages.map(\.name) == ["spf", "dkim-verify", "virus", "spam"])
        #expect(configuration.pipelines["empty"]?.stages.isEmpty == true)
        #expect(configuration.relay.domains["example.org"]?.recipients == .nextHop)
        #expect(configuration.relay.domains["example.net"]?.route == Route("lmtp://192.0.2.6:24"))
        let listed = try ["anna", "bert"].map { try #require(Mailbox("\($0)@example.com")) }
        #expect(configuration.relay.domains["example.com"]?.recipients == .listed(Set(listed)))
        #expect(configuration.relay.isTrusted(try #require(IPAddress("127.9.9.9"))))
        #expect(configuration.relay.isTrusted(try #require(IPAddress("2001:db8::1"))))
        #expect(!configuration.relay.isTrusted(try #require(IPAddress("192.0.2.1"))))
        #expect(configuration.relay.defaultRoute == .mx)
        #expect(configuration.resolver.forwarders.count == 2 && configuration.resolver.zone == nil)
    }

    @Test("has the defaults that are promised")
    func defaults() throws {
        let short = """
            hostname: mx.example.org
            state: /var/lib/sluice
            listeners: [{name: mx, address: "127.0.0.1:25", pipeline: p}]
            relay: {domains: {example.org: "smtp://192.0.2.5"}, default_route: mx}
            pipelines: {p: []}
            """
        let configuration = try #require(try read(short).configuration)
        let limits = configuration.limits
        #expect(limits.messageSize == 50_000_000 && limits.recipients == 1000 && limits.sessions == 2000)
        #expect(limits.sessionsPerClient == 100 && limits.errors == 20 && limits.hops == 100)
        #expect(limits.header == 256 * 1024 && limits.nesting == 100 && limits.commandLine == 4096)
        #expect(limits.authLine == 12288 && limits.contentLine == 1_000_000)
        #expect(limits.commandTimeout == .seconds(300) && limits.transactionTimeout == .seconds(1800))
        #expect(limits.pipelineTimeout == .seconds(90) && limits.pipelines == 64)
        #expect(limits.shutdownTimeout == .seconds(30))
        #expect(configuration.queue.firstRetry == .seconds(300) && configuration.queue.maxRetry == .seconds(14400))
        #expect(configuration.queue.expire == .seconds(432_000) && configuration.queue.warn == .seconds(14400))
        #expect(configuration.delivery.timeout == .seconds(300) && configuration.delivery.connectionsPerHost == 20)
        #expect(configuration.delivery.tls == .opportunistic)
        #expect(
            configuration.quarantine.keep == .seconds(30 * 86400) && configuration.quarantine.size == 10_000_000_000)
        #expect(configuration.history.keep == .seconds(90 * 86400) && configuration.history.size == 10_000_000_000)
        #expect(configuration.ledger.keep == .seconds(400 * 86400))
        #expect(configuration.relay.postmaster == Mailbox("postmaster@example.org"))
        #expect(configuration.state == "/var/lib/sluice")
    }

    @Test("may say for a domain or a next hop what differs there")
    func destinations() throws {
        let start = """
            hostname: mx.example.org
            state: /s
            listeners: [{name: mx, address: "127.0.0.1:25", pipeline: p}]
            relay: {domains: {example.org: "smtp://192.0.2.5"}, default_route: mx}
            pipelines: {p: []}
            queue: {warn: 0s}

            """
        let good = try read(
            start + """
                delivery:
                  connections_per_host: 30
                  tls: none
                  destinations:
                    Bank.example: {tls: required}
                    "smtp://192.0.2.5": {connections: 2}
                """)
        let delivery = try #require(good.configuration?.delivery)
        #expect(delivery.domains == ["bank.example": DestinationPolicy(tls: .required, connections: 30)])
        let route = try #require(Route("smtp://192.0.2.5:25"))
        #expect(delivery.routes == [route: DestinationPolicy(tls: ClientTLSMode.none, connections: 2)])
        #expect(good.configuration?.queue.warn == .zero)
        let bad = try read(
            start + """
                delivery:
                  destinations:
                    mx: {tls: dane}
                    "[192.0.2.1]": {connections: 0, speed: 5}
                """)
        let messages = bad.diagnostics.map(\.message)
        for part in ["dane", "neither a domain nor a next hop", "connections", "speed"] {
            #expect(messages.contains { $0.contains(part) }, "\(part) is not reported in \(messages)")
        }
    }

    @Test("tells every value in force and where it came from")
    func values() throws {
        let values = try read(text).values
        func value(_ path: String) -> (String, Int?)? {
            values.first { $0.path == path }.map { ($0.value, $0.mark?.line) }
        }
        #expect(try #require(value("limits.message_size")) == ("50000000B", 23))
        #expect(try #require(value("hostname")) == ("mx.example.org", 1))
        #expect(try #require(value("pipelines.inbound[2].virus.on_error")) == ("defer", 18))
        #expect(try #require(value("pipelines.inbound[0].spf.timeout")).1 == nil)
        #expect(value("pipelines.inbound[3].spam.on_error") != nil)
        #expect(values.allSatisfy { !$0.value.isEmpty })
    }

    @Test("takes paths relative to the file, and absolute ones as they are")
    func paths() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "z.yml")
        let start =
            "hostname: a.test\nlisteners: [{name: a, address: \"127.0.0.1:0\", pipeline: p}]\npipelines: {p: []}\n"
            + "relay: {domains: {a.test: \"smtp://127.0.0.1:1\"}, default_route: mx}\n"
        let relative = ServerConfiguration.read(
            start + "state: s\nresolver: {zone: z.yml}\n", file: "c", directory: folder.path)
        #expect(relative.configuration?.resolver.zone == folder.path + "/z.yml")
        let absolute = ServerConfiguration.read(
            start + "state: /s\nresolver: {zone: \(folder.path)/z.yml}\n", file: "c", directory: "/elsewhere")
        #expect(absolute.configuration?.resolver.zone == folder.path + "/z.yml")
    }

    @Test("of the README is read without a mistake but for the files that it names")
    func readme() throws {
        let readme = try String(
            contentsOfFile: URL(fileURLWithPath: Fixtures.folder).deletingLastPathComponent().path + "/README.md",
            encoding: .utf8)
        let blocks = readme.components(separatedBy: "```yaml\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(blocks.count == 2)
        for block in blocks {
            #expect(block.split(separator: "\n").count <= 20)
            let reading = ServerConfiguration.read(block, file: "README.md", directory: "/nowhere")
            #expect(
                reading.diagnostics.filter { $0.severity == .error && !$0.message.contains("/nowhere/") }.map(
                    \.description)
                    == [])
        }
    }

    @Test("of the embedded pipelines holds the stages that are promised")
    func embedded() throws {
        let pipelines = try EmbeddedPipelines.configurations()
        #expect(pipelines["inbound"]?.stages.map(\.name) == ["spf", "dkim-verify", "virus", "spam"])
        #expect(pipelines["outbound"]?.stages.map(\.name) == ["virus"])
    }
}
