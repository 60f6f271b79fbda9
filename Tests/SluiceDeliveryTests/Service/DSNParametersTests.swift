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

@Suite("What the sender asks of notifications (RFC 3461)", .timeLimit(.minutes(1)))
struct DSNParametersTests {
    private let sender = Mailbox(localPart: "author", domain: "sender.test")

    /// A queue with one message, and what delivers it.
    private struct Relay: Sendable {
        let queue: MailQueue
        let service: DeliveryService
        let history = RecordedHistory()

        init(_ routes: [String: Route], warn: Duration = .zero) throws {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            queue = try MailQueue.open(
                directory: "/state", storage: SimulatedDisk(), time: SystemTime(), recorder: history, logger: logger)
            let agent = DeliveryAgent(
                configuration: DeliveryAgent.Configuration(
                    hostname: "relay.test", tls: .none, contexts: try ClientTLSContexts()),
                resolver: ZoneResolver([:]), group: MultiThreadedEventLoopGroup.singleton)
            let counter = Mutex(0)
            service = DeliveryService(
                queue: queue, agent: agent, routes: RouteTable(domains: routes),
                configuration: DeliveryService.Configuration(
                    hostname: "relay.test",
                    backoff: Backoff(
                        firstRetry: .milliseconds(20), maxRetry: .milliseconds(50), expire: .seconds(3600), warn: warn)
                ),
                logger: logger,
                makeID: { _ in
                    counter.withLock {
                        $0 += 1
                        return "dsn\($0)"
                    }
                })
        }

