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

@Suite("Deliveries while somebody sets the clock", .timeLimit(.minutes(1)))
struct ClockJumpTests {
    private typealias Step = ScriptedServer.Step

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let day = Duration.seconds(86400)
    private static let hello: [Step] = [.send("220 x\r\n"), .expect("EHLO"), .send("250 x\r\n")]
    private static let later: [Step] =
        hello + [.expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("450 later\r\n"), .close]

    private var time = ManualTime()
    private let history = RecordedHistory()

    private func queue() throws -> MailQueue {
        try MailQueue.open(
            directory: "/state", storage: SimulatedDisk(), time: time, recorder: history, logger: Self.logger)
    }

    private func accept(_ queue: MailQueue) async throws -> QueueID {
        let record = DecisionRecord(
            id: "m1", time: time.now, listener: "test", client: ClientInfo(address: .unspecified),
            reversePath: .null, recipients: [], disposition: .deliver, reply: Reply(250, nil, "ok"))
        return try await queue.commit(
            Submission(
                messageID: "m1", content: .memory(ByteBuffer(string: "Subject: x\r\n\r\nbody\r\n")),
                items: [
                    NewItem(
                        reversePath: .null,
                        recipients: [NewRecipient(Mailbox(localPart: "a", domain: "next.test"))])
                ],
                record: record))[0]
    }

    /// Delivers until nothing is left, or it takes too long; `look` is called again and again meanwhile.
    private func deliver(
        _ queue: MailQueue, to server: ScriptedServer, look: @escaping @Sendable () -> Void = {}
    ) async throws {
        let agent = DeliveryAgent(
            configuration: DeliveryAgent.Configuration(
                hostname: "relay.test", tls: .none, contexts: try ClientTLSContexts(),
                timeouts: ClientTimeouts(connect: .seconds(2), command: .seconds(5))),
            resolver: ZoneResolver([:]), group: MultiThreadedEventLoopGroup.singleton)
        let service = DeliveryService(
            queue: queue, agent: agent,
            routes: RouteTable(domains: [:], defaultRoute: Route("smtp://127.0.0.1:\(server.port)")),
            configuration: DeliveryService.Configuration(
                hostname: "relay.test",
                backoff: Backoff(firstRetry: .milliseconds(200), maxRetry: .milliseconds(200), expire: .seconds(3600))),
            time: time, logger: Self.logger, makeID: { _ in "dsn" })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            let end = ContinuousClock.now + .seconds(10)
            while !queue.items().isEmpty, ContinuousClock.now < end {
                look()
                try await Task.sleep(for: .milliseconds(5))
            }
            service.stop()
            try await group.waitForAll()
        }
        await queue.close()
        try await server.stop()
    }

    @Test("a day back or forward, what was deferred is tried again in its time, and does not expire")
    func deferred() async throws {
        for jump in [-86400, 86400] {
            let server = try await ScriptedServer([Self.later, Self.later, ScriptedServer.polite(messages: 1)])
            let time = ManualTime()
            let jumps = ClockJumpTests(time: time)
            let queue = try jumps.queue()
            _ = try await jumps.accept(queue)
            let begin = time.now
            try await jumps.deliver(queue, to: server) { [history = jumps.history] in
                // Once, when it was deferred.
                if history.steps.count == 2, time.now == begin { time.advance(by: .seconds(jump)) }
            }
            #expect(time.now != begin)
            let states = jumps.history.steps.map(\.state)
            #expect(states == [.queued, .queued, .queued, .delivered], "set by \(jump) s")
            // What is written down goes by the clock.
            let due = jumps.history.steps.compactMap(\.nextAttempt).last
            #expect(due.map { $0 - time.now < .seconds(1) && time.now - $0 < .seconds(11) } == true)
        }
    }

    @Test("what was to be tried a day from now, by a clock that was wrong, is tried when the next process starts")
    func writtenAhead() async throws {
        let server = try await ScriptedServer([ScriptedServer.polite(messages: 1)])
        let queue = try queue()
        let id = try await accept(queue)
        let change = StateChange(
            item: id, recipient: 0, state: .queued(attempts: 1, nextAttempt: time.now + Self.day), by: "delivery")
        try await queue.apply([change])
        try await deliver(queue, to: server)
        #expect(history.steps.last?.state == .delivered)
    }

    private init(time: ManualTime) { self.time = time }
    init() {}

    @Test("what was held and released after the clock was set forward does not expire before its time")
    func heldAndReleased() async throws {
        let server = try await ScriptedServer([Self.later, Self.later, ScriptedServer.polite(messages: 1)])
        let queue = try queue()
        let id = try await accept(queue)
        let begin = time.now
        try await deliver(queue, to: server) { [time, history] in
            guard history.steps.count == 2, time.now == begin else { return }
            time.advance(by: Self.day)
            Task {
                try await queue.apply([StateChange(item: id, recipient: 0, state: .held, by: "operator")])
                try await queue.apply([
                    StateChange(
                        item: id, recipient: 0, state: .queued(attempts: 1, nextAttempt: time.now), by: "operator")
                ])
            }
        }
        #expect(history.steps.map(\.state) == [.queued, .queued, .held, .queued, .queued, .delivered])
    }
}
