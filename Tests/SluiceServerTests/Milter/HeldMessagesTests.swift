// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import Testing

@testable import SluiceServer

@Suite("What was taken over already") struct HeldMessagesTests {
    private static let anna = Mailbox(localPart: "anna", domain: "example.org")
    private static let bert = Mailbox(localPart: "bert", domain: "example.org")
    private static let start = Timestamp(seconds: 1_790_000_000)

    @Test("is known for a day, for those recipients for whom it is held")
    func known() {
        let held = HeldMessages()
        held.add([1], "m1", heldFor: [Self.anna], at: Self.start)
        #expect(held.message([1], holdsFor: [Self.anna], at: Self.start + .seconds(86399)) == "m1")
        #expect(held.message([1], holdsFor: [Self.anna, Self.bert], at: Self.start) == nil)
        #expect(held.message([2], holdsFor: [Self.anna], at: Self.start) == nil)
        #expect(held.message([1], holdsFor: [Self.anna], at: Self.start + .seconds(86400)) == nil)
        held.add([1], "m2", heldFor: [Self.bert], at: Self.start)
        #expect(held.message([1], holdsFor: [Self.bert, Self.anna], at: Self.start) == "m2")
    }

    @Test("takes bounded memory: the oldest are forgotten first")
    func bounded() {
        let held = HeldMessages(limit: 10)
        for number in 0..<100 { held.add([UInt8(number)], "m\(number)", heldFor: [Self.anna], at: Self.start) }
        let known = (0..<100).filter { held.message([UInt8($0)], holdsFor: [Self.anna], at: Self.start) != nil }
        #expect(known == Array(90..<100))
    }

    @Test("is known again after a start, while it is held")
    func rebuilt() {
        func item(_ number: UInt64, _ state: RecipientState, _ origin: ItemOrigin?) -> QueueItem {
            QueueItem(
                id: QueueID(number: number), messageID: "m\(number)", messageNumber: number, acceptedAt: Self.start,
                reversePath: .null, origin: origin, recipients: [QueuedRecipient(mailbox: Self.anna, state: state)])
        }
        let quarantined = RecipientState.quarantined(reason: "spam", since: Self.start)
        let held = HeldMessages()
        held.add([
            item(1, quarantined, ItemOrigin(listener: "mta", digest: [1])),
            item(2, .held, ItemOrigin(listener: "mta", digest: [2])),
            item(3, quarantined, ItemOrigin(listener: "mta")), item(4, quarantined, nil),
        ])
        #expect(held.message([1], holdsFor: [Self.anna], at: Self.start) == "m1")
        #expect(held.message([2], holdsFor: [Self.anna], at: Self.start) == nil)
        #expect(held.message([], holdsFor: [Self.anna], at: Self.start) == nil)
    }

    @Test("the digest depends on content, reverse-path and recipients, not on their order")
    func digest() throws {
        func digest(_ recipients: [Mailbox], _ path: ReversePath = .null, _ content: String = "x") throws -> [UInt8] {
            try HeldMessages.digest(
                Envelope(reversePath: path, recipients: recipients), MemoryContent(content))
        }
        let one = try digest([Self.anna, Self.bert])
        #expect(one.count == 32)
        #expect(try digest([Self.bert, Self.anna]) == one)
        #expect(try digest([Self.anna]) != one)
        #expect(try digest([Self.anna, Self.bert], .mailbox(Self.anna)) != one)
        #expect(try digest([Self.anna, Self.bert], .null, "y") != one)
        let long = String(repeating: "a", count: 200_000)
        #expect(try digest([Self.anna], .null, long + "b") != digest([Self.anna], .null, long + "c"))
    }
}