        /// Delivers a message until a condition holds.
        func run(
            _ recipients: [(String, RecipientDSNParameters)], from reversePath: ReversePath,
            _ dsn: DSNParameters = DSNParameters(), until condition: @escaping @Sendable () async throws -> Bool
        ) async throws {
            var asked = dsn
            let mailboxes = recipients.map { Mailbox(localPart: $0.0, domain: "next.test") }
            for (mailbox, recipient) in zip(mailboxes, recipients) { asked[mailbox] = recipient.1 }
            let record = DecisionRecord(
                id: "m1", time: SystemTime().now, listener: "test", client: ClientInfo(address: .unspecified),
                reversePath: reversePath, recipients: [], disposition: .deliver, reply: Reply(250, nil, "ok"))
            let item = NewItem(
                reversePath: reversePath, recipients: mailboxes.map { NewRecipient($0) },
                dsn: asked.only(mailboxes))
            _ = try await queue.commit(
                Submission(
                    messageID: "m1", content: .memory(ByteBuffer(string: "Subject: x\r\n\r\nbody\r\n")), items: [item],
                    record: record))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await service.run() }
                let end = ContinuousClock.now + .seconds(20)
                while try await !condition(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
                service.stop()
                try await group.waitForAll()
            }
            await queue.close()
        }
    }

    private func routes(_ next: Sink, _ notices: Sink, _ kind: String = "smtp") throws -> [String: Route] {
        [
            "next.test": try #require(Route("\(kind)://127.0.0.1:\(next.port)")),
            "sender.test": try #require(Route("smtp://127.0.0.1:\(notices.port)")),
        ]
    }

    private func refusing() async throws -> Sink {
        try await Sink.start(SinkScript { if case .recipient = $0 { .reply("550 5.1.1 no such user") } else { nil } })
    }

    @Test("of those who fail only they are told of whose NOTIFY has FAILURE, or who have none; the step says why")
    func failure() async throws {
        let (next, notices) = (try await refusing(), try await Sink.start())
        let relay = try Relay(try routes(next, notices))
        try await relay.run(
            [
                ("never", .init(notify: [])), ("success", .init(notify: [.success])), ("usual", .init()),
                ("failure", .init(notify: [.failure], originalRecipient: "rfc822;old@x.test")),
            ], from: .mailbox(sender), DSNParameters(returned: .headers, envelopeID: "e1")
        ) { relay.queue.items().isEmpty }
        #expect(notices.messages.count == 1)
        let notice = try #require(notices.messages.first)
        for (name, isTold) in [("never", false), ("success", false), ("usual", true), ("failure", true)] {
            #expect(notice.content.contains("Final-Recipient: rfc822; \(name)@next.test\r\n") == isTold, "\(name)")
        }
        #expect(notice.content.contains("Original-Recipient: rfc822; old@x.test\r\n"))
        #expect(notice.content.contains("Original-Envelope-Id: e1\r\n") && !notice.content.contains("body\r\n"))
        let bounced = relay.history.steps.filter { $0.state == .bounced }
        #expect(bounced.count == 4)
        #expect(bounced.first { $0.address.localPart == "never" }?.why.contains("no notice (NOTIFY=NEVER)") == true)
        for sink in [next, notices] { try await sink.stop() }
    }

    @Test("where all want silence there is no notice at all, and the message has left the queue")
    func never() async throws {
        let (next, notices) = (try await refusing(), try await Sink.start())
        let relay = try Relay(try routes(next, notices))
        try await relay.run([("a", .init(notify: [])), ("b", .init(notify: [.delay]))], from: .mailbox(sender)) {
            relay.queue.items().isEmpty
        }
        #expect(notices.messages.isEmpty && next.messages.isEmpty && relay.queue.items().isEmpty)
        for sink in [next, notices] { try await sink.stop() }
    }

    @Test("RET=FULL has the message back with a failure")
    func full() async throws {
        let (next, notices) = (try await refusing(), try await Sink.start())
        let relay = try Relay(try routes(next, notices))
        try await relay.run([("a", .init())], from: .mailbox(sender), DSNParameters(returned: .full)) {
            !notices.messages.isEmpty && relay.queue.items().isEmpty
        }
        #expect(notices.messages.first?.content.contains("message/rfc822\r\n\r\nSubject: x\r\n\r\nbody\r\n") == true)
        for sink in [next, notices] { try await sink.stop() }
    }

    @Test("delay is told only of those whose NOTIFY has DELAY, or who have none")
    func delay() async throws {
        let busy = try await Sink.start(
            SinkScript { if case .recipient = $0 { .reply("451 4.7.1 greylisted") } else { nil } })
        let notices = try await Sink.start()
        let relay = try Relay(try routes(busy, notices), warn: .milliseconds(100))
        try await relay.run(
            [("never", .init(notify: [])), ("failure", .init(notify: [.failure])), ("usual", .init())],
            from: .mailbox(sender)
        ) { !notices.messages.isEmpty }
        let notice = try #require(notices.messages.first)
        #expect(notice.content.contains("usual@next.test"))
        #expect(!notice.content.contains("never@next.test") && !notice.content.contains("failure@next.test"))
        for sink in [busy, notices] { try await sink.stop() }
    }

    @Test(
        "success is told where it was asked for, unless the next hop takes that over: relayed, or delivered over LMTP",
        arguments: [("smtp", false, "relayed"), ("smtp", true, nil), ("lmtp", false, "delivered"), ("lmtp", true, nil)]
            as [(String, Bool, String?)])
    func success(kind: String, offersDSN: Bool, word: String?) async throws {
        let next = try await Sink.start(
            SinkScript(keywords: offersDSN ? ["DSN"] : ["PIPELINING"], isLMTP: kind == "lmtp"))
        let notices = try await Sink.start()
        let relay = try Relay(try routes(next, notices, kind))
        try await relay.run(
            [("yes", .init(notify: [.success])), ("usual", .init())], from: .mailbox(sender),
            DSNParameters(returned: .full)
        ) { relay.queue.items().isEmpty }
        #expect(next.messages.count == 1 && notices.messages.count == (word == nil ? 0 : 1))
        if let word {
            let notice = try #require(notices.messages.first)
            #expect(notice.reversePath == "" && notice.content.contains("Action: \(word)\r\nStatus: 2.0.0\r\n"))
            #expect(notice.content.contains("yes@next.test") && !notice.content.contains("usual@next.test"))
            #expect(!notice.content.contains("body\r\n"))
        } else {
            #expect(next.commands.contains("RCPT TO:<yes@next.test> NOTIFY=SUCCESS"))
        }
        for sink in [next, notices] { try await sink.stop() }
    }

    @Test("the null reverse-path is told of nothing, whatever was asked for")
    func nullReversePath() async throws {
        let (next, notices) = (try await Sink.start(), try await Sink.start())
        let relay = try Relay(try routes(next, notices))
        try await relay.run([("yes", .init(notify: [.success]))], from: .null) { relay.queue.items().isEmpty }
        #expect(next.messages.count == 1 && notices.messages.isEmpty)
        for sink in [next, notices] { try await sink.stop() }
    }
}
