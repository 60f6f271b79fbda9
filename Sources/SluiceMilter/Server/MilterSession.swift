// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// The filter's side of the milter protocol on one connection, without channel and clock: a command goes in, then
/// ``next()`` gives what is to be done, one after the other, until it returns `nil`.
///
/// Whatever the MTA leaves out (DATA before version 4, the end of the header), the policy sees every message as mail,
/// recipients, data, fields, end of header, body, end, or its end before that.
struct MilterSession: Sendable {
    enum State: Hashable, Sendable {
        case awaitingNegotiation
        /// Options are agreed on, and no client is there: at the beginning, or after quit and new connection.
        case awaitingClient
        /// A client between its messages.
        case client
        /// MAIL has come, and perhaps recipients.
        case envelope
        /// DATA has come.
        case data
        case header
        /// The header has ended.
        case body
        /// The policy decides about the whole message.
        case concluding
        /// The policy is done with this message before its end, and every step that comes still gets this answer.
        case decided(MilterReply, isGiven: Bool)
        case closed
    }

    /// What stands on the agenda.
    enum Item: Hashable, Sendable {
        case act(MilterSessionAction)
        case ask(MilterSessionQuestion)
        /// The command is done: answer it where this step is answered.
        case finish(MilterSessionStep)
        /// A piece of the body, where the message still wants one.
        case takeBody(ByteBuffer)
        /// The end of the message, where it is still undecided.
        case conclude
    }

    let configuration: MilterServerConfiguration
    var state = State.awaitingNegotiation
    /// What was agreed on.
    var options = MilterOptions(version: 0, actions: [], steps: [])
    var macros = MilterMacroScopes()
    /// An answer to connect or helo that holds for all messages of this client.
    var clientAnswer: MilterReply?
    /// The question whose answer is awaited.
    var asked: MilterSessionStep?
    /// What a recipient is told, where that isn't `proceed`.
    var recipientAnswer: MilterReply?
    /// `skip` where the policy wants no more pieces of the body. There is none for other steps: Sendmail takes it for
    /// the whole message at RCPT, and for the body at a header field (docs/milter.md).
    var isSkipping = false
    private var agenda: [Item] = []
    private var position = 0

    init(configuration: MilterServerConfiguration) { self.configuration = configuration }

    /// Whether a message is under way whose answer the MTA does not have yet.
    var isInTransaction: Bool {
        switch state {
        case .awaitingNegotiation, .awaitingClient, .client, .closed: false
        case .decided(_, let isGiven): !isGiven
        case .envelope, .data, .header, .body, .concluding: true
        }
    }

    /// Whether the policy has been told of a transaction and not of its end.
    var isPolicyInTransaction: Bool {
        switch state {
        case .awaitingNegotiation, .awaitingClient, .client, .decided, .closed: false
        case .envelope, .data, .header, .body, .concluding: true
        }
    }

    /// Whether the policy has been told of a client and not of its end.
    var hasClient: Bool {
        switch state {
        case .awaitingNegotiation, .awaitingClient, .closed: false
        case .client, .envelope, .data, .header, .body, .concluding, .decided: true
        }
    }

    mutating func push(_ item: Item) { agenda.append(item) }

    /// Puts an item before all others.
    mutating func insert(_ item: Item) { agenda.insert(item, at: position) }

    mutating func dropAgenda() {
        agenda.removeAll(keepingCapacity: true)
        position = 0
    }

    /// What is to be done now; `nil` where the next command may be taken.
    mutating func next() -> MilterSessionAction? {
        while position < agenda.count {
            let item = agenda[position]
            position += 1
            if let action = action(for: item) { return action }
        }
        dropAgenda()
        return nil
    }

    private mutating func action(for item: Item) -> MilterSessionAction? {
        switch item {
        case .act(let action): return action
        case .ask(let question):
            if case .decided = state { return nil }
            asked = question.step
            return .ask(question)
        case .takeBody(let piece):
            if case .decided = state { return nil }
            return .takeBody(piece)
        case .conclude:
            if case .decided(let reply, _) = state {
                transactionIsOver()
                return .send(reply)
            }
            state = .concluding
            isSkipping = false
            return .conclude(macros.all(upTo: .endOfMessage))
        case .finish(let step): return finish(step)
        }
    }

    func isAnswered(_ step: MilterSessionStep) -> Bool {
        guard let noReply = step.noReply else { return true }
        return !options.steps.contains(noReply)
    }

    private mutating func finish(_ step: MilterSessionStep) -> MilterSessionAction? {
        defer {
            recipientAnswer = nil
            isSkipping = false
        }
        guard isAnswered(step) else { return nil }
        if case .decided(let reply, _) = state {
            state = .decided(reply, isGiven: true)
            return .send(reply)
        }
        switch step {
        case .connect, .helo: return .send(clientAnswer ?? .proceed)
        case .recipient: return .send(recipientAnswer ?? .proceed)
        case .mail, .data, .header, .endOfHeader: return .send(.proceed)
        case .body: return .send(isSkipping ? .skip : .proceed)
        case .unknown, .endOfMessage: return nil
        }
    }

    /// The transaction's macros and state are over; the policy knows.
    mutating func transactionIsOver() {
        state = .client
        macros.ended(from: .mail)
    }
}
