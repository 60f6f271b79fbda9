// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceDelivery
import SluiceQueue
import SluiceSMTP
import SluiceTesting
import Testing

@Suite("Delivery agent, against scripted servers", .timeLimit(.minutes(1)))
struct DeliveryAgentTests {
    typealias Step = ScriptedServer.Step

    private func agent(resolver: any SluiceCore.Resolver = ZoneResolver([:]), timeout: Duration = .seconds(20)) throws
        -> DeliveryAgent
    {
        DeliveryAgent(
            configuration: DeliveryAgent.Configuration(
                hostname: "relay.test", tls: .none, contexts: try ClientTLSContexts(),
                timeouts: ClientTimeouts(connect: .seconds(20), command: timeout), idleTime: .seconds(60)),
            resolver: resolver, group: MultiThreadedEventLoopGroup.singleton)
    }

    private func envelope(_ count: Int = 1) -> ClientEnvelope {
        ClientEnvelope(
            reversePath: .null,
            recipients: (0..<count).map { Mailbox(localPart: "r\($0)", domain: "example.test") })
    }

    private func hop(_ port: Int, _ host: String = "127.0.0.1") throws -> NextHop {
        .route(try #require(Route("smtp://\(host):\(port)")))
    }

    private let taken = RecipientOutcome.delivered(Reply(250, EnhancedStatusCode(2, 0, 0), "taken"))

    @Test("messages to one destination share a connection")
    func reuse() async throws {
        let server = try await ScriptedServer([ScriptedServer.polite(messages: 3)])
        let agent = try agent()
        for _ in 0..<3 {
            let outcome = await agent.deliver(
                envelope(), content: MemoryContent("x\r\n"), to: try hop(server.port))
            #expect(outcome.recipients == [taken])
            #expect(outcome.feedback == .answered)
            #expect(outcome.nextHops.first == "[127.0.0.1]:\(server.port)")
        }
        #expect(server.record.connections == 1)
        agent.closeIdle()
        try await server.stop()
    }

    @Test("a kept connection that the next hop has closed is replaced without an attempt being lost")
    func closedMeanwhile() async throws {
        let once = Array(ScriptedServer.polite().dropLast(3)) + [Step.expect("MAIL"), .close]
        let server = try await ScriptedServer([once, ScriptedServer.polite()])
        let agent = try agent()
        for _ in 0..<2 {
            let outcome = await agent.deliver(
                envelope(), content: MemoryContent("x\r\n"), to: try hop(server.port))
            #expect(outcome.recipients == [taken])
        }
        #expect(server.record.connections == 2)
        #expect(server.record.contents.count == 2)
        agent.closeIdle()
        try await server.stop()
    }

    @Test("where the first host is not there, the next one is tried")
    func nextHost() async throws {
        let server = try await ScriptedServer([ScriptedServer.polite()])
        // 127.0.0.2 has nobody listening at that port.
        let zone = ZoneResolver([
            "two.test": ["127.0.0.2", "127.0.0.1"].compactMap { IPAddress($0) }.map { .record(.a, .address($0)) }
        ])
        let outcome = await (try agent(resolver: zone)).deliver(
            envelope(), content: MemoryContent("x\r\n"), to: try hop(server.port, "two.test"))
        #expect(outcome.recipients == [taken])
        #expect(outcome.nextHops.first == "two.test[127.0.0.1]:\(server.port)")
        try await server.stop()
    }

    @Test("a greeting of 5yz means another host or another time, not a failure")
    func refusedGreeting() async throws {
        let server = try await ScriptedServer([[.send("554 not you\r\n"), .close]])
        let outcome = await (try agent()).deliver(
            envelope(2), content: MemoryContent("x\r\n"), to: try hop(server.port))
        let failure = DeliveryFailure.reply(Reply(554, nil, "not you"))
        #expect(outcome.recipients == [.deferred(failure), .deferred(failure)])
        #expect(outcome.feedback == .refused)
        try await server.stop()
    }

    @Test("what the DNS rules out fails without a connection")
    func nullMX() async throws {
        let zone = ZoneResolver(["null.test": [.record(.mx, .mailExchange(preference: 0, exchange: ""))]])
        let outcome = await (try agent(resolver: zone)).deliver(
            envelope(), content: MemoryContent("x\r\n"), to: .domain("null.test"))
        guard case .failed(let failure) = outcome.recipients.first else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.status == EnhancedStatusCode(5, 1, 10))
    }

