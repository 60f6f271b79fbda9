// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import Testing

@testable import SluiceServer

@Suite("The queue in figures") struct QueueFiguresTests {
    private static let now = Timestamp(seconds: 1_790_000_000)

    private func item(_ number: UInt64, age: Int64, size: Int, _ recipients: [(String, RecipientState)]) -> QueueItem {
        QueueItem(
            id: QueueID(number: number), messageID: "m\(number)", messageNumber: number,
            acceptedAt: Self.now - .seconds(age), reversePath: .null, size: size,
            recipients: recipients.map {
                QueuedRecipient(mailbox: Mailbox(localPart: "a", domain: $0.0), state: $0.1)
            })
    }

    @Test("add up recipients by state, destination and age, and the octets of each item once")
    func figures() throws {
        let due = Self.now + .seconds(60)
        let figures = QueueFigures(
            [
                item(1, age: 10, size: 100, [("a.test", .queued(attempts: 1, nextAttempt: due)), ("B.test", .held)]),
                item(
                    2, age: 1000, size: 1000,
                    [
                        ("b.test", .queued(attempts: 1, nextAttempt: due + .seconds(5))), ("b.test", .delivered),
                        ("b.test", .queued(attempts: 0, nextAttempt: due + .seconds(9))),
                    ]),
                item(3, age: 90_000, size: 7, [("a.test", .quarantined(reason: "x", since: Self.now))]),
                item(4, age: 5, size: 7, [("a.test", .removed)]),
            ], now: Self.now)
        #expect(figures.total.recipients == 5 && figures.total.octets == 1107)
        #expect(figures.total.nextDue == due && figures.total.oldest == Self.now - .seconds(90_000))
        #expect(figures.states[.queued]?.recipients == 3 && figures.states[.queued]?.octets == 1100)
        #expect(figures.states[.held]?.octets == 100 && figures.states[.held]?.nextDue == nil)
        #expect(figures.destinations.map(\.0) == ["b.test", "a.test"])
        #expect(figures.destinations[0].1.recipientsByState == [.queued: 2, .held: 1])
        #expect(figures.destinations[0].1.octets == 1100)
        #expect(figures.ages.map(\.recipients) == [2, 0, 0, 2, 0, 0, 1])
    }

    @Test("of an empty queue are nothing") func empty() {
        let figures = QueueFigures([], now: Self.now)
        #expect(figures.total.recipients == 0 && figures.total.oldest == nil && figures.destinations.isEmpty)
    }
}
