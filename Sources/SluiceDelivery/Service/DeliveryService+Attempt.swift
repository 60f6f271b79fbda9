// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceQueue
import SluiceSMTP

extension DeliveryService {
    func perform(_ work: Work) async {
        switch work {
        case .attempt(let attempt): await perform(attempt)
        case .expire(let item, let recipients): await expire(item, recipients)
        case .warn(let item): await warn(item)
        }
    }

    private func perform(_ attempt: ScheduledAttempt<QueueID>) async {
        guard let item = queue.item(attempt.item) else { return end(attempt, [:], feedback: nil) }
        let routes = routes
        let queued = attempt.recipients.filter { item.isQueued($0) }
        // Where the routes have changed since they were grouped, those that go elsewhere now are grouped anew.
        let numbers = queued.filter {
            routes.destination(for: item.recipients[$0].mailbox, from: item.origin) == attempt.destination
        }
        defer { if numbers.count < queued.count, let item = queue.item(attempt.item) { add(item) } }
        guard let first = numbers.first else { return end(attempt, [:], feedback: nil) }
        let outcome = await deliver(item, numbers, like: item.recipients[first].mailbox)
        let isLastHop = routes.nextHop(for: item.recipients[first].mailbox, from: item.origin).isLMTP

        var deferred: [Int] = []
        for (number, result) in zip(numbers, outcome.recipients) {
            if case .deferred = result { deferred.append(number) }
        }
        // Broken off by us: no fault of the next hop's, and the next process takes it up as it was.
        let isBrokenOff = Task.isCancelled
        let now = time.now
        let decisions = isBrokenOff ? [:] : decisions(for: attempt.id, deferred: deferred)
        var settled = SettledRecipients(item: item, time: now)
        for (place, number) in numbers.enumerated() {
            settled.add(
                number, outcome.recipients[place], decisions[number].map { written($0) },
                nextHop: outcome.attempt.nextHops[place], tookDSN: outcome.attempt.tookDSN.contains(place),
                isLastHop: isLastHop)
        }
        await record(settled)
        end(attempt, decisions, feedback: isBrokenOff || !outcome.wasTried ? nil : outcome.attempt.feedback)
        // Withdrawn from the schedule during the attempt and queued again by an operator.
        if !isBrokenOff, decisions.count < deferred.count, let item = queue.item(attempt.item) { add(item) }
    }

    /// An attempt's outcome, and whether the next hop was tried at all.
    private struct Delivery: Sendable {
        var attempt: AttemptOutcome
        var wasTried: Bool
        var recipients: [RecipientOutcome] { attempt.recipients }
    }

    /// Delivers to recipients that share the destination of `mailbox`.
    private func deliver(_ item: QueueItem, _ numbers: [Int], like mailbox: Mailbox) async -> Delivery {
        let content: any ContentSource
        do {
            content = try await EditedContent.make(await contentToSend(of: item.id), edits: item.edits)
        } catch {
            logger.critical(
                "the content of a queued message can't be read", metadata: item.metadata(["reason": "\(error)"]))
            let failure = DeliveryFailure.local(EnhancedStatusCode(4, 3, 0), "the content can't be read")
            return Delivery(
                attempt: AttemptOutcome(
                    recipients: numbers.map { _ in .deferred(failure) }, nextHops: numbers.map { _ in nil },
                    feedback: .unreachable),
                wasTried: false)
        }
        let envelope = ClientEnvelope(
            reversePath: item.reversePath, recipients: numbers.map { item.recipients[$0].mailbox },
            size: content.length, is8BitMIME: item.is8BitMIME, isInternationalized: item.isInternationalized,
            dsn: item.dsn)
        let begun = ContinuousClock.now
        let attempt = await agent.deliver(
            envelope, content: content, to: routes.nextHop(for: mailbox, from: item.origin),
            policy: routes.policy(for: mailbox, from: item.origin))
        DeliveryMetrics.attempted(in: .now - begun)
        return Delivery(attempt: attempt, wasTried: true)
    }

    /// Reads on a thread that may wait for the disk.
    func content(of id: QueueID) async throws -> any ContentSource {
        try await NIOThreadPool.singleton.runIfActive { [queue] in try queue.content(of: id) }
    }

    /// What has just come stands in memory; all else is read on a thread that may wait for the disk.
    private func contentToSend(of id: QueueID) async throws -> any ContentSource {
        if let content = queue.takeFreshContent(of: id) { return MemoryContent(content) }
        return try await NIOThreadPool.singleton.runIfActive { [queue] in try queue.contentToSend(of: id) }
    }

    private func written(_ decision: DeferralDecision) -> DeferralDecision {
        switch decision {
        case .retry(let attempts, let due): .retry(attempts: attempts, at: written(due))
        case .expired: decision
        }
    }

    /// Bounces recipients whose time is over while their destination could not be reached.
    private func expire(_ id: QueueID, _ numbers: [Int]) async {
        guard let item = queue.item(id) else { return }
        var settled = SettledRecipients(item: item, time: time.now)
        for number in numbers where item.isQueued(number) { settled.expire(number) }
        await record(settled)
    }
}

extension QueueItem {
    func isQueued(_ number: Int) -> Bool {
        recipients.indices.contains(number) && recipients[number].state.name == .queued
    }
}