    // MARK: Probes

    private func probe(_ script: [Step], timeout: Duration = .seconds(20)) async throws -> (
        RecipientAnswer?, RecipientAnswer?, ScriptedServer
    ) {
        let server = try await ScriptedServer([script, [.close]])
        let routes = RouteTable(domains: ["example.test": try #require(Route("smtp://127.0.0.1:\(server.port)"))])
        let probe = RecipientProbe(
            agent: try agent(timeout: timeout), routes: { routes },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let mailbox = Mailbox(localPart: "r", domain: "example.test")
        let first = await probe.answer(for: mailbox)
        let second = await probe.answer(for: mailbox)
        return (first, second, server)
    }

    private static let asked: [Step] = [
        .send("220 x\r\n"), .expect("EHLO"), .send("250 x\r\n"), .expect("MAIL FROM:<>"), .send("250 ok\r\n"),
        .expect("RCPT TO:<r@example.test>"),
    ]

    @Test("a connection takes a hundred questions, as it takes a hundred transactions; then another one does")
    func useLimit() async throws {
        let sink = try await Sink.start()
        let agent = try agent()
        let route = try #require(Route("smtp://127.0.0.1:\(sink.port)"))
        for number in 0..<250 {
            let mailbox = Mailbox(localPart: "r\(number)", domain: "example.test")
            guard case .accepted = await agent.probe(mailbox, at: .route(route)).outcome else {
                Issue.record("not answered: \(number)")
                break
            }
        }
        #expect(sink.connections == 3)
        agent.closeIdle()
        try await sink.stop()
    }

    @Test("yes and no are asked for once and remembered", arguments: [250, 550])
    func remembered(_ code: Int) async throws {
        let (first, second, server) = try await probe(Self.asked + [.send("\(code) x\r\n"), .silence])
        #expect(first == RecipientAnswer(exists: code == 250, reply: Reply(code, nil, "x")))
        #expect(second == first)
        #expect(server.record.connections == 1)
        #expect(!server.record.lines.contains { $0.hasPrefix("DATA") })
        try await server.stop()
    }

    @Test("neither yes nor no is no answer, and is not remembered", arguments: 0..<4)
    func unknown(_ index: Int) async throws {
        let scripts: [[Step]] = [
            Self.asked + [.send("450 later\r\n"), .close], Self.asked + [.silence], [.close],
            Array(Self.asked.dropLast(2)) + [.send("550 no null reverse-path\r\n"), .close],
        ]
        let (first, second, server) = try await probe(
            scripts[index], timeout: index == 1 ? .seconds(1) : .seconds(20))
        #expect(first == nil)
        #expect(second == nil)
        #expect(server.record.connections >= 2 || index == 1)
        try await server.stop()
    }

    @Test("a next hop that does not answer in time is no answer, and soon")
    func slowProbe() async throws {
        let server = try await ScriptedServer([Self.asked + [.silence]])
        let routes = RouteTable(domains: ["example.test": try #require(Route("smtp://127.0.0.1:\(server.port)"))])
        let probe = RecipientProbe(
            agent: try agent(timeout: .seconds(600)), routes: { routes },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, timeout: .milliseconds(300))
        #expect(await probe.answer(for: Mailbox(localPart: "r", domain: "example.test")) == nil)
        try await server.stop()
    }
}
