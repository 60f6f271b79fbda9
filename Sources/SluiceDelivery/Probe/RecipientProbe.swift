// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore
import SluiceSMTP
import Synchronization

/// Asks the next hop whether a recipient exists, by MAIL and RCPT without a message, and remembers what it said.
package final class RecipientProbe: Sendable {
    private let agent: DeliveryAgent
    private let routes: @Sendable () -> RouteTable
    private let time: any TimeSource
    private let logger: Logger
    private let cache: Mutex<ProbeCache>
    private let active = Mutex(0)
    private let limit: Int
    private let timeout: Duration

    /// - Parameters:
    ///   - routes: those in force.
    ///   - limit: how many questions may be under way at once; past it there is no answer.
    ///   - timeout: how long one may take, as a client waits meanwhile.
    package init(
        agent: DeliveryAgent, routes: @escaping @Sendable () -> RouteTable, time: any TimeSource = SystemTime(),
        logger: Logger,
        cache: ProbeCache = ProbeCache(), limit: Int = 200,
        timeout: Duration = .seconds(30)
    ) {
        self.agent = agent
        self.routes = routes
        self.time = time
        self.logger = logger
        self.cache = Mutex(cache)
        self.limit = limit
        self.timeout = timeout
    }

    /// Whether the recipient exists.
    ///
    /// - Returns: `nil` where nothing is remembered and the next hop said neither yes nor no.
    package func answer(for mailbox: Mailbox) async -> RecipientAnswer? {
        let asked = time.now
        if let answer = cache.withLock({ $0.answer(for: mailbox, at: asked) }) { return answer }
        let mayAsk = active.withLock { active in
            guard active < limit else { return false }
            active += 1
            return true
        }
        guard mayAsk else {
            logger.warning("too many recipient probes at once", metadata: ["recipient": "\(mailbox)"])
            return nil
        }
        defer { active.withLock { $0 -= 1 } }
        let (outcome, nextHop) = await ask(mailbox)
        let answer: RecipientAnswer
        switch outcome {
        case .accepted(let reply): answer = RecipientAnswer(exists: true, reply: reply)
        case .refused(let reply): answer = RecipientAnswer(exists: false, reply: reply)
        case .unknown(let failure):
            logger.info(
                "the next hop did not say whether a recipient exists",
                metadata: [
                    "recipient": "\(mailbox)", "next_hop": "\(nextHop ?? "none")", "reason": "\(failure)",
                ])
            return nil
        }
        let answered = time.now
        cache.withLock { $0.remember(answer, for: mailbox, at: answered) }
        return answer
    }

    /// Asks, and gives up after the timeout: the cancelled question ends at once, as unknown.
    private func ask(_ mailbox: Mailbox) async -> (outcome: ProbeOutcome, nextHop: String?) {
        let routes = routes()
        let nextHop = routes.nextHop(for: mailbox)
        let policy = routes.policy(for: mailbox)
        return await withTaskGroup(of: (outcome: ProbeOutcome, nextHop: String?)?.self) { group in
            group.addTask { [agent] in await agent.probe(mailbox, at: nextHop, policy: policy) }
            group.addTask { [timeout] in
                // Cut short where the answer came before.
                try? await Task.sleep(for: timeout)
                return nil
            }
            if let first = await group.next() ?? nil {
                group.cancelAll()
                return first
            }
            group.cancelAll()
            return await group.next().flatMap(\.self)
                ?? (.unknown(.local(EnhancedStatusCode(4, 4, 2), "the next hop did not answer in time")), nil)
        }
    }
}
