// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import SluiceCore
import SluiceDelivery
import SluiceQueue
import SluiceSMTP
import SluiceTesting
import Testing

@Suite("Delivery agent: hosts and transactions", .timeLimit(.minutes(1)))
struct TransactionTests {
    typealias Step = ScriptedServer.Step

    private static let hello: [Step] = [.send("220 x\r\n"), .expect("EHLO"), .send("250 x\r\n")]
    private static let taken: [Step] = [.expect("DATA"), .send("354 go\r\n"), .content, .send("250 taken\r\n")]
    private let body = "Subject: x\r\n\r\nbody\r\n"

    private func agent(
        _ entries: [String: [ZoneResolver.Entry]] = [:], tls: ClientTLSMode = .none, hostname: String = "relay.test"
    ) throws -> DeliveryAgent {
        DeliveryAgent(
            configuration: DeliveryAgent.Configuration(
                hostname: hostname, tls: tls, contexts: try ClientTLSContexts(),
                timeouts: ClientTimeouts(connect: .seconds(20), command: .seconds(20)), idleTime: .seconds(60)),
            resolver: ZoneResolver(entries), group: MultiThreadedEventLoopGroup.singleton)
    }

    private func envelope(_ names: [String], is8BitMIME: Bool = false, isInternationalized: Bool = false)
        -> ClientEnvelope
    {
        ClientEnvelope(
            reversePath: .null, recipients: names.map { Mailbox(localPart: $0, domain: "example.test") },
            is8BitMIME: is8BitMIME, isInternationalized: isInternationalized)
    }

    private func hop(_ port: Int, _ host: String = "127.0.0.1") throws -> NextHop {
        .route(try #require(Route("smtp://\(host):\(port)")))
    }

    private func codes(_ outcomes: [RecipientOutcome]) -> [Int] {
        outcomes.map { outcome in
            switch outcome {
            case .delivered(let reply), .deferred(.reply(let reply)), .failed(.reply(let reply)): reply.code
            case .deferred(.local): 4
            case .failed(.local): 5
            }
        }
    }

    private static func recipient(_ name: String, _ reply: String) -> [Step] {
        [.expect("RCPT TO:<\(name)@"), .send(reply + "\r\n")]
    }

    @Test(
        "where the next hop takes only so many recipients, the rest goes in the next transaction at once (RFC 5321 §4.5.3.1.10)",
        arguments: ["452 too many", "452 4.5.3 too many", "552 too many"])
    func surplus(_ refusal: String) async throws {
        var script = Self.hello + [.expect("MAIL"), .send("250 ok\r\n")]
        script += Self.recipient("a", "250 ok") + Self.recipient("b", "550 no b") + Self.recipient("c", "250 ok")
        script += Self.recipient("d", refusal) + Self.recipient("e", refusal) + Self.taken
        script += [.expect("MAIL"), .send("250 ok\r\n")]
        script += Self.recipient("d", "250 ok") + Self.recipient("e", refusal) + Self.taken
        script += [.expect("MAIL"), .send("250 ok\r\n")] + Self.recipient("e", "250 ok") + Self.taken + [.silence]
        let server = try await ScriptedServer([script])
        let agent = try agent()
        let outcome = await agent.deliver(
            envelope(["a", "b", "c", "d", "e"]), content: MemoryContent(body), to: try hop(server.port))
        #expect(codes(outcome.recipients) == [250, 550, 250, 250, 250])
        #expect(outcome.feedback == .answered)
        #expect(server.record.connections == 1)
        #expect(server.record.contents.count == 3)
        #expect(server.record.surprises == [])
        agent.closeIdle()
        try await server.stop()
    }

    @Test("a full mailbox, a full disk, and 452 before anyone was taken are not about the number of recipients")
    func noSurplus() async throws {
        var script = Self.hello + [.expect("MAIL"), .send("250 ok\r\n")]
        script += Self.recipient("z", "452 first") + Self.recipient("a", "250 ok")
        script += Self.recipient("b", "452 4.2.2 full") + Self.recipient("c", "452 4.3.1 disk")
        script += Self.recipient("d", "552 5.2.2 full") + Self.taken + [.silence]
        let server = try await ScriptedServer([script])
        let agent = try agent()
        let outcome = await agent.deliver(
            envelope(["z", "a", "b", "c", "d"]), content: MemoryContent(body), to: try hop(server.port))
        #expect(codes(outcome.recipients) == [452, 250, 452, 452, 552])
        guard case .failed = outcome.recipients[4] else {
            Issue.record("a full mailbox (552 5.2.2) is a permanent failure")
            return
        }
        #expect(server.record.contents.count == 1)
        agent.closeIdle()
        try await server.stop()
    }

    /// Two hosts of one name, at one port.
    private func pair(_ first: [Step], _ second: [Step]) async throws -> (ScriptedServer, ScriptedServer) {
        let one = try await ScriptedServer([first])
        return (one, try await ScriptedServer([second], host: "127.0.0.2", port: one.port))
    }

    private let two = [
        "two.test": ["127.0.0.1", "127.0.0.2"].compactMap { IPAddress($0) }.map {
            ZoneResolver.Entry.record(.a, .address($0))
        }
    ]

    @Test("whom the first host puts off before the content, the second is asked for; nobody gets two copies")
    func secondHost() async throws {
        let (one, second) = try await pair(
            Self.hello + [.expect("MAIL"), .send("250 ok\r\n")] + Self.recipient("a", "250 ok")
                + Self.recipient("b", "451 greylisted") + Self.taken + [.silence],
            Self.hello + [.expect("MAIL"), .send("250 ok\r\n")] + Self.recipient("b", "250 ok") + Self.taken
                + [.silence])
        let agent = try agent(two)
        let outcome = await agent.deliver(
            envelope(["a", "b"]), content: MemoryContent(body), to: try hop(one.port, "two.test"))
        #expect(codes(outcome.recipients) == [250, 250])
        #expect(
            outcome.nextHops == ["two.test[127.0.0.1]:\(one.port)", "two.test[127.0.0.2]:\(one.port)"])
        #expect(second.record.surprises == [])
        agent.closeIdle()
        try await one.stop()
        try await second.stop()
    }

