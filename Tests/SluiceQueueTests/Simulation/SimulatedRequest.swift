// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting

@testable import SluiceQueue

/// One append that a queue is asked for, and what it does if it is done: messages accepted, recipients in other states.
struct SimulatedRequest: Sendable {
    struct Message: Sendable {
        var id: String
        var content: ByteBuffer
        var isStaged: Bool
        /// The recipients of each of its items.
        var items: [[NewRecipient]]
    }

    /// What becomes of one recipient.
    struct Effect: Sendable {
        /// The recipient's local part; each is used once.
        var address: String
        var state: RecipientStep.State
        /// By which the history knows the step.
        var why: String

        var entry: String { "\(address) \(why)" }
    }

    var tag: String
    var changes: [StateChange] = []
    var messages: [Message] = []
    var effects: [Effect] = []
    /// Whether it says what a next hop did: then it is asked for again until it is recorded.
    var isOutcome = false

    var addresses: [String] { effects.map(\.address) }

    /// Adds a message with its recipients; each state that has a reason has the request's tag.
    mutating func add(_ message: Message) {
        messages.append(message)
        for recipient in message.items.joined() {
            let queued = recipient.queued(at: Timestamp(milliseconds: 0))
            effects.append(
                Effect(
                    address: recipient.mailbox.localPart, state: queued.state.name, why: queued.steps[0].why))
        }
    }

    /// Adds a change of a recipient.
    mutating func add(_ item: QueueItem, _ number: Int, becomes state: RecipientState) {
        changes.append(StateChange(item: item.id, recipient: number, state: state, by: "test", why: tag))
        effects.append(
            Effect(address: item.recipients[number].mailbox.localPart, state: state.name, why: tag))
    }

    /// Asks for it.
    func perform(_ queue: MailQueue) async throws(JournalError) {
        var submissions: [Submission] = []
        for message in messages {
            var content = Submission.Content.memory(message.content)
            if message.isStaged {
                let staged = try queue.stageContent()
                try staged.append(message.content)
                content = .staged(staged)
            }
            submissions.append(
                Submission(
                    messageID: message.id, content: content,
                    items: message.items.map {
                        NewItem(reversePath: .mailbox(Sample.mailbox("sender")), recipients: $0)
                    },
                    record: Sample.record(message.id, recipients: message.items.joined().map(\.mailbox))))
        }
        if changes.isEmpty, submissions.count == 1 {
            _ = try await queue.commit(submissions[0])
        } else {
            try await queue.apply(changes, adding: submissions)
        }
    }
}
