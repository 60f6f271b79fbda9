// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Where recipients are delivered to together: the name of a route or of a domain that its MX records serve.
package struct Destination: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }
}

/// How many at once.
package struct ScheduleLimits: Hashable, Sendable {
    /// Recipients of one transaction (RFC 5321 §4.5.3.1.8 lets a server refuse more than 100).
    package var recipientsPerTransaction: Int
    /// Attempts in progress towards one destination, where it bears so many (``DestinationConcurrency``).
    package var connectionsPerHost: Int
    /// The same for destinations that have a limit of their own.
    package var connectionsByDestination: [Destination: Int]
    /// Attempts in progress altogether; one item is given half of them at most.
    package var connections: Int

    package init(
        recipientsPerTransaction: Int = 100, connectionsPerHost: Int = 20,
        connectionsByDestination: [Destination: Int] = [:], connections: Int = 400
    ) {
        self.recipientsPerTransaction = max(1, recipientsPerTransaction)
        self.connectionsPerHost = max(1, connectionsPerHost)
        self.connectionsByDestination = connectionsByDestination
        self.connections = max(1, connections)
    }

    /// The limit of one destination.
    func connections(to destination: Destination) -> Int {
        max(1, connectionsByDestination[destination] ?? connectionsPerHost)
    }
}

/// What an attempt says of its destination.
package enum DestinationFeedback: Hashable, Sendable {
    /// It held a session to its end, or no session was needed to know the outcome.
    case answered
    /// It was there, and ended the session, fell silent, or put off the whole transaction: it is given less at once.
    case strained
    /// It was there, and refused a session.
    case refused
    /// No session came about.
    case unreachable
}

/// A recipient that is to be delivered to.
package struct ScheduledRecipient: Hashable, Sendable {
    /// Its number in the queue item.
    package var number: Int
    package var destination: Destination
    /// Attempts made so far.
    package var attempts: Int
    package var nextAttempt: Timestamp

    package init(number: Int, destination: Destination, attempts: Int = 0, nextAttempt: Timestamp) {
        self.number = number
        self.destination = destination
        self.attempts = attempts
        self.nextAttempt = nextAttempt
    }
}

/// One transaction that is to be tried: some recipients of one item, at one destination.
package struct ScheduledAttempt<Item: Hashable & Sendable>: Hashable, Sendable {
    /// Names the attempt when it ends.
    package var id: Int
    package var item: Item
    package var destination: Destination
    /// Numbers of recipients, ascending.
    package var recipients: [Int]
}

/// What is to become of a recipient that an attempt deferred.
package enum DeferralDecision: Hashable, Sendable {
    /// It has been tried so often and is due again at that time.
    case retry(attempts: Int, at: Timestamp)
    /// Its time is over: it is to be bounced.
    case expired(attempts: Int)
}

/// What the driver is to do.
package enum ScheduleAction<Item: Hashable & Sendable>: Hashable, Sendable {
    case start(ScheduledAttempt<Item>)
    /// Call ``Schedule/timerFired(at:)`` at that time; replaces what was set before.
    case setTimer(Timestamp)
    /// The time of these recipients is over, without an attempt having ended just now: they are to be bounced.
    case expire(Item, recipients: [Int])
    /// The item has waited for ``Backoff/warn``: its sender may be told.
    case warn(Item)
}
