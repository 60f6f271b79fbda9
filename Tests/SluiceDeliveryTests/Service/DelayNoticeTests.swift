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

@Suite("Notices of delay", .timeLimit(.minutes(1)))
struct DelayNoticeTests {
    private let sender = Mailbox(localPart: "author", domain: "sender.test")

    private struct Relay: Sendable {
        let queue: MailQueue
        let service: DeliveryService
        let history = RecordedHistory()

        init(disk: SimulatedDisk, routes: [String: Route], expire: Duration = .seconds(3600)) throws {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            queue = try MailQueue.open(
                directory: "/state", storage: disk, time: SystemTime(), recorder: history, logger: logger)
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
                        firstRetry: .milliseconds(20), maxRetry: .milliseconds(50), expire: expire,
                        warn: .milliseconds(150)),
                    sign: { _, id, _ in [.addField(name: "X-Signed", value: id, position: 0)] }),
                logger: logger,
                makeID: { _ in
                    counter.withLock {
                        $0 += 1
                        return "dsn\($0)"
                    }
                })
        }

        func accept(_ recipients: [String], from reversePath: ReversePath) async throws {
            let record = DecisionRecord(
                id: "m1", time: SystemTime().now, listener: "test", client: ClientInfo(address: .unspecified),
                reversePath: reversePath, recipients: [], disposition: .deliver, reply: Reply(250, nil, "ok"))
            _ = try await queue.commit(
                Submission(
                    messageID: "m1", content: .memory(ByteBuffer(string: "Subject: slow\r\n\r\nbody\r\n")),
                    items: [
                        NewItem(
                            reversePath: reversePath,
                            recipients: recipients.map { NewRecipient(Mailbox(localPart: $0, domain: "busy.test")) })
                    ],
                    record: record))
        }

        func run(until condition: @escaping @Sendable () async throws -> Bool) async throws {
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

    private func routes(_ busy: Sink, _ notices: Sink) throws -> [String: Route] {
        [
            "busy.test": try #require(Route("smtp://127.0.0.1:\(busy.port)")),
            "sender.test": try #require(Route("smtp://127.0.0.1:\(notices.port)")),
        ]
    }

    private func busy() async throws -> Sink {
        try await Sink.start(
            SinkScript { if case .recipient = $0 { .reply("451 4.7.1 greylisted") } else { nil } })
    }

    @Test("an item that waits is told of once, with all its recipients, signed, and never again after a restart")
    func once() async throws {
        let disk = SimulatedDisk()
        let (busy, notices) = (try await busy(), try await Sink.start())
        let first = try Relay(disk: disk, routes: try routes(busy, notices))
        try await first.accept(["a", "b"], from: .mailbox(sender))
        let start = ContinuousClock.now
        try await first.run { !notices.messages.isEmpty && ContinuousClock.now - start > .milliseconds(500) }
        // The second finds it long past its time, and that the sender knows.
        let second = try Relay(disk: disk, routes: try routes(busy, notices))
        let again = ContinuousClock.now
        let attempts = busy.commands.count
        try await second.run { busy.commands.count > attempts + 4 && ContinuousClock.now - again > .milliseconds(400) }
        #expect(notices.messages.count == 1)
        let notice = try #require(notices.messages.first)
        #expect(notice.reversePath == "" && notice.recipients == ["author@sender.test"])
        #expect(notice.field("X-Signed") == "dsn1")
        for name in ["a", "b"] { #expect(notice.content.contains("Final-Recipient: rfc822; \(name)@busy.test\r\n")) }
        #expect(notice.content.contains("Action: delayed") && notice.content.contains("451 4.7.1 greylisted"))
        let told = first.history.steps.filter { $0.why == "delayed; the sender was told" }
        #expect(told.map(\.address.localPart).sorted() == ["a", "b"])
        #expect(told.allSatisfy { $0.state == .queued })
        try await busy.stop()
        try await notices.stop()
    }

    @Test("what has the null reverse-path is never told of, nor what has left in time")
    func never() async throws {
        let (busy, notices) = (try await busy(), try await Sink.start())
        let relay = try Relay(disk: SimulatedDisk(), routes: try routes(busy, notices))
        try await relay.accept(["a"], from: .null)
        let start = ContinuousClock.now
        try await relay.run { ContinuousClock.now - start > .milliseconds(500) }
        #expect(notices.messages.isEmpty)
        #expect(!relay.history.steps.contains { $0.why.contains("told") })
        let fine = try Relay(disk: SimulatedDisk(), routes: try routes(notices, notices))
        try await fine.accept(["a"], from: .mailbox(sender))
        let again = ContinuousClock.now
        try await fine.run { ContinuousClock.now - again > .milliseconds(300) }
        #expect(notices.messages.map(\.recipients) == [["a@busy.test"]])
        try await busy.stop()
        try await notices.stop()
    }

    @Test("a notice of delay does not take the place of the bounce")
    func bounced() async throws {
        let (busy, notices) = (try await busy(), try await Sink.start())
        let relay = try Relay(
            disk: SimulatedDisk(), routes: try routes(busy, notices), expire: .milliseconds(600))
        try await relay.accept(["a"], from: .mailbox(sender))
        try await relay.run { notices.messages.count == 2 && relay.queue.items().isEmpty }
        #expect(notices.messages.map { $0.content.contains("Action: delayed") } == [true, false])
        #expect(notices.messages.last?.content.contains("Action: failed") == true)
        try await busy.stop()
        try await notices.stop()
    }
}
