// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// The MTA's side of the milter protocol, for messages that are there as a whole: one session with one filter, in which
/// one message follows the other. No clock, no loop: events in, actions out.
///
/// Version 6 is offered; filters of versions 2 to 5 are served with what they know. What is not answered (NR) is told
/// at one go with what follows.
package struct MilterClientSession: Sendable {
    package enum Action: Equatable, Sendable {
        case send([MilterCommand])
        /// Read that much of the body and say so by ``bodyRead(_:)``, when what was sent before is on its way.
        case readBody(at: Int, count: Int)
        /// The options are agreed on: a message may be told.
        case ready
        case finished(MilterClientOutcome)
        /// The message has no answer, or the session did not come about.
        case failed(MilterClientFailure)
        case close
    }

    /// What is being waited for, which says which time limit applies.
    package enum Awaited: Hashable, Sendable {
        case nothing
        /// An answer, or octets of the body to be on their way.
        case command
        /// The answer to the end of the message.
        case conclusion
        /// The next message.
        case message
    }

    /// What is told of one message.
    struct Run: Sendable {
        let transaction: MilterTransaction
        /// The step that is told next, or whose answer is awaited.
        var step: MilterClientStep
        var isReplyAwaited = false
        var hasReply = false
        var refusedRecipients: [Int: MilterReply] = [:]
    }

    /// What stands between two messages.
    struct Rest: Sendable {
        /// The client that the filter knows of; `nil` in a session that has had no message.
        var client: MilterTransaction.Client?
        var reuse: MilterClientOutcome.Reuse
    }

    enum State: Sendable {
        case unconnected
        case negotiating
        case resting(Rest)
        case running(Run)
        case closed
    }

    /// What we can do and leave out. Not ``MilterSteps/rejectedRecipients``: those don't reach the chain.
    package static let offer = MilterOptions(
        version: 6, actions: .version6, steps: MilterSteps.version6.subtracting(.rejectedRecipients))

    private let limits: MilterClientLimits
    var state = State.unconnected
    /// What was agreed on.
    package internal(set) var options = MilterClientSession.offer
    var macroLists = MilterMacroLists()
    var modifications: MilterModificationList

    package init(limits: MilterClientLimits = MilterClientLimits()) {
        self.limits = limits
        modifications = MilterModificationList(limits)
    }

    package var awaited: Awaited {
        switch state {
        case .unconnected, .closed: .nothing
        case .negotiating: .command
        case .resting: .message
        case .running(let run): run.step == .endOfMessage ? .conclusion : .command
        }
    }

    /// Whether a message can be told.
    package var isReady: Bool {
        if case .resting = state { true } else { false }
    }

    /// The connection stands.
    package mutating func connected() -> [Action] {
        guard case .unconnected = state else { preconditionFailure("connected twice") }
        state = .negotiating
        return [.send([.negotiate(Self.offer)])]
    }

    /// A message is to be told. Only where ``isReady``, and only one that the last outcome's `reuse` allows.
    package mutating func transactionRequested(_ transaction: MilterTransaction) -> [Action] {
        guard case .resting(let rest) = state else {
            let failure = MilterClientFailure(
                step: nil, reason: "the filter closed the connection", isUnanswered: true)
            return [.failed(failure)]
        }
        modifications = MilterModificationList(limits)
        var run = Run(transaction: transaction, step: .connect)
        var commands: [MilterCommand] = []
        if let client = rest.client {
            if client == transaction.client {
                run.step = .mail
            } else {
                guard rest.reuse == .anyClient else { preconditionFailure("a session with another client") }
                commands.append(.quitNewConnection)
            }
        }
        return proceed(run, commands)
    }

    /// The next piece of the body was read.
    package mutating func bodyRead(_ piece: ByteBuffer) -> [Action] {
        guard case .running(var run) = state, case .body(let offset) = run.step, !run.isReplyAwaited else { return [] }
        guard piece.readableBytes > 0 else { return fail("the body is shorter than it was") }
        let command = MilterCommand.body(piece)
        let isAnswered = options.steps.isDisjoint(with: MilterSteps.noReplyForBody)
        if isAnswered {
            run.step = .body(offset + piece.readableBytes)
            run.isReplyAwaited = true
            state = .running(run)
            return [.send([command])]
        }
        run.step = .body(offset + piece.readableBytes)
        return proceed(run, [command])
    }

    /// The body can't be read.
    package mutating func bodyFailed(_ reason: String) -> [Action] { fail("the body can't be read: \(reason)") }

    /// What came is no packet of the protocol.
    package mutating func garbageReceived(_ error: MilterPacketError) -> [Action] { fail("the filter sent \(error)") }

    package mutating func connectionClosed(_ reason: String) -> [Action] { fail(reason) }

    /// What was awaited has not come in time.
    package mutating func timerFired() -> [Action] {
        switch awaited {
        case .nothing: return []
        case .message: return quitRequested()
        case .command, .conclusion: return fail("no answer in time")
        }
    }

    /// The session is not needed any more.
    package mutating func quitRequested() -> [Action] {
        guard case .resting = state else { return fail("the connection was given up") }
        state = .closed
        return [.send([.quit]), .close]
    }

    /// Ends the session without an answer.
    mutating func fail(_ reason: String) -> [Action] {
        defer { state = .closed }
        switch state {
        case .unconnected, .negotiating:
            return [
                .failed(MilterClientFailure(step: .negotiation, reason: reason, isUnanswered: true)), .close,
            ]
        case .running(let run):
            return [
                .failed(MilterClientFailure(step: run.step, reason: reason, isUnanswered: !run.hasReply)), .close,
            ]
        case .resting: return [.close]
        case .closed: return []
        }
    }
}
