// SPDX-License-Identifier: Apache-2.0
package import Logging
import NIOCore
package import SluiceCore
package import SluiceQueue
import Synchronization

/// Delivers what is in the queue: takes it up at start, hears of what is new, tries what the schedule says is due, and
/// records what became of each recipient, a bounce together with its notification in one append.
///
/// A recipient stays with its attempt until the outcome is recorded, so nothing is tried twice at once, and nothing is
/// tried again whose outcome is not on stable storage.
package final class DeliveryService: QueueObserver {
    package struct Configuration: Sendable {
        /// Our name, for notifications.
        package var hostname: String
        package var backoff: Backoff
        package var limits: ScheduleLimits
        /// What is to be added to a notification of ours, such as a signature.
        package var sign: (@Sendable (Message, _ id: String, Timestamp) async -> [MessageEdit])?

        package init(
            hostname: String, backoff: Backoff = Backoff(), limits: ScheduleLimits = ScheduleLimits(),
            sign: (@Sendable (Message, _ id: String, Timestamp) async -> [MessageEdit])? = nil
        ) {
            self.hostname = hostname
            self.backoff = backoff
            self.limits = limits
            self.sign = sign
        }
    }

    enum Work: Sendable {
        case attempt(ScheduledAttempt<QueueID>)
        case expire(QueueID, [Int])
        case warn(QueueID)
    }

    private struct InForce: Sendable {
        var routes: RouteTable
        var configuration: Configuration
    }

    private struct State: Sendable {
        var schedule: Schedule<QueueID>
        var timer: Scheduled<Void>?
        var isStopping = false
        /// When items were accepted, by the schedule's time: found out once, so that a clock that is set later neither
        /// lengthens nor shortens their lives where they come to the schedule anew.
        var accepted: [QueueID: Timestamp] = [:]
        var acceptedLimit = 1024
    }

    /// Who, in the steps of a recipient.
    static let name = "delivery"
    /// The same, where a sender was told of the delay: by that it is known that he was.
    static let warner = "delay notice"
    /// In milliseconds.
    private static let longestWait: Int64 = 60_000

    let queue: MailQueue
    let agent: DeliveryAgent
    let time: any TimeSource
    /// The time that the schedule goes by: it goes on evenly where the clock is set.
    private let steady: any TimeSource
    let logger: Logger
    /// Makes the id of a notification's decision record.
    let makeID: @Sendable (Timestamp) -> String

    /// Where attempts run; `nil` is the tasks' own.
    private let executor: (any TaskExecutor)?
    private let inForce: Mutex<InForce>
    private let state: Mutex<State>
    private let works: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    /// - Parameters:
    ///   - steady: goes on evenly where the clock is set (``SteadyTime``).
    ///   - executor: where attempts run.
    package init(
        queue: MailQueue, agent: DeliveryAgent, routes: RouteTable, configuration: Configuration,
        time: any TimeSource = SystemTime(), steady: any TimeSource = SteadyTime(), executor: (any TaskExecutor)? = nil,
        logger: Logger, makeID: @escaping @Sendable (Timestamp) -> String
    ) {
        self.queue = queue
        self.agent = agent
        inForce = Mutex(InForce(routes: routes, configuration: configuration))
        self.time = time
        self.steady = steady
        self.executor = executor
        self.logger = logger
        self.makeID = makeID
        state = Mutex(State(schedule: Schedule(backoff: configuration.backoff, limits: configuration.limits)))
        (works, continuation) = AsyncStream.makeStream()
    }

    /// The routes in force.
    package var routes: RouteTable { inForce.withLock(\.routes) }
    var configuration: Configuration { inForce.withLock(\.configuration) }

    /// Takes other routes and settings, for attempts that begin from now on. What waits is grouped anew by where it now
    /// goes.
    package func replace(routes: RouteTable, agent: DeliveryAgent.Configuration, configuration: Configuration) {
        self.agent.replaceConfiguration(by: agent)
        let areRoutesOther = inForce.withLock { inForce in
            defer { inForce = InForce(routes: routes, configuration: configuration) }
            return inForce.routes != routes
        }
        change { schedule in
            schedule.replace(backoff: configuration.backoff, limits: configuration.limits)
            return []
        }
        guard areRoutesOther else { return }
        for item in queue.items() {
            change { schedule in
                schedule.withdrawn(item.id, recipients: Array(item.recipients.indices))
                return []
            }
            add(item)
        }
    }

    /// Delivers until ``stop()`` is called and what was in progress has ended.
    ///
    /// Where the task is cancelled, attempts in progress are broken off; what had been delivered is still recorded. It
    /// is the queue's observer while it runs.
    package func run() async {
        queue.setObserver(self)
        let items = queue.items()
        for item in items { add(item) }
        logger.info("delivery has begun", metadata: ["items": "\(items.count)"])
        let sweep = agent.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) {
            [agent] _ in agent.closeExpired()
        }
        await withTaskExecutorPreference(executor) {
            await withDiscardingTaskGroup { group in
                for await work in works {
                    group.addTask { await self.perform(work) }
                }
            }
        }
        sweep.cancel()
        queue.setObserver(nil)
        state.withLock { $0.timer?.cancel() }
        agent.closeIdle()
        logger.info("delivery has ended")
    }

    /// Starts nothing more; ``run()`` returns when the attempts in progress have ended.
    package func stop() {
        let isIdle = state.withLock { state in
            state.isStopping = true
            state.schedule.stop()
            return state.schedule.activeCount == 0
        }
        if isIdle { continuation.finish() }
    }

    /// What waits in these items is due now.
    package func flush(_ items: [QueueID]) {
        let now = steady.now
        change { schedule in items.flatMap { schedule.flush($0, at: now) } }
    }

    /// Attempts in progress.
    package var activeCount: Int { state.withLock { $0.schedule.activeCount } }

    package func queueChanged(_ events: [QueueEvent]) {
        for event in events {
            switch event {
            case .accepted(let item): add(item)
            case .changed(let change, let item):
                // Our own changes: the schedule knows.
                if change.by == Self.name || change.by == Self.warner { continue }
                switch change.state {
                case .queued: add(item, only: change.recipient)
                case .held, .quarantined, .delivered, .bounced, .removed:
                    self.change { schedule in
                        schedule.withdrawn(item.id, recipients: [change.recipient])
                        return []
                    }
                }
            }
        }
    }

    /// Tells the schedule of what is queued in an item.
    ///
    /// What is written down goes by the clock. A moment that can't be, in the future for an acceptance, farther off
    /// than any retry for an attempt, was written before the clock was set back, and is now.
    func add(_ item: QueueItem, only number: Int? = nil) {
        let now = steady.now
        let ahead = time.now - now
        let latest = now + configuration.backoff.maxRetry
        let recipients = item.recipients.enumerated().compactMap { index, recipient -> ScheduledRecipient? in
            guard number == nil || number == index, case .queued(let attempts, let next) = recipient.state else {
                return nil
            }
            let due = next - ahead
            return ScheduledRecipient(
                number: index, destination: routes.destination(for: recipient.mailbox, from: item.origin),
                attempts: attempts, nextAttempt: due > latest ? now : due)
        }
        if recipients.isEmpty { return }
        let acceptedAt = acceptance(of: item.id, first: min(item.acceptedAt - ahead, now))
        change { $0.itemAdded(item.id, acceptedAt: acceptedAt, recipients: recipients, at: now) }
    }

    /// When an item was accepted, by the schedule's time.
    ///
    /// - Parameter first: what it is taken to be where the item has not come before.
    private func acceptance(of id: QueueID, first: Timestamp) -> Timestamp {
        let (known, isFull) = state.withLock { state in
            (state.accepted[id], state.accepted.count >= state.acceptedLimit)
        }
        if let known { return known }
        // Those that have gone are forgotten now and then, at a cost that is shared by as many as came meanwhile.
        let live = isFull ? Set(queue.items().map(\.id)) : nil
        state.withLock { state in
            if let live {
                state.accepted = state.accepted.filter { live.contains($0.key) }
                state.acceptedLimit = max(1024, 2 * state.accepted.count)
            }
            state.accepted[id] = first
        }
        return first
    }

    /// What the clock says at a moment of the schedule's.
    func written(_ moment: Timestamp) -> Timestamp { moment + (time.now - steady.now) }

    /// What is to become of recipients that an attempt deferred, in the schedule's time.
    func decisions(for id: Int, deferred: [Int]) -> [Int: DeferralDecision] {
        var generator = SystemRandomNumberGenerator()
        let now = steady.now
        return state.withLock { $0.schedule.decisions(for: id, deferred: deferred, at: now, using: &generator) }
    }

    /// Ends an attempt whose outcome is recorded.
    func end(_ attempt: ScheduledAttempt<QueueID>, _ decisions: [Int: DeferralDecision], feedback: DestinationFeedback?)
    {
        let now = steady.now
        change { $0.attemptEnded(attempt.id, decisions: decisions, feedback: feedback, at: now) }
        let isOver = state.withLock { $0.isStopping && $0.schedule.activeCount == 0 }
        if isOver { continuation.finish() }
    }

    /// Changes the schedule and does what it then says.
    private func change(_ body: (inout Schedule<QueueID>) -> [ScheduleAction<QueueID>]) {
        state.withLock { state in
            for action in body(&state.schedule) {
                switch action {
                case .start(let attempt): continuation.yield(.attempt(attempt))
                case .expire(let item, let recipients): continuation.yield(.expire(item, recipients))
                case .warn(let item): continuation.yield(.warn(item))
                case .setTimer(let due):
                    state.timer?.cancel()
                    // Looked at now and then: should the machine sleep, the event loop's time stands still.
                    let wait = min(max(0, (due - steady.now).wholeMilliseconds), Self.longestWait)
                    state.timer = agent.eventLoop.scheduleTask(in: .milliseconds(wait)) { [weak self] in
                        self?.timerFired()
                    }
                }
            }
        }
    }

    private func timerFired() {
        let now = steady.now
        change { $0.timerFired(at: now) }
    }
}
