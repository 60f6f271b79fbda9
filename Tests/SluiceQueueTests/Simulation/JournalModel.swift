// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

@testable import SluiceQueue

/// A promise that was not kept, in words.
struct BrokenPromise: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// What a queue has promised so far, by address, and what it was asked for without an answer that binds it.
struct JournalModel {
    private(set) var live: [String: RecipientStep.State] = [:]
    private(set) var contents: [String: ByteBuffer] = [:]
    private(set) var accepted = 0
    private var finished: [RecipientStep.State: Int] = [:]
    private var messages: [String: String] = [:]
    /// What the history has to hold and may still lose.
    private var untold: Set<String> = []
    /// Failed while the journal had no segment in which that stands: a start may find them, each whole or not at all.
    private(set) var inDoubt: [SimulatedRequest] = []

    /// The request was acknowledged.
    mutating func acknowledge(_ request: SimulatedRequest) {
        for message in request.messages {
            accepted += 1
            contents[message.id] = message.content
            untold.insert(VolatileHistory.entry(decisionOf: message.id))
            for recipient in message.items.joined() { messages[recipient.mailbox.localPart] = message.id }
        }
        for effect in request.effects {
            untold.insert(effect.entry)
            live[effect.address] = nil
            if !effect.state.isFinal {
                live[effect.address] = effect.state
            } else {
                finished[effect.state, default: 0] += 1
                guard let message = messages.removeValue(forKey: effect.address) else { continue }
                if !messages.values.contains(message) { contents[message] = nil }
            }
        }
    }

    /// The message of a recipient that is not finished.
    func message(of address: String) -> String? { messages[address] }

    mutating func doubt(_ request: SimulatedRequest) {
        if !inDoubt.contains(where: { $0.tag == request.tag }) { inDoubt.append(request) }
    }

    /// A later request was acknowledged: what failed before it stands in no segment that counts.
    mutating func resolveDoubt() { inDoubt = [] }

    /// After a start: finds out by the history, which was told what the journal holds, what of the requests in doubt was
    /// done, and checks that no promise is broken.
    ///
    /// - Returns: the tags of the requests that were done.
    mutating func settle(_ queue: MailQueue, _ history: VolatileHistory) throws -> Set<String> {
        let entries = history.entries
        var done: Set<String> = []
        for request in inDoubt {
            let wanted =
                request.effects.map(\.entry) + request.messages.map { VolatileHistory.entry(decisionOf: $0.id) }
            let found = wanted.filter(entries.contains)
            if found.isEmpty { continue }
            guard found.count == wanted.count else {
                throw BrokenPromise("half of a request is there: \(found) of \(wanted)")
            }
            done.insert(request.tag)
            acknowledge(request)
        }
        inDoubt = []
        try check(queue)
        try check(history, entries)
        return done
    }

    /// The live queue is what was promised, and so are the contents.
    func check(_ queue: MailQueue) throws {
        let items = queue.items()
        var found: [String: RecipientStep.State] = [:]
        for item in items {
            for recipient in item.recipients where !recipient.state.isFinal {
                guard found.updateValue(recipient.state.name, forKey: recipient.mailbox.localPart) == nil else {
                    throw BrokenPromise("\(recipient.mailbox.localPart) is there twice")
                }
            }
        }
        guard found == live else {
            let differences = Set(found.keys).union(live.keys).filter { found[$0] != live[$0] }.sorted().map {
                "\($0): promised \(live[$0]?.rawValue ?? "nothing"), found \(found[$0]?.rawValue ?? "nothing")"
            }
            throw BrokenPromise("the queue is not what was promised: \(differences)")
        }
        var read: Set<String> = []
        for item in items where read.insert(item.messageID).inserted {
            guard try queue.octets(of: item.id) == contents[item.messageID] else {
                throw BrokenPromise("other content in \(item.messageID)")
            }
            guard try queue.record(of: item.messageID)?.id == item.messageID else {
                throw BrokenPromise("no decision record of \(item.messageID)")
            }
        }
    }

    private mutating func check(_ history: VolatileHistory, _ entries: Set<String>) throws {
        let missing = untold.subtracting(entries)
        guard missing.isEmpty else { throw BrokenPromise("the history lacks \(missing.sorted())") }
        untold.subtract(history.takeDurable())
    }

    /// The account adds up to what was promised.
    ///
    /// - Parameter isPruned: whether the ledger may have let go of its oldest files.
    func check(_ account: Account, isPruned: Bool) throws {
        guard account.addsUp else { throw BrokenPromise("\(account)") }
        if isPruned { return }
        var expected = Account()
        for state in live.values { expected.count(state) }
        for (state, count) in finished { for _ in 0..<count { expected.count(state) } }
        expected.accepted = accepted
        guard account == expected else { throw BrokenPromise("\(account) instead of \(expected)") }
    }
}