    @Test("where the first host fell silent behind the dot, no other host is asked in the same attempt")
    func unknownOutcome() async throws {
        let (one, second) = try await pair(
            Self.hello + [.expect("MAIL"), .send("250 ok\r\n")] + Self.recipient("a", "250 ok")
                + [.expect("DATA"), .send("354 go\r\n"), .content, .close], [.close])
        let outcome = await (try agent(two)).deliver(
            envelope(["a"]), content: MemoryContent(body), to: try hop(one.port, "two.test"))
        #expect(codes(outcome.recipients) == [4])
        #expect(outcome.feedback == .strained)
        #expect(second.record.connections == 0)
        try await one.stop()
        try await second.stop()
    }

    @Test("what a host said of a recipient stands, though another host is not there")
    func wordsStand() async throws {
        let server = try await ScriptedServer([
            Self.hello + [.expect("MAIL"), .send("250 ok\r\n")] + Self.recipient("a", "451 greylisted") + [.silence]
        ])
        let agent = try agent(two)
        let outcome = await agent.deliver(
            envelope(["a"]), content: MemoryContent(body), to: try hop(server.port, "two.test"))
        #expect(codes(outcome.recipients) == [451])
        #expect(outcome.nextHops == ["two.test[127.0.0.1]:\(server.port)"])
        agent.closeIdle()
        try await server.stop()
    }

