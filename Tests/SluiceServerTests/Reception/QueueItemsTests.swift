// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import Testing

@testable import SluiceServer

@Suite("Queue items") struct QueueItemsTests {
    private func mailbox(_ name: String) -> Mailbox { Mailbox(localPart: name, domain: "example.org") }

    private func items(_ dispositions: [(String, Disposition)], edits: [MessageEdit] = []) -> [NewItem] {
        let envelope = Envelope(
            reversePath: .mailbox(mailbox("sender")), recipients: dispositions.map { mailbox($0.0) }, is8BitMIME: true)
        let record = DecisionRecord(
            id: "1", time: Timestamp(seconds: 0), listener: "mx", client: ClientInfo(address: .unspecified),
            reversePath: envelope.reversePath,
            recipients: dispositions.map {
                RecipientDecision(address: mailbox($0.0), disposition: $0.1, reason: $0.1 == .deliver ? nil : "why")
            }, disposition: .deliver, reply: Reply(250, nil, "ok"), edits: edits)
        return QueueItems.items(record, envelope)
    }

    @Test("recipients with different dispositions become separate items over one content")
    func separate() {
        let items = items([("a", .deliver), ("b", .quarantine), ("c", .deliver), ("d", .discard)])
        #expect(items.map { $0.recipients.map(\.mailbox.localPart) } == [["a", "c"], ["d"], ["b"]])
        #expect(
            items.map { $0.recipients.first?.state } == [.queued, .removed(reason: "why"), .quarantined(reason: "why")])
        #expect(items.allSatisfy { $0.is8BitMIME && $0.reversePath == .mailbox(mailbox("sender")) })
    }

    @Test("envelope edits change reverse-path and recipients; edits of the content go with every item")
    func edits() {
        let edit = MessageEdit.addField(name: "X", value: "y", position: nil)
        let items = items(
            [("a", .deliver), ("b", .deliver), ("c", .quarantine)],
            edits: [
                edit, .changeReversePath(.null), .deleteRecipient(mailbox("b")), .addRecipient(mailbox("new")),
                .addRecipient(mailbox("a")), .addRecipient(mailbox("new")),
            ])
        #expect(items.count == 2)
        #expect(items.allSatisfy { $0.edits == [edit] && $0.reversePath == .null })
        #expect(items.first?.recipients.map(\.mailbox.localPart) == ["a", "b", "new"])
        #expect(
            items.first?.recipients.map(\.state) == [.queued, .removed(reason: "deleted by a stage"), .queued])
    }

    @Test("where only some are taken over from an MTA, the others and those added make no item")
    func heldFor() {
        let envelope = Envelope(reversePath: .null, recipients: [mailbox("a"), mailbox("b")])
        let record = DecisionRecord(
            id: "1", time: Timestamp(seconds: 0), listener: "mta", client: ClientInfo(address: .unspecified),
            reversePath: .null,
            recipients: [
                RecipientDecision(address: mailbox("a"), disposition: .deliver),
                RecipientDecision(address: mailbox("b"), disposition: .quarantine, reason: "why"),
            ], disposition: .quarantine, reply: Reply(250, nil, "ok"), edits: [.addRecipient(mailbox("c"))])
        let items = QueueItems.items(record, envelope, heldFor: [mailbox("b")])
        #expect(items.map { $0.recipients.map(\.mailbox.localPart) } == [["b"]])
    }

    @Test("what was refused becomes none")
    func refused() {
        #expect(items([("a", .reject)]).isEmpty)
        #expect(items([("a", .defer)]).isEmpty)
    }
}
