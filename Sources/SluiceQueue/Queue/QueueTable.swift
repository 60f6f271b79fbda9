// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The live items and the messages that they belong to: what is on stable storage, and nothing else.
struct QueueTable: Sendable {
    struct Message: Sendable {
        var stored: StoredMessage
        var items: [QueueID]
    }

    private(set) var items: [QueueID: QueueItem] = [:]
    private(set) var messages: [UInt64: Message] = [:]
    /// The numbers of the live messages with an id.
    private(set) var numbers: [String: [UInt64]] = [:]
    /// Octets of the content of messages of which something is in quarantine.
    private(set) var quarantinedOctets: Int64 = 0
    /// Content files that belong to no live message any more.
    private(set) var unusedFiles: [String] = []
    private(set) var counts: [RecipientStep.State: Int] = [:]
    private(set) var octets: Int64 = 0

    /// Says whether a change is possible, given states that are not in the table yet.
    func check(_ change: StateChange, pending: [RecipientKey: RecipientState]) throws(JournalError) {
        guard let item = items[change.item] else { throw .unknownItem(change.item) }
        guard item.recipients.indices.contains(change.recipient) else {
            throw .unknownRecipient(change.item, change.recipient)
        }
        let key = RecipientKey(item: change.item, recipient: change.recipient)
        let state = pending[key] ?? item.recipients[change.recipient].state
        guard state.allows(change.state) else {
            throw .impossibleTransition(
                change.item, recipient: change.recipient, from: state.name, to: change.state.name)
        }
    }

    /// Enters a message; items that are finished from the start (discarded by rule) leave nothing but their record.
    mutating func insert(_ message: Transaction.NewMessage) {
        let live = message.items.filter { !$0.isFinished }
        let stored = message.stored
        guard !live.isEmpty else {
            release(stored.content)
            return
        }
        messages[stored.number] = Message(stored: stored, items: live.map(\.id))
        numbers[stored.messageID, default: []].append(stored.number)
        octets += Int64(stored.content.length)
        for item in live {
            items[item.id] = item
            for recipient in item.recipients where !recipient.state.isFinal {
                counts[recipient.state.name, default: 0] += 1
            }
        }
        if isQuarantined(stored.number) { quarantinedOctets += Int64(stored.content.length) }
    }

    /// Enters a message in the place of what the table has of it, if it has any.
    mutating func replace(_ message: Transaction.NewMessage) {
        if let known = messages[message.stored.number] {
            if isQuarantined(message.stored.number) { quarantinedOctets -= Int64(known.stored.content.length) }
            for id in known.items {
                for recipient in items[id]?.recipients ?? [] where !recipient.state.isFinal {
                    counts[recipient.state.name, default: 0] -= 1
                }
                items[id] = nil
            }
            messages[message.stored.number] = nil
            numbers[known.stored.messageID]?.removeAll { $0 == known.stored.number }
            octets -= Int64(known.stored.content.length)
        }
        insert(message)
    }

    /// Enters a change that ``check(_:pending:)`` has passed.
    ///
    /// - Returns: what happened, or `nil` where there is no such recipient.
    mutating func apply(_ change: StateChange, at time: Timestamp) -> AppliedChange? {
        guard let number = items[change.item]?.messageNumber, let message = messages[number] else { return nil }
        let wasQuarantined = isQuarantined(number)
        // Taken out, so that thousands of recipients change in place and are not copied for each change.
        guard var item = items.removeValue(forKey: change.item) else { return nil }
        guard item.recipients.indices.contains(change.recipient) else {
            items[change.item] = item
            return nil
        }
        let before = item.recipients[change.recipient].state
        if !before.isFinal { counts[before.name, default: 0] -= 1 }
        if !change.state.isFinal { counts[change.state.name, default: 0] += 1 }
        item.recipients[change.recipient].enter(change.state, change.step(at: time))
        let steps = item.recipients[change.recipient].lastStep(of: item)
        let length = Int64(message.stored.content.length)
        if item.isFinished {
            let rest = message.items.filter { $0 != item.id }
            if rest.isEmpty {
                remove(message.stored)
                if wasQuarantined { quarantinedOctets -= length }
                return AppliedChange(steps: steps, finished: item)
            }
            messages[number]?.items = rest
        } else {
            items[change.item] = item
        }
        let isQuarantined = isQuarantined(number)
        if isQuarantined != wasQuarantined { quarantinedOctets += isQuarantined ? length : -length }
        return AppliedChange(steps: steps, finished: items[change.item] == nil ? item : nil)
    }

    /// The content of a message stands in a file of its own now.
    ///
    /// - Returns: whether the message is still there.
    mutating func move(_ number: UInt64, toFile name: String) -> Bool {
        guard messages[number] != nil else {
            unusedFiles.append(name)
            return false
        }
        messages[number]?.stored.content.place = .file(name)
        // A copy that a process made and did not get to note had the same name: that is in use now.
        unusedFiles.removeAll { $0 == name }
        return true
    }

    mutating func takeUnusedFiles() -> [String] {
        let files = unusedFiles
        unusedFiles = []
        return files
    }

    mutating func addUnusedFiles(_ names: [String]) { unusedFiles += names }

    /// Whether the change would bring a message into quarantine that is not there yet: the octets that it adds.
    func quarantineOctets(addedBy change: StateChange) -> Int64 {
        guard change.state.name == .quarantined, let item = items[change.item], !isQuarantined(item.messageNumber)
        else { return 0 }
        return Int64(item.size)
    }

    private func isQuarantined(_ number: UInt64) -> Bool {
        messages[number]?.items.contains { id in
            items[id]?.recipients.contains { $0.state.name == .quarantined } ?? false
        } ?? false
    }

    private mutating func remove(_ stored: StoredMessage) {
        messages[stored.number] = nil
        numbers[stored.messageID]?.removeAll { $0 == stored.number }
        if numbers[stored.messageID]?.isEmpty ?? false { numbers[stored.messageID] = nil }
        octets -= Int64(stored.content.length)
        release(stored.content)
    }

    private mutating func release(_ content: StoredContent) {
        if case .file(let name) = content.place { unusedFiles.append(name) }
    }
}

/// What came of a change.
struct AppliedChange: Sendable {
    /// The step that the recipient took, for the history.
    var steps: [RecipientStep]
    /// The item, where the change finished it and it has left the table.
    var finished: QueueItem?
}

/// A recipient, named by its item and its place in it.
struct RecipientKey: Hashable, Sendable {
    var item: QueueID
    var recipient: Int
}
