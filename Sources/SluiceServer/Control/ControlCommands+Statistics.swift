// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue

extension ControlCommands {
    /// The queue in figures: by state, destination and age.
    func queueStatistics() -> JSONValue {
        let statistics = queue.statistics()
        let figures = QueueFigures(queue.items(), now: time.now)
        var members: [JSONValue.Member] = [
            .init("items", .integer(statistics.items)), .init("messages", .integer(statistics.messages)),
            .init("octets", .integer(statistics.octets)), .init("oldest", .optional(statistics.oldest?.rfc3339)),
            .init("next_due", .optional(figures.total.nextDue?.rfc3339)),
        ]
        for state in QueueFigures.states {
            members.append(.init(state.rawValue, .integer(statistics.recipients[state] ?? 0)))
        }
        members += [
            .init(
                "states",
                .array(
                    QueueFigures.states.map { state in
                        let figures = figures.states[state] ?? QueueFigures.Group()
                        return .object([.init("state", .string(state.rawValue))] + figures.members)
                    })),
            .init(
                "destinations",
                .array(
                    figures.destinations.prefix(QueueFigures.destinationLimit).map { destination, group in
                        .object(
                            [.init("destination", .string(destination))] + group.members
                                + QueueFigures.states.map {
                                    .init($0.rawValue, .integer(group.recipientsByState[$0] ?? 0))
                                })
                    })),
            .init(
                "more_destinations",
                .integer(max(0, figures.destinations.count - QueueFigures.destinationLimit))),
            .init(
                "ages",
                .array(
                    zip(QueueFigures.ages, figures.ages).map { age, group in
                        .object([.init("up_to", .optional(age?.written))] + group.members)
                    })),
        ]
        return .object(members)
    }
}

/// Recipients that wait, are held or quarantined, added up by state, by the domain that they are for, and by age.
struct QueueFigures {
    struct Group {
        var recipients = 0
        /// Of the items, each counted once.
        var octets: Int64 = 0
        var oldest: Timestamp?
        /// The earliest attempt of what is queued.
        var nextDue: Timestamp?
        var recipientsByState: [RecipientStep.State: Int] = [:]

        mutating func add(_ item: QueueItem, _ recipients: [QueuedRecipient]) {
            self.recipients += recipients.count
            octets += Int64(item.size)
            oldest = min(oldest ?? item.acceptedAt, item.acceptedAt)
            for recipient in recipients {
                recipientsByState[recipient.state.name, default: 0] += 1
                if case .queued(_, let next) = recipient.state { nextDue = min(nextDue ?? next, next) }
            }
        }

        var members: [JSONValue.Member] {
            [
                .init("recipients", .integer(recipients)), .init("octets", .integer(octets)),
                .init("oldest", .optional(oldest?.rfc3339)), .init("next_due", .optional(nextDue?.rfc3339)),
            ]
        }
    }

    static let states: [RecipientStep.State] = [.queued, .held, .quarantined]
    /// The ages that are told apart; `nil`: older.
    static let ages: [Duration?] = [
        .seconds(60), .seconds(300), .seconds(900), .seconds(3600), .seconds(4 * 3600), .seconds(86400), nil,
    ]
    /// So many destinations are shown, those with the most recipients.
    static let destinationLimit = 1000

    private(set) var total = Group()
    private(set) var states: [RecipientStep.State: Group] = [:]
    /// Those with the most recipients first.
    private(set) var destinations: [(String, Group)] = []
    private(set) var ages = [Group](repeating: Group(), count: Self.ages.count)

    init(_ items: [QueueItem], now: Timestamp) {
        var byDestination: [String: Group] = [:]
        for item in items {
            let live = item.recipients.filter { !$0.state.isFinal }
            if live.isEmpty { continue }
            total.add(item, live)
            for (state, recipients) in Dictionary(grouping: live, by: \.state.name) {
                states[state, default: Group()].add(item, recipients)
            }
            for (domain, recipients) in Dictionary(grouping: live, by: { $0.mailbox.domain.asciiLowercased() }) {
                byDestination[domain, default: Group()].add(item, recipients)
            }
            let age = now - item.acceptedAt
            let index = Self.ages.firstIndex { $0.map { age <= $0 } ?? true } ?? Self.ages.count - 1
            ages[index].add(item, live)
        }
        destinations = byDestination.map { ($0.key, $0.value) }.sorted {
            ($1.1.recipients, $0.0) < ($0.1.recipients, $1.0)
        }
    }
}
