// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceMilter
import Testing

@testable import SluiceServer

@Suite("What a decision comes to at an MTA") struct MilterSettlementTests {
    private static let anna = Mailbox(localPart: "anna", domain: "example.org")
    private static let bert = Mailbox(localPart: "bert", domain: "example.org")
    private static let carl = Mailbox(localPart: "carl", domain: "example.org")

    private func settled(
        _ dispositions: [Disposition], _ keys: String = "quarantine: mta", edits: [MessageEdit] = [],
        actions: MilterActions = .version6
    ) throws -> MilterSettlement {
        let recipients = zip([Self.anna, Self.bert, Self.carl], dispositions).map { mailbox, disposition in
            RecipientDecision(
                address: mailbox, disposition: disposition, reason: disposition == .deliver ? nil : "why")
        }
        let disposition = dispositions.max() ?? .deliver
        let code = disposition == .reject ? 550 : disposition == .defer ? 451 : 250
        let record = DecisionRecord(
            id: "0123456789ab", time: Timestamp(seconds: 0), listener: "mta",
            client: ClientInfo(address: .unspecified), reversePath: .null, recipients: recipients,
            disposition: disposition, reply: Reply(code, EnhancedStatusCode(code / 100, 7, 1), "words"), edits: edits)
        return MilterSettlement(record, try MilterConfiguration.reading(keys), actions: actions)
    }

    private static let takeOver = "quarantine: take_over, reinject: \"smtp://127.0.0.1:10026\""
    private static let lenient = "recipients_differ: most_lenient"

    @Test("a message that is delivered goes on, with nobody struck from the envelope")
    func deliver() throws {
        let settlement = try settled([.deliver, .deliver])
        #expect(settlement.action == .proceed && settlement.deleted.isEmpty && settlement.held.isEmpty)
        #expect(settlement.notes.isEmpty)
    }

    @Test("a refusal is the decision's reply, whatever the MTA can do", arguments: [Disposition.reject, .defer])
    func refuse(_ disposition: Disposition) throws {
        let settlement = try settled([disposition, disposition], actions: [])
        #expect(settlement.action == .reply(settlement.record.reply) && settlement.notes.isEmpty)
    }

    @Test("quarantine is the MTA's hold, or ours and a discard there")
    func quarantine() throws {
        let held = try settled([.quarantine])
        #expect(held.action == .hold(reason: "why (id 0123456789ab)") && held.held.isEmpty)
        let taken = try settled([.quarantine, .quarantine], Self.takeOver)
        #expect(taken.action == .discard && taken.held == [Self.anna, Self.bert])
    }

    @Test("those who pass stay in the envelope, those who don't are held by us")
    func differing() throws {
        let settlement = try settled([.deliver, .quarantine, .discard], Self.takeOver)
        #expect(settlement.action == .proceed)
        #expect(settlement.deleted == [Self.bert, Self.carl] && settlement.held == [Self.bert])
        #expect(settlement.notes.isEmpty && settlement.record.disposition == .quarantine)
    }

    @Test("a discard for some strikes them from the envelope; what is left may be held by the MTA")
    func discardForSome() throws {
        #expect(try settled([.deliver, .discard]).deleted == [Self.bert])
        let held = try settled([.quarantine, .discard])
        #expect(held.action == .hold(reason: "why (id 0123456789ab)") && held.deleted == [Self.bert])
        #expect(try settled([.discard, .discard]).action == .discard)
    }

    @Test("where the MTA can hold for all only, the configuration says what all get, and the record says so")
    func strictest() throws {
        let strict = try settled([.deliver, .quarantine, .discard])
        #expect(strict.action == .hold(reason: "why (id 0123456789ab)") && strict.deleted == [Self.carl])
        #expect(strict.record.recipients.map(\.disposition) == [.quarantine, .quarantine, .discard])
        #expect(strict.notes.count == 1 && strict.notes[0].contains("strictest"))
        let lenient = try settled([.deliver, .quarantine], Self.lenient)
        #expect(lenient.action == .proceed && lenient.deleted.isEmpty)
        #expect(lenient.record.recipients.map(\.disposition) == [.deliver, .deliver])
        #expect(lenient.record.disposition == .deliver && lenient.record.recipients[1].reason == nil)
        #expect(lenient.notes[0].contains("most_lenient"))
    }

    @Test("without the right to delete recipients all get the same")
    func withoutDeleting() throws {
        let actions = MilterActions.version6.subtracting(.deleteRecipients)
        let taken = try settled([.deliver, .quarantine], Self.takeOver, actions: actions)
        #expect(taken.action == .discard && taken.held == [Self.anna, Self.bert])
        let lenient = try settled([.deliver, .discard], Self.lenient, actions: actions)
        #expect(lenient.action == .proceed && lenient.deleted.isEmpty)
    }

    @Test("an MTA that can't hold a message has the client come again: it is neither passed nor lost")
    func withoutHold() throws {
        let settlement = try settled([.quarantine], actions: MilterActions.version6.subtracting(.quarantine))
        guard case .reply(let reply) = settlement.action else {
            Issue.record("\(settlement.action)")
            return
        }
        #expect(reply.code == 451 && settlement.record.disposition == .defer && settlement.notes.count == 1)
        #expect(settlement.record.reply == reply)
    }

    @Test("a recipient that a stage deleted leaves the envelope; one that it added keeps the message going")
    func edited() throws {
        let deleted = try settled([.deliver, .deliver], edits: [.deleteRecipient(Self.anna)])
        #expect(deleted.deleted == [Self.anna] && deleted.action == .proceed)
        #expect(try settled([.deliver], edits: [.deleteRecipient(Self.anna)]).action == .discard)
        let added = try settled([.quarantine], Self.takeOver, edits: [.addRecipient(Self.carl)])
        #expect(added.action == .proceed && added.deleted == [Self.anna] && added.held == [Self.anna])
    }
}
