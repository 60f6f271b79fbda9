// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceQueue
import SluiceSMTP
import SluiceTesting
import Synchronization

@testable import SluiceDelivery

/// A relay with a queue on a simulated disk, one message to each of many next hops, and a sender that takes notices.
struct BadHopRun: Sendable {
    let queue: MailQueue
    let history: RecordedHistory
    let hops: [BadHop]
    let notices: Sink
    let bystander: Sink
    private let service: DeliveryService

    static let content = "Subject: x\r\n\r\n.a dot\r\n..two\r\nbody\r\n"

    init(_ hops: [BadHop], timeout: Duration = .seconds(2)) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.hops = hops
        history = RecordedHistory()
        queue = try MailQueue.open(
            directory: "/state", storage: SimulatedDisk(), time: SystemTime(), recorder: history, logger: logger)
        notices = try await Sink.start()
        bystander = try await Sink.start()
        var domains = [
            "sender.test": Route("smtp://127.0.0.1:\(notices.port)"),
            "good.test": Route("smtp://127.0.0.1:\(bystander.port)"),
        ]
        for hop in hops { domains[hop.name] = Route(hop.route) }
        let agent = DeliveryAgent(
            configuration: DeliveryAgent.Configuration(
                hostname: "relay.test", tls: .opportunistic, contexts: try ClientTLSContexts(),
                timeouts: ClientTimeouts(connect: .seconds(5), command: timeout, finalReply: timeout)),
            resolver: ZoneResolver([:]), group: MultiThreadedEventLoopGroup.singleton)
        let ids = IDs()
        service = DeliveryService(
            queue: queue, agent: agent, routes: RouteTable(domains: domains.compactMapValues { $0 }),
            configuration: DeliveryService.Configuration(
                hostname: "relay.test",
                backoff: Backoff(
                    firstRetry: .milliseconds(40), maxRetry: .milliseconds(80), expire: .seconds(3600))),
            logger: logger, makeID: { _ in ids.next() })
    }

    private final class IDs: Sendable {
        private let counter = Mutex(0)

        func next() -> String {
            counter.withLock {
                $0 += 1
                return "dsn\($0)"
            }
        }
    }

    /// Sends one message to `count` recipients at each hop, and to one with a good next hop.
    ///
    /// - Returns: whether the queue was empty within the time.
    func run(recipients count: Int, within time: Duration = .seconds(40)) async throws -> Bool {
        for hop in hops { try await accept((0..<count).map { "r\($0)@\(hop.name)" } + ["ok@good.test"], hop.name) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            let end = ContinuousClock.now + time
            while !queue.items().isEmpty, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
            service.stop()
            try await group.waitForAll()
        }
        let isEmpty = queue.items().isEmpty
        await queue.close()
        try await notices.stop()
        try await bystander.stop()
        for hop in hops { try await hop.sink.stop() }
        return isEmpty
    }

    private func accept(_ recipients: [String], _ id: String) async throws {
        let sender = ReversePath.mailbox(Mailbox(localPart: "author", domain: "sender.test"))
        let record = DecisionRecord(
            id: id, time: SystemTime().now, listener: "test", client: ClientInfo(address: .unspecified),
            reversePath: sender, recipients: [], disposition: .deliver, reply: Reply(250, nil, "ok"))
        _ = try await queue.commit(
            Submission(
                messageID: id, content: .memory(ByteBuffer(string: Self.content)),
                items: [
                    NewItem(
                        reversePath: sender, recipients: recipients.compactMap { Mailbox($0) }.map { NewRecipient($0) })
                ],
                record: record))
    }

    /// What is wrong with what became of a hop's recipients: nothing, if each got one copy or one bounce, and a second
    /// copy only where no well-formed reply to the final dot was read.
    func problems(of hop: BadHop, recipients count: Int) -> [String] {
        var problems: [String] = []
        let notices = notices.messages.map(\.content)
        for number in 0..<count {
            let address = "r\(number)@\(hop.name)"
            let steps = history.steps.filter { $0.address.written == address }
            let ends = steps.map(\.state).filter(\.isFinal)
            let replies = hop.copies.filter { $0.recipient == address }.map(\.reply)
            let told = notices.filter { $0.contains("Final-Recipient: rfc822; \(address)\r\n") }.count
            if ends.count != 1 { problems.append("\(address) has \(ends.count) ends") }
            let taken = replies.filter { $0 == 2 }.count
            // A machine that is too busy reads a reply too late: the one reason for a second copy, as it stands in the record.
            let unread = steps.filter { $0.why.contains("while waiting for the reply to the final dot") }.count
            switch ends.first {
            case .delivered:
                if taken < 1 || taken > 1 + unread {
                    problems.append("\(address) was delivered, with \(taken) copies taken")
                }
                if told != 0 { problems.append("\(address) was delivered and bounced") }
                if replies.last != .some(2) { problems.append("\(address) was sent again after it was taken") }
            case .bounced:
                if taken > unread { problems.append("\(address) was bounced and delivered") }
                if told != 1 { problems.append("\(address) was bounced with \(told) notices") }
            default: problems.append("\(address) ended as \(String(describing: ends.first))")
            }
            if replies.dropLast().contains(5) { problems.append("\(address) was sent again after it was refused") }
        }
        for message in hop.sink.messages where message.content != Self.content {
            problems.append("\(hop.name) got other content")
        }
        return problems
    }
}
