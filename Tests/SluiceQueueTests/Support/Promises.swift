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
    /// The requests that failed since one was acknowledged: where the disk let no segment be sealed, the one that it
    /// failed with may be found after a crash; the others found no segment to be written to.
    private var inDoubt: [[Mailbox: RecipientStep.State]] = []

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
        inDoubt = []
    }

    /// The request failed, and the process goes on.
    ///
    /// - Parameter isSealed: whether the journal has a segment that it is void in; then it must never appear.
    mutating func fail(isSealed: Bool) {
        if isSealed { inDoubt = [] } else { inDoubt.append(underWay) }
        underWay = [:]
    }

    /// After a crash: what was under way happened or it didn't, but not by half.
    mutating func settle(_ queue: MailQueue, _ account: Account, _ seed: String) throws {
        let live = Self.live(queue)
        let requests = [underWay] + inDoubt
        for request in requests where !request.isEmpty && hasHappened(request, live, account, seed) {
            underWay = request
            acknowledge()
            break
        }
        underWay = [:]
        inDoubt = []
        try check(queue, account, live, seed)
    }

    private func hasHappened(
        _ request: [Mailbox: RecipientStep.State], _ live: [Mailbox: RecipientStep.State], _ account: Account,
        _ seed: String
    ) -> Bool {
        let visible = request.filter { states[$0.key] != nil || !$0.value.isFinal }
        // Where all that it does is to make recipients that are finished at once, only the account can tell.
        if visible.isEmpty { return account.recipients == states.count + request.count }
        let happened = visible.filter { mailbox, state in state.isFinal ? live[mailbox] == nil : live[mailbox] == state
        }
        let unchanged = visible.filter { mailbox, state in states[mailbox] == state }
        #expect(
            happened.count == visible.count || happened == unchanged,
            "half of a request is there: \(request), \(live); \(seed)")
        return happened.count == visible.count
    }

    private static func live(_ queue: MailQueue) -> [Mailbox: RecipientStep.State] {
        Dictionary(
            uniqueKeysWithValues: queue.items().flatMap { item in
                item.recipients.filter { !$0.state.isFinal }.map { ($0.mailbox, $0.state.name) }
            })
    }

    func check(_ queue: MailQueue, _ account: Account, _ seed: String) throws {
        let live = Self.live(queue)
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
