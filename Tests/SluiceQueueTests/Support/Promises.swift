// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceQueue

/// What a queue has promised so far, and what it was asked last without an answer: after a crash it has to show the
/// first, may show the second, and nothing else.
struct Promises {
    /// A recipient by its address (each is used once), and the state that was acknowledged.
    private(set) var states: [Mailbox: RecipientStep.State] = [:]
    private(set) var contents: [String: ByteBuffer] = [:]
    private var messages: [Mailbox: String] = [:]
    /// The recipients that the request under way concerns, and what they become.
    private var underWay: [Mailbox: RecipientStep.State] = [:]
    /// Recipients of commits that failed in the running process: they must never appear.
    private(set) var void: Set<Mailbox> = []
    private(set) var acceptedMessages = 0

    mutating func begin(_ id: String, _ recipients: [NewRecipient], content: ByteBuffer) {
        contents[id] = content
        for recipient in recipients {
            messages[recipient.mailbox] = id
            underWay[recipient.mailbox] = recipient.queued(at: Timestamp(milliseconds: 0)).state.name
        }
    }

    mutating func begin(_ mailbox: Mailbox, becomes state: RecipientStep.State) { underWay[mailbox] = state }

    mutating func acknowledge() {
        states.merge(underWay) { _, new in new }
        underWay = [:]
    }

    /// The request failed, and the process goes on.
    mutating func fail() {
        for mailbox in underWay.keys where states[mailbox] == nil { void.insert(mailbox) }
        underWay = [:]
    }

    /// After a crash: what was under way happened or it didn't, but not by half.
    mutating func settle(_ queue: MailQueue, _ account: Account, _ seed: String) throws {
        let live = Dictionary(
            uniqueKeysWithValues: queue.items().flatMap { item in
                item.recipients.filter { !$0.state.isFinal }.map { ($0.mailbox, $0.state.name) }
            })
        let happened = underWay.filter { mailbox, state in
            state.isFinal ? live[mailbox] == nil && states[mailbox] != nil : live[mailbox] == state
        }
        // Where all that is under way ends as final states of new recipients, only the account can tell.
        let newFinal = underWay.filter { $0.value.isFinal && states[$0.key] == nil }
        var hasHappened = happened.count + newFinal.count == underWay.count && !happened.isEmpty
        if happened.isEmpty && !newFinal.isEmpty {
            hasHappened = account.recipients == states.count + underWay.filter { states[$0.key] == nil }.count
        }
        #expect(hasHappened || happened.isEmpty, "half of a request is there: \(underWay), \(live); \(seed)")
        if hasHappened { acknowledge() } else { underWay = [:] }
        try check(queue, account, live, seed)
    }

    func check(_ queue: MailQueue, _ account: Account, _ seed: String) throws {
        let live = Dictionary(
            uniqueKeysWithValues: queue.items().flatMap { item in
                item.recipients.filter { !$0.state.isFinal }.map { ($0.mailbox, $0.state.name) }
            })
        try check(queue, account, live, seed)
    }

    private func check(
        _ queue: MailQueue, _ account: Account, _ live: [Mailbox: RecipientStep.State], _ seed: String
    ) throws {
        let expected = states.filter { !$0.value.isFinal }
        #expect(live == expected, "the queue is not what was promised; \(seed)")
        for item in queue.items() {
            let content = contents[item.messageID]
            #expect(try queue.octets(of: item.id) == content, "other content in \(item.messageID); \(seed)")
            #expect(try queue.record(of: item.messageID)?.id == item.messageID)
        }
        #expect(account.addsUp, "\(account); \(seed)")
        var sum = Account()
        for state in states.values { sum.count(state) }
        sum.accepted = account.accepted
        #expect(account == sum, "\(seed)")
        let accepted = Set(states.keys.compactMap { messages[$0] }).count
        #expect(account.accepted == accepted, "\(seed)")
    }
}