    @Test("destinations with the same host share a connection; another TLS mode does not")
    func shared() async throws {
        let server = try await ScriptedServer([ScriptedServer.polite(messages: 3)])
        let agent = try agent()
        let same = RouteTable(
            domains: ["a.test": try #require(Route("smtp://127.0.0.1:\(server.port)"))],
            domainPolicies: ["a.test": DestinationPolicy(connections: 3)])
        let nextHops = [try hop(server.port), same.nextHop(for: Mailbox(localPart: "x", domain: "a.test"))]
        for nextHop in nextHops {
            _ = await agent.deliver(envelope(["a"]), content: MemoryContent(body), to: nextHop)
        }
        #expect(server.record.connections == 1)
        #expect(server.record.contents.count == 2)
        let other = await agent.deliver(
            envelope(["a"]), content: MemoryContent(body), to: try hop(server.port),
            policy: DestinationPolicy(tls: .required))
        #expect(server.record.connections == 2)
        guard case .deferred(.local(let status, _)) = other.recipients.first else {
            Issue.record("delivered without TLS")
            return
        }
        #expect(status == EnhancedStatusCode(4, 7, 4))
        agent.closeIdle()
        try await server.stop()
    }

    @Test(
        "8-bit content does not go where 8BITMIME is not offered (RFC 6152 §3)",
        arguments: [
            (["SIZE"], "gr\u{FC}n", 5), (["SIZE"], "green", 250), (["8BITMIME"], "gr\u{FC}n", 250),
        ])
    func eightBit(_ extensions: [String], _ word: String, _ code: Int) async throws {
        let server = try await ScriptedServer([ScriptedServer.polite(extensions: extensions)])
        let agent = try agent()
        let outcome = await agent.deliver(
            envelope(["a"], is8BitMIME: true), content: MemoryContent("Subject: x\r\n\r\n\(word)\r\n"),
            to: try hop(server.port))
        #expect(codes(outcome.recipients) == [code])
        if case .failed(let failure) = outcome.recipients[0] {
            #expect(failure.status == EnhancedStatusCode(5, 6, 3))
        }
        #expect(server.record.contents.count == (code == 250 ? 1 : 0))
        agent.closeIdle()
        try await server.stop()
    }

    @Test(
        "an internationalized header section does not go where SMTPUTF8 is not offered (RFC 6531 §3.4)",
        arguments: [
            (["8BITMIME"], "gr\u{FC}n", 5), (["8BITMIME"], "green", 250), (["8BITMIME", "SMTPUTF8"], "gr\u{FC}n", 250),
        ])
    func internationalized(_ extensions: [String], _ word: String, _ code: Int) async throws {
        let server = try await ScriptedServer([ScriptedServer.polite(extensions: extensions)])
        let agent = try agent()
        let outcome = await agent.deliver(
            envelope(["a"], isInternationalized: true), content: MemoryContent("Subject: \(word)\r\n\r\nx\r\n"),
            to: try hop(server.port))
        #expect(codes(outcome.recipients) == [code])
        if case .failed(let failure) = outcome.recipients[0] {
            #expect(failure.status == EnhancedStatusCode(5, 6, 7))
        }
        agent.closeIdle()
        try await server.stop()
    }

    @Test("smuggling: whatever stands around a dot, one message is sent, with whole line ends", arguments: 0..<25)
    func smuggling(_ number: Int) async throws {
        let separators = ["\r", "\n", "\r\n", "\r\r\n", "\u{0}"]
        let smuggled = "MAIL FROM:<x@y.test>\r\nRCPT TO:<z@y.test>\r\nDATA\r\nSubject: smuggled\r\n"
        let content = "Subject: a\r\n\r\nbody\(separators[number / 5]).\(separators[number % 5])\(smuggled)"
        let server = try await ScriptedServer([ScriptedServer.polite()])
        let agent = try agent()
        let edited = try await EditedContent.make(
            MemoryContent(content), edits: [.addField(name: "X-Added", value: "1", position: 0)])
        let outcome = await agent.deliver(envelope(["a"]), content: edited, to: try hop(server.port))
        #expect(codes(outcome.recipients) == [250])
        let sent = Array(try #require(server.record.contents.first).readableBytesView)
        #expect(server.record.contents.count == 1 && server.record.surprises == [])
        for index in sent.indices {
            if sent[index] == 0x0D { #expect(index + 1 < sent.count && sent[index + 1] == 0x0A) }
            if sent[index] == 0x0A { #expect(index > 0 && sent[index - 1] == 0x0D) }
        }
        #expect(!sent.contains(0))
        // For those who read a bare LF as a line's end, too: there is one lone dot, at the end.
        let lines = sent.split(separator: 0x0A, omittingEmptySubsequences: false).map { $0.filter { $0 != 0x0D } }
        #expect(lines.filter { $0 == [0x2E] }.count == 1 && lines.dropLast().last == [0x2E])
        agent.closeIdle()
        try await server.stop()
    }
}
