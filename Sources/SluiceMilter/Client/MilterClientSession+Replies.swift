// SPDX-License-Identifier: Apache-2.0
import NIOCore

extension MilterClientSession {
    package mutating func replyReceived(_ reply: MilterReply) -> [Action] {
        switch state {
        case .unconnected, .closed: return []
        case .negotiating: return negotiated(reply)
        case .resting: return fail("the filter spoke unasked")
        case .running(var run):
            guard run.isReplyAwaited else {
                return fail("the filter answered what it had said it would not (\(reply.word))")
            }
            run.hasReply = true
            state = .running(run)
            return answered(run, reply)
        }
    }

    private mutating func negotiated(_ reply: MilterReply) -> [Action] {
        guard case .negotiate(let answer) = reply else {
            return fail("the filter answered the option negotiation with \(reply.word)")
        }
        guard 2...Self.offer.version ~= answer.version else {
            return fail("the filter speaks version \(answer.version), 2 to \(Self.offer.version) would be right")
        }
        let unknown = answer.actions.subtracting(Self.offer.actions)
        guard unknown.isEmpty else {
            return fail("the filter wants actions that there are not (0x\(String(unknown.rawValue, radix: 16)))")
        }
        options = answer
        // Flags of later versions don't mean anything in an answer of an earlier one.
        switch answer.version {
        case 2: options.steps = answer.steps.intersection(.version2).union([.noUnknown, .noData])
        case 3: options.steps = answer.steps.intersection(.version5).union(.noData)
        case 4, 5: options.steps = answer.steps.intersection(.version5)
        default: options.steps = answer.steps.intersection(Self.offer.steps)
        }
        macroLists = MilterMacroLists(answer.actions.contains(.setMacroLists) ? answer.macroLists : [:])
        state = .resting(Rest(client: nil, reuse: .anyClient))
        return [.ready]
    }

    private mutating func answered(_ run: Run, _ reply: MilterReply) -> [Action] {
        switch reply {
        case .progress: return []
        case .proceed:
            if run.step == .endOfMessage { return finish(run, reply) }
            return proceed(run.moved(to: run.step.answered(in: run.transaction)))
        case .skip:
            guard run.step != .endOfMessage else { return unexpected(run, reply) }
            return proceed(run.moved(to: run.step.skipped() ?? run.step.answered(in: run.transaction)))
        case .accept, .discard, .shutdown, .connectionFailure: return finish(run, reply)
        case .reject, .temporaryFailure, .replyCode:
            guard case .recipient(let index) = run.step else { return finish(run, reply) }
            var run = run.moved(to: run.step.answered(in: run.transaction))
            run.refusedRecipients[index] = reply
            return proceed(run)
        case .negotiate: return unexpected(run, reply)
        case .quarantine, .addField, .insertField, .changeField, .replaceBody, .changeReversePath, .addRecipient,
            .addRecipientWithParameters, .deleteRecipient:
            return modify(run, reply)
        }
    }

    private mutating func unexpected(_ run: Run, _ reply: MilterReply) -> [Action] {
        fail("the filter answered \(run.step) with \(reply.word)")
    }

    /// Takes down a modification; the end of the message is still to be answered.
    private mutating func modify(_ run: Run, _ reply: MilterReply) -> [Action] {
        guard run.step == .endOfMessage else { return unexpected(run, reply) }
        guard options.actions.contains(reply.action) else {
            return fail("the filter asked for a change that it had not announced (\(reply.word))")
        }
        if let excess = modifications.add(reply) { return fail(excess) }
        return []
    }

    /// The filter has said what becomes of the message.
    mutating func finish(_ run: Run, _ answer: MilterReply, _ commands: [MilterCommand] = []) -> [Action] {
        var outcome = MilterClientOutcome(
            answer: answer, step: run.step, refusedRecipients: run.refusedRecipients,
            modifications: modifications.all, options: options, reuse: .sameClient)
        var commands = commands
        guard run.step.isInTransaction, answer != .shutdown, answer != .connectionFailure else {
            outcome.reuse = .none
            state = .closed
            return [.send(commands + [.quit]), .finished(outcome), .close]
        }
        if run.step == .endOfMessage {
            if answer == .proceed, options.version >= 6 { outcome.reuse = .anyClient }
        } else {
            commands.append(.abort)
        }
        state = .resting(Rest(client: run.transaction.client, reuse: outcome.reuse))
        return commands.isEmpty ? [.finished(outcome)] : [.send(commands), .finished(outcome)]
    }
}

extension MilterClientSession.Run {
    fileprivate func moved(to step: MilterClientStep) -> Self {
        var run = self
        run.step = step
        run.isReplyAwaited = false
        return run
    }
}

extension MilterSteps {
    /// What a filter of versions 3 to 5 knows.
    fileprivate static let version5 = MilterSteps.version2.union([.noReplyForHeader, .noUnknown, .noData])
}

extension MilterReply {
    /// The reply in a word, for records and logs.
    package var word: String {
        switch self {
        case .negotiate: "an option negotiation"
        case .proceed: "proceed"
        case .accept: "accept"
        case .reject: "reject"
        case .temporaryFailure: "temporary failure"
        case .discard: "discard"
        case .skip: "skip"
        case .replyCode: "a reply code"
        case .shutdown: "shutdown"
        case .connectionFailure: "connection failure"
        case .progress: "progress"
        case .quarantine: "quarantine"
        case .addField: "add field"
        case .insertField: "insert field"
        case .changeField: "change field"
        case .replaceBody: "replace body"
        case .changeReversePath: "change reverse-path"
        case .addRecipient, .addRecipientWithParameters: "add recipient"
        case .deleteRecipient: "delete recipient"
        }
    }
}
