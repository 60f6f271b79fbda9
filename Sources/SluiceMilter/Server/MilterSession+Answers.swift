// SPDX-License-Identifier: Apache-2.0
import NIOCore

extension MilterSession {
    /// The policy's answer to ``MilterSessionAction/ask(_:)``.
    mutating func answered(_ answer: MilterStepAnswer) {
        guard let step = asked else { return }
        asked = nil
        switch answer {
        case .proceed, .reply(.proceed): break
        case .reply(let reply):
            guard reply.endsMessage else { return fault("an answer before the end of the message that ends nothing") }
            refuse(reply, at: step)
        }
    }

    /// A piece of the body was taken, or could not be kept.
    ///
    /// - Parameter isEnough: whether the policy wants no more of it: an MTA that waits for an answer is told to skip it.
    mutating func bodyTaken(isKept: Bool, isEnough: Bool = false) {
        guard isKept else { return decide(.temporaryFailure) }
        if isEnough { isSkipping = options.steps.contains(.skip) }
    }

    /// The policy's answer to ``MilterSessionAction/conclude(_:)``; nothing where the transaction has ended meanwhile.
    mutating func concluded(_ conclusion: MilterConclusion) {
        guard state == .concluding else { return }
        transactionIsOver()
        for modification in conclusion.modifications {
            guard let needed = MilterActions.needed(for: modification), options.actions.contains(needed) else {
                return concludedWrongly("a modification that was not agreed on: \(modification.name)")
            }
        }
        guard conclusion.final.endsMessage || conclusion.final == .proceed else {
            return concludedWrongly("an answer that ends nothing")
        }
        for modification in conclusion.modifications { push(.act(.send(spaced(modification)))) }
        push(.act(.send(conclusion.final)))
    }

    private mutating func concludedWrongly(_ text: String) {
        push(.act(.reportFault(text)))
        push(.act(.send(.temporaryFailure)))
    }

    private mutating func refuse(_ reply: MilterReply, at step: MilterSessionStep) {
        switch step {
        case .connect, .helo: clientAnswer = reply
        case .recipient:
            if reply.refusesRecipient, isAnswered(.recipient) { recipientAnswer = reply } else { decide(reply) }
        case .mail, .data, .header, .endOfHeader, .body, .endOfMessage, .unknown: decide(reply)
        }
    }

    private mutating func fault(_ text: String) {
        insert(.act(.reportFault(text)))
        decide(.temporaryFailure)
    }

    /// The message is decided before its end.
    private mutating func decide(_ reply: MilterReply) {
        guard isPolicyInTransaction else {
            clientAnswer = reply
            return
        }
        state = .decided(reply, isGiven: false)
        insert(.act(.transactionEnded))
    }

    /// Without the agreement about leading space the MTA puts one before the value.
    private func spaced(_ modification: MilterReply) -> MilterReply {
        guard !options.steps.contains(.leadingSpace) else { return modification }
        switch modification {
        case .addField(let name, let value): return .addField(name: name, value: withoutSpace(value))
        case .insertField(let index, let name, let value):
            return .insertField(index: index, name: name, value: withoutSpace(value))
        case .changeField(let index, let name, let value):
            return .changeField(index: index, name: name, value: withoutSpace(value))
        case .negotiate, .proceed, .accept, .reject, .temporaryFailure, .discard, .skip, .replyCode, .shutdown,
            .connectionFailure, .progress, .quarantine, .replaceBody, .changeReversePath, .addRecipient,
            .addRecipientWithParameters, .deleteRecipient:
            return modification
        }
    }

    /// A value of nothing but a space stays, since an empty one would delete the field.
    private func withoutSpace(_ value: ByteBuffer) -> ByteBuffer {
        guard value.readableBytes > 1, value.getInteger(at: value.readerIndex) == UInt8(ascii: " ") else {
            return value
        }
        return value.getSlice(at: value.readerIndex + 1, length: value.readableBytes - 1) ?? value
    }
}

extension MilterReply {
    /// Whether it can be the answer to a message, and isn't `proceed`.
    var endsMessage: Bool {
        switch self {
        case .accept, .reject, .temporaryFailure, .discard, .replyCode, .shutdown, .connectionFailure: true
        case .negotiate, .proceed, .skip, .progress, .quarantine, .addField, .insertField, .changeField, .replaceBody,
            .changeReversePath, .addRecipient, .addRecipientWithParameters, .deleteRecipient:
            false
        }
    }

    /// Whether it refuses the one recipient to whom it is the answer, and the message goes on.
    var refusesRecipient: Bool {
        switch self {
        case .reject, .temporaryFailure, .replyCode: true
        case .accept, .discard, .shutdown, .connectionFailure, .negotiate, .proceed, .skip, .progress, .quarantine,
            .addField, .insertField, .changeField, .replaceBody, .changeReversePath, .addRecipient,
            .addRecipientWithParameters, .deleteRecipient:
            false
        }
    }

    /// For the log.
    var name: String {
        switch self {
        case .negotiate: "negotiate"
        case .proceed: "continue"
        case .accept: "accept"
        case .reject: "reject"
        case .temporaryFailure: "tempfail"
        case .discard: "discard"
        case .skip: "skip"
        case .replyCode: "reply code"
        case .shutdown: "shutdown"
        case .connectionFailure: "connection failure"
        case .progress: "progress"
        case .quarantine: "quarantine"
        case .addField: "add a field"
        case .insertField: "insert a field"
        case .changeField: "change a field"
        case .replaceBody: "replace the body"
        case .changeReversePath: "change the reverse-path"
        case .addRecipient: "add a recipient"
        case .addRecipientWithParameters: "add a recipient with parameters"
        case .deleteRecipient: "delete a recipient"
        }
    }
}
