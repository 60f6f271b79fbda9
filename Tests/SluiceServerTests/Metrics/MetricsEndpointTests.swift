// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The metrics endpoint", .serialized, .timeLimit(.minutes(3))) struct MetricsEndpointTests {
    private func run(_ body: @escaping @Sendable (TestServer, Int) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try await TestServer.run(
            TestServer.yaml(sink: 1, more: "metrics: {address: \"127.0.0.1:0\"}"), in: folder
        ) { server in
            try await body(server, try #require(server.metricsPort))
        }
    }

    @Test("tells every metric that is looked at when asked, once and well formed")
    func metrics() async throws {
        try await run { server, port in
            try await server.send(to: ["anna@example.org", "bert@example.org"])
            let response = try await MetricsClient.get("/metrics", port: port)
            #expect(response.status == 200)
            #expect(response.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let metrics = try MetricsText(response.body)
            #expect(metrics["sluice_sessions_opened_total", "protocol=smtp"] ?? 0 >= 1)
            #expect(metrics["sluice_queue_recipients", "state=held"] == 0)
            #expect(metrics["sluice_ledger_records_total"] ?? 0 >= 2, "and what deliveries added")
            #expect(metrics["sluice_build_info", "version=0.1.0"] == 1)
            #expect(metrics["process_resident_memory_bytes"] ?? 0 > 1e6)
            #expect(metrics["process_start_time_seconds"] ?? 0 > 1.7e9)
            #expect(metrics["sluice_state_bytes", "part=journal"] ?? 0 > 0)
            #expect(metrics["sluice_quarantine_limit_bytes"] == 1e10)
            // What is only counted is counted where the process was told to (`sluice serve`).
            let counted = ["sluice_metrics_overflows_total"]
            let names = Set(metrics.names).subtracting(counted)
            for definition in MetricCatalog.definitions where names.contains(definition.name) {
                #expect(metrics.types[definition.name] == definition.kind.rawValue)
            }
            #expect(names.isSubset(of: Set(MetricCatalog.definitions.map(\.name))))
        }
    }

    @Test("holds no address, no name and no id of a message")
    func noPeople() async throws {
        try await run { server, port in
            let reply = try await server.send(from: "secret-sender@private.test", to: ["anna@example.org"])
            let id = try TestServer.id(reply)
            let body = try await MetricsClient.get("/metrics", port: port).body
            for word in ["secret", "private.test", "anna", "127.0.0.1", id] { #expect(!body.contains(word)) }
        }
    }

    @Test("answers GET and HEAD on three pages, and nothing else")
    func pages() async throws {
        try await run { _, port in
            #expect(try await MetricsClient.get("/healthz", port: port).status == 200)
            #expect(try await MetricsClient.get("/readyz", port: port).status == 200)
            #expect(try await MetricsClient.get("/", port: port).status == 404)
            let head = try await MetricsClient.ask("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", port: port)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect((head.header("Content-Length").flatMap { Int($0) } ?? 0) > 1000)
            let post = try await MetricsClient.ask(
                "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", port: port)
            #expect(post.status == 405)
            #expect(post.header("Allow") == "GET, HEAD")
        }
    }

    @Test(
        "closes on what is no request or too large a one",
        arguments: [
            "EHLO client.test\r\n", "GET /metrics\r\n\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n",
            "GET /metrics HTTP/1.1\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n",
            "GET /metrics HTTP/1.1\r\n\(String(repeating: "X: a\r\n", count: 100))\r\n",
        ])
    func malformed(_ request: String) async throws {
        try await run { _, port in
            let response = try await MetricsClient.ask(request, port: port)
            #expect(response.status == 400 || response.status == nil, "\(response)")
            #expect(try await MetricsClient.get("/healthz", port: port).status == 200)
        }
    }

    @Test("closes on a body that no GET has")
    func body() async throws {
        try await run { _, port in
            let response = try await MetricsClient.ask(
                "GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n\(String(repeating: "a", count: 50_000))",
                port: port)
            #expect(response.status == nil)
        }
    }

    @Test("takes sixteen connections at once, and the next when one has gone")
    func connections() async throws {
        try await run { _, port in
            var open: [any Channel] = []
            for _ in 0..<MetricsEndpoint.connectionLimit {
                open.append(
                    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
                        host: "127.0.0.1", port: port
                    ).get())
            }
            #expect(try await MetricsClient.get("/healthz", port: port).status == nil)
            try await open.removeLast().close()
            let end = ContinuousClock.now + .seconds(10)
            var status: Int?
            while status == nil, ContinuousClock.now < end {
                status = try await MetricsClient.get("/healthz", port: port).status
            }
            #expect(status == 200)
            for channel in open { try await channel.close() }
        }
    }

    @Test("closes a connection on which no request comes in time")
    func slow() async throws {
        let folder = try TemporaryFolder()
        try await TestServer.run(TestServer.yaml(sink: 1), in: folder) { _ in
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                            withPipeliningAssistance: false)
                        try channel.pipeline.syncOperations.addHandler(
                            MetricsHandler(
                                timeLimit: .milliseconds(200),
                                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                            ) { _ in .healthy })
                    }
                }.bind(host: "127.0.0.1", port: 0).get()
            let port = channel.localAddress?.port ?? 0
            #expect(try await MetricsClient.ask("GET /metrics HTTP/1.1\r\nHost: a\r\n", port: port).status == nil)
            #expect(try await MetricsClient.get("/metrics", port: port).status == 200)
            try await channel.close()
        }
    }

    @Test("that can't listen keeps the server from starting, by name")
    func inUse() async throws {
        let folder = try TemporaryFolder()
        let taken = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = taken.localAddress?.port ?? 0
        let yaml = TestServer.yaml(sink: 1, more: "metrics: {address: \"127.0.0.1:\(port)\"}")
        await #expect(throws: ServerError.self) { try await TestServer.run(yaml, in: folder) { _ in } }
        try await taken.close()
    }
}
