// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceDelivery
import SluiceQueue
import SluiceSMTP
import SluiceTesting
import Synchronization
import Testing

@Suite("Delivery service, from the queue to a scripted server", .timeLimit(.minutes(1)))
struct DeliveryServiceTests {
    typealias Step = ScriptedServer.Step

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let hello: [Step] = [.send("220 x\r\n"), .expect("EHLO"), .send("250 x\r\n")]
    private let sender = Mailbox(localPart: "author", domain: "sender.test")

    /// A queue on a simulated disk and what delivers from it.
    private struct Relay: Sendable {
        let queue: MailQueue
        let history: RecordedHistory
        let service: DeliveryService

        init(port: Int, disk: SimulatedDisk = SimulatedDisk(), backoff: Backoff) throws {
            history = RecordedHistory()
            queue = try MailQueue.open(
                directory: "/state", storage: disk, time: SystemTime(), recorder: history, logger: logger)
            let agent = DeliveryAgent(
                configuration: DeliveryAgent.Configuration(
                    hostname: "relay.test", tls: .none, contexts: try ClientTLSContexts(),
                    timeouts: ClientTimeouts(connect: .seconds(2), command: .seconds(5))),
                resolver: ZoneResolver([:]), group: MultiThreadedEventLoopGroup.singleton)
            let counter = Counter()
            service = DeliveryService(
                queue: queue, agent: agent,
                routes: RouteTable(domains: [:], defaultRoute: Route("smtp://127.0.0.1:\(port)")),
                configuration: DeliveryService.Configuration(hostname: "relay.test", backoff: backoff),
                logger: logger, makeID: { _ in "dsn\(counter.next())" })
        }

        func accept(_ recipients: [String], from reversePath: ReversePath) async throws -> QueueID {
            let record = DecisionRecord(
                id: "m1", time: SystemTime().now, listener: "test", client: ClientInfo(address: .unspecified),
                reversePath: reversePath, recipients: [], disposition: .deliver, reply: Reply(250, nil, "ok"))
            return try await queue.commit(
                Submission(
                    messageID: "m1", content: .memory(ByteBuffer(string: "Subject: x\r\n\r\nbody\r\n")),
                    items: [
                        NewItem(
                            reversePath: reversePath,
                            recipients: recipients.map { NewRecipient(Mailbox(localPart: $0, domain: "next.test")) },
                            edits: [.addField(name: "X-Added", value: "1", position: 0)])
                    ],
                    record: record))[0]
        }

        /// Runs the service until a condition holds, then stops it gracefully.
        func run(until condition: @escaping @Sendable () async throws -> Bool) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await service.run() }
                let end = ContinuousClock.now + .seconds(20)
                while try await !condition(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
                service.stop()
                try await group.waitForAll()
            }
        }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }

    private let fast = Backoff(firstRetry: .milliseconds(50), maxRetry: .milliseconds(100), expire: .seconds(3600))

    @Test("what is in the queue at start and what comes later is delivered with its edits, and leaves the queue")
    func delivers() async throws {
        let server = try await ScriptedServer([ScriptedServer.polite(messages: 5)])
        let relay = try Relay(port: server.port, backoff: fast)
        _ = try await relay.accept(["a"], from: .mailbox(sender))
        let sender = sender
        try await relay.run {
            guard relay.queue.items().isEmpty else { return false }
            if server.record.contents.count == 1 { _ = try await relay.accept(["b"], from: .mailbox(sender)) }
            return server.record.contents.count == 2
        }
        #expect(
            server.record.contents.first.map { String(buffer: $0) } == "X-Added: 1\r\nSubject: x\r\n\r\nbody\r\n.\r\n")
        #expect(relay.queue.items().isEmpty)
        let delivered = relay.history.steps.filter { $0.state == .delivered }
        #expect(delivered.count >= 2)
        #expect(delivered.first?.reply == "250 2.0.0 taken")
        #expect(delivered.first?.nextHop == "[127.0.0.1]:\(server.port)")
        await relay.queue.close()
        try await server.stop()
    }

    @Test("a deferred recipient is tried again, one that was delivered is not")
    func retries() async throws {
        let first: [Step] =
            Self.hello + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT TO:<a@"), .send("250 ok\r\n"),
                .expect("RCPT TO:<b@"), .send("450 later\r\n"), .expect("DATA"), .send("354 go\r\n"), .content,
                .send("250 taken\r\n"), .close,
            ]
        let second: [Step] =
            Self.hello + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT TO:<b@"), .send("250 ok\r\n"), .expect("DATA"),
                .send("354 go\r\n"), .content, .send("250 taken\r\n"), .close,
            ]
        let server = try await ScriptedServer([first, second, [.close]])
        let relay = try Relay(port: server.port, backoff: fast)
        _ = try await relay.accept(["a", "b"], from: .mailbox(sender))
        try await relay.run { relay.queue.items().isEmpty }
        #expect(server.record.surprises == [])
        #expect(server.record.contents.count == 2)
        let steps = relay.history.steps.filter { $0.address.localPart == "b" }.map(\.state)
        #expect(steps == [.queued, .queued, .delivered])
        await relay.queue.close()
        try await server.stop()
    }

    @Test("a refused recipient is bounced, and the sender told, in one append")
    func bounces() async throws {
        let refused: [Step] =
            Self.hello + [
                .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("550 5.1.1 no such user\r\n"), .silence,
            ]
        let notice: [Step] =
            Self.hello + [
                .expect("MAIL FROM:<>"), .send("250 ok\r\n"), .expect("RCPT TO:<author@sender.test>"),
                .send("250 ok\r\n"), .expect("DATA"), .send("354 go\r\n"), .content, .send("250 taken\r\n"), .close,
            ]
        // The kept connection of the first is still open: the reset that comes over it is not expected there.
        let server = try await ScriptedServer([refused.dropLast() + [.close], notice])
        let relay = try Relay(port: server.port, backoff: fast)
        _ = try await relay.accept(["nobody"], from: .mailbox(sender))
        try await relay.run { relay.queue.items().isEmpty }
        let content = server.record.contents.first.map { String(buffer: $0) } ?? ""
        #expect(content.contains("Final-Recipient: rfc822; nobody@next.test"))
        #expect(content.contains("Diagnostic-Code: smtp; 550 5.1.1 no such user"))
        #expect(content.contains("\r\nSubject: x\r\n"))
        #expect(relay.history.steps.contains { $0.state == .bounced && $0.address.localPart == "nobody" })
        await relay.queue.close()
        try await server.stop()
    }

    @Test("what has a null reverse-path ends without a notice")
    func noNotice() async throws {
        let refused: [Step] = Self.hello + [.expect("MAIL"), .send("550 no\r\n"), .close]
        let server = try await ScriptedServer([refused])
        let relay = try Relay(port: server.port, backoff: fast)
        _ = try await relay.accept(["nobody"], from: .null)
        try await relay.run { relay.queue.items().isEmpty }
        try await Task.sleep(for: .milliseconds(50))
        #expect(relay.queue.items().isEmpty)
        #expect(server.record.contents.isEmpty)
        let last = relay.history.steps.last
        #expect(last?.state == .bounced)
        #expect(last?.why.contains("no notice") == true)
        await relay.queue.close()
        try await server.stop()
    }

    @Test("what expires is bounced with the last failure")
    func expires() async throws {
        let server = try await ScriptedServer([[.send("421 busy\r\n"), .close]])
        let relay = try Relay(
            port: server.port,
            backoff: Backoff(firstRetry: .milliseconds(20), maxRetry: .milliseconds(50), expire: .milliseconds(200)))
        _ = try await relay.accept(["a"], from: .null)
        try await relay.run { relay.queue.items().isEmpty }
        let last = relay.history.steps.last
        #expect(last?.state == .bounced)
        #expect(last?.why.contains("421 busy") == true)
        await relay.queue.close()
        try await server.stop()
    }

    @Test("a new service takes up what an old one left, with its attempts")
    func takesUp() async throws {
        let disk = SimulatedDisk()
        let busy = try await ScriptedServer([[.send("421 busy\r\n"), .close]])
        let slow = Backoff(firstRetry: .milliseconds(300), maxRetry: .milliseconds(300), expire: .seconds(3600))
        let first = try Relay(port: busy.port, disk: disk, backoff: slow)
        let id = try await first.accept(["a"], from: .mailbox(sender))
        try await first.run { first.queue.item(id)?.recipients[0].attempts == 1 }
        await first.queue.close()
        let server = try await ScriptedServer([ScriptedServer.polite()])
        let second = try Relay(port: server.port, disk: disk, backoff: slow)
        #expect(second.queue.item(id)?.recipients[0].attempts == 1)
        try await second.run { second.queue.items().isEmpty }
        #expect(server.record.contents.count == 1)
        await second.queue.close()
        try await busy.stop()
        try await server.stop()
    }

    @Test("what an operator holds is not tried until it is released; a flush does not wait")
    func holdAndFlush() async throws {
        let server = try await ScriptedServer([[.send("421 busy\r\n"), .close], ScriptedServer.polite()])
        let relay = try Relay(port: server.port, backoff: Backoff())
        let id = try await relay.accept(["a"], from: .mailbox(sender))
        let wasHeld = Mutex(false)
        try await relay.run {
            guard let state = relay.queue.item(id)?.recipients[0].state else { return true }
            guard case .queued(1, _) = state, !wasHeld.withLock({ $0 }) else { return false }
            wasHeld.withLock { $0 = true }
            func apply(_ state: RecipientState) async throws {
                try await relay.queue.apply([StateChange(item: id, recipient: 0, state: state, by: "operator")])
                relay.service.flush([id])
            }
            try await apply(.held)
            try await Task.sleep(for: .milliseconds(100))
            #expect(server.record.connections == 1)
            try await apply(.queued(attempts: 1, nextAttempt: SystemTime().now + .seconds(3600)))
            return false
        }
        #expect(server.record.contents.count == 1)
        await relay.queue.close()
        try await server.stop()
    }
}
