// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// One transaction as the client sees it: MAIL, RCPT for each recipient, DATA, the content, the replies to the final
/// dot (RFC 5321 §3.3; RFC 2033 §4.2 for LMTP). It is a part of ``ClientStateMachine``.
///
/// MAIL and the RCPT commands go out together where the server pipelines (RFC 2920). DATA waits for their replies: a
/// `354` to a transaction without a recipient would have to be answered by an empty message.
struct ClientTransactionStateMachine: Hashable, Sendable {
    enum Purpose: Hashable, Sendable {
        case delivery
        /// MAIL and RCPT only.
        case probe
    }

    /// What is to be done next.
    enum Step: Hashable, Sendable {
        case wait
        case write([ClientCommand])
        case sendContent
        case done
        /// The connection is of no more use; recipients without an outcome are deferred for this.
        case broken(DeliveryFailure)
    }

    enum Phase: Hashable, Sendable {
        case reset
        case mail
        /// Waiting for the reply to the RCPT command of this place.
        case recipients(Int)
        /// MAIL was refused; so many replies to pipelined RCPT commands are outstanding.
        case draining(Int)
        case data
        case content
        /// Waiting for the reply to the dot; over LMTP for the one of this place.
        case finalReplies(Int)
        case done
    }

    private let envelope: ClientEnvelope
    private let extensions: ServerExtensions
    private let purpose: Purpose
    private let isLMTP: Bool
    private var outcomes: [RecipientOutcome?]
    /// The recipients that a RCPT command is sent for, by their place in the envelope.
    private var asked: [Int] = []
    /// Those that the server accepted.
    private var accepted: [Int] = []
    private var acceptance: Reply?
    private(set) var phase = Phase.reset
    /// Whether MAIL was accepted and not ended by a final dot, so that RSET must come before the next MAIL.
    private(set) var needsReset = false
    private(set) var wasAnswered = false
    private var surplus: [Int] = []
    /// Places that were put off before content was sent.
    private var putOff: Set<Int> = []
    private var hasContentBegun = false
    private var isStrained = false

    init(_ envelope: ClientEnvelope, purpose: Purpose, isLMTP: Bool, extensions: ServerExtensions) {
        self.envelope = envelope
        self.purpose = purpose
        self.isLMTP = isLMTP
        self.extensions = extensions
        outcomes = Array(repeating: nil, count: envelope.recipients.count)
    }

    /// Begins, after RSET where the transaction before this one was left open.
    mutating func start(afterReset: Bool) -> Step {
        refuseWhatCanNotBeSent()
        asked = outcomes.indices.filter { outcomes[$0] == nil }
        if asked.isEmpty {
            phase = .done
            needsReset = afterReset
            return .done
        }
        if afterReset {
            phase = .reset
            return .write([.rset])
        }
        return sendMail()
    }

    /// Settles what needs no asking: addresses that can't be written, and what the server's extensions rule out.
    private mutating func refuseWhatCanNotBeSent() {
        let sender = envelope.reversePath.mailbox
        if let sender, !ClientCommand.isWritable(sender) {
            settle(.failed(.local(EnhancedStatusCode(5, 1, 7), "the reverse-path is not a mailbox of RFC 5321")))
        } else if let sender, !sender.isASCII, !extensions.internationalized {
            settle(Self.noSMTPUTF8)
        } else if envelope.isInternationalized, envelope.hasEightBitHeader, !extensions.internationalized {
            // RFC 6531 §3.4 and 3.6: an internationalized header section goes nowhere else.
            settle(Self.noSMTPUTF8)
        } else if envelope.hasEightBitContent, !extensions.eightBitMIME {
            // RFC 6152 §3: converted, or a permanent failure. What was received never changes, and its signatures hold.
            let words = "the message has 8-bit content, and the next hop does not offer 8BITMIME"
            settle(.failed(.local(EnhancedStatusCode(5, 6, 3), words)))
        } else if let limit = extensions.sizeLimit, envelope.size > limit {
            let words = "the message has \(envelope.size) octets, the next hop takes \(limit)"
            settle(.failed(.local(EnhancedStatusCode(5, 3, 4), words)))
        }
        for (index, mailbox) in envelope.recipients.enumerated() where outcomes[index] == nil {
            if !ClientCommand.isWritable(mailbox) {
                outcomes[index] = .failed(
                    .local(EnhancedStatusCode(5, 1, 3), "the recipient is not a mailbox of RFC 5321"))
            } else if !mailbox.isASCII, !extensions.internationalized {
                outcomes[index] = Self.noSMTPUTF8
            }
        }
    }

    private mutating func sendMail() -> Step {
        var parameters: [String] = []
        if purpose == .delivery {
            if extensions.size { parameters.append("SIZE=\(envelope.size)") }
            if extensions.eightBitMIME, envelope.is8BitMIME { parameters.append("BODY=8BITMIME") }
            if extensions.dsn, let dsn = envelope.dsn { parameters += dsn.written }
        }
        // RFC 6531 §3.4: also where only an address asks for it.
        let isInternationalized =
            envelope.isInternationalized || envelope.reversePath.mailbox?.isASCII == false
            || !envelope.recipients.allSatisfy(\.isASCII)
        if extensions.internationalized, isInternationalized { parameters.append("SMTPUTF8") }
        phase = .mail
        var commands = [ClientCommand.mail(envelope.reversePath, parameters: parameters)]
        if extensions.pipelining { commands += asked.map(rcpt) }
        return .write(commands)
    }

    /// The RCPT command for a place of the envelope.
    private func rcpt(_ index: Int) -> ClientCommand {
        let mailbox = envelope.recipients[index]
        let isTold = extensions.dsn && purpose == .delivery
        return .rcpt(mailbox, parameters: isTold ? envelope.dsn?[mailbox].written ?? [] : [])
    }

    /// Takes the next reply.
    mutating func replyReceived(_ reply: Reply) -> Step {
        wasAnswered = true
        // RFC 5321 §3.8: the server may say at any time that it closes the connection.
        if reply.code == 421 { return broken(.reply(reply)) }
        switch phase {
        case .reset:
            return reply.isCompletion ? sendMail() : unexpected(reply, to: "RSET")
        case .mail:
            return mailAnswered(reply)
        case .recipients(let place):
            return recipientAnswered(reply, place)
        case .draining(let count):
            if count > 1 {
                phase = .draining(count - 1)
                return .wait
            }
            return done(needsReset: false)
        case .data:
            if reply.code == 354 {
                phase = .content
                hasContentBegun = true
                return .sendContent
            }
            guard let outcome = Self.refusal(reply) else { return unexpected(reply, to: "DATA") }
            putOffUnsettled(outcome)
            settle(outcome)
            return done(needsReset: true)
        case .content:
            if let outcome = Self.refusal(reply) { settle(outcome) }
            return unexpected(reply, to: "content that had not ended")
        case .finalReplies(let place):
            return finalReplyReceived(reply, place)
        case .done:
            return unexpected(reply, to: "nothing")
        }
    }

    private mutating func mailAnswered(_ reply: Reply) -> Step {
        if reply.isCompletion {
            phase = .recipients(0)
            return extensions.pipelining ? .wait : .write([rcpt(asked[0])])
        }
        guard let outcome = Self.refusal(reply) else { return unexpected(reply, to: "MAIL") }
        if case .deferred = outcome { isStrained = true }
        putOffUnsettled(outcome)
        settle(outcome)
        guard extensions.pipelining else { return done(needsReset: false) }
        phase = .draining(asked.count)
        return .wait
    }

    private mutating func recipientAnswered(_ reply: Reply, _ place: Int) -> Step {
        if reply.isCompletion {
            accepted.append(asked[place])
            acceptance = reply
        } else if let outcome = recipientRefusal(reply) {
            outcomes[asked[place]] = outcome
            if case .deferred = outcome {
                putOff.insert(asked[place])
                if Self.saysTooMany(reply), !accepted.isEmpty { surplus.append(asked[place]) }
            }
        } else {
            return unexpected(reply, to: "RCPT")
        }
        let next = place + 1
        if next < asked.count {
            phase = .recipients(next)
            return extensions.pipelining ? .wait : .write([rcpt(asked[next])])
        }
        if accepted.isEmpty || purpose == .probe { return done(needsReset: true) }
        phase = .data
        return .write([.data])
    }

    private mutating func finalReplyReceived(_ reply: Reply, _ place: Int) -> Step {
        let outcome: RecipientOutcome
        if reply.isCompletion {
            outcome = .delivered(reply)
        } else if let refusal = Self.refusal(reply) {
            outcome = refusal
        } else {
            return unexpected(reply, to: "the final dot")
        }
        if !isLMTP {
            settle(outcome)
            return done(needsReset: false)
        }
        outcomes[accepted[place]] = outcome
        if place + 1 < accepted.count {
            phase = .finalReplies(place + 1)
            return .wait
        }
        return done(needsReset: false)
    }

    /// The content and the final dot have been written.
    mutating func contentSent() {
        if phase == .content { phase = .finalReplies(0) }
    }

    /// The outcomes; who has none is deferred for `failure`.
    func outcome(_ failure: DeliveryFailure) -> TransactionOutcome {
        let isUnfinished = outcomes.contains(nil)
        return TransactionOutcome(
            recipients: outcomes.map { $0 ?? .deferred(failure) }, endedUnanswered: !wasAnswered && isUnfinished,
            surplus: surplus,
            unsent: outcomes.indices.filter { putOff.contains($0) || (outcomes[$0] == nil && !hasContentBegun) },
            isStrained: isStrained || isUnfinished, takesDSN: extensions.dsn)
    }

    /// What the probe found; unknown for `failure` where it did not come to an end.
    func probeOutcome(_ failure: DeliveryFailure) -> ProbeOutcome {
        if let acceptance { return .accepted(acceptance) }
        switch outcomes.first ?? nil {
        case .failed(.reply(let reply)) where asked.count == 1 && phase == .done && needsReset:
            // Only a refusal of RCPT is about the recipient; one of MAIL leaves nothing to reset.
            return .refused(reply)
        case .failed(let failure), .deferred(let failure): return .unknown(failure)
        case .delivered, nil: return .unknown(failure)
        }
    }

    /// What is being waited for, in words.
    var awaited: String {
        switch phase {
        case .reset: "the reply to RSET"
        case .mail: "the reply to MAIL"
        case .recipients, .draining: "the reply to RCPT"
        case .data: "the reply to DATA"
        case .content: "the end of the content"
        case .finalReplies: "the reply to the final dot"
        case .done: "nothing"
        }
    }

    private mutating func done(needsReset: Bool) -> Step {
        phase = .done
        self.needsReset = needsReset
        return .done
    }

    private mutating func broken(_ failure: DeliveryFailure) -> Step {
        phase = .done
        return .broken(failure)
    }

    private mutating func unexpected(_ reply: Reply, to what: String) -> Step {
        broken(.local(EnhancedStatusCode(4, 5, 0), "unexpected reply to \(what): \(reply)"))
    }

    /// Gives every recipient that has none this outcome.
    private mutating func settle(_ outcome: RecipientOutcome) {
        for index in outcomes.indices where outcomes[index] == nil { outcomes[index] = outcome }
    }

    /// Notes who is put off by an outcome that is about the whole transaction.
    private mutating func putOffUnsettled(_ outcome: RecipientOutcome) {
        guard case .deferred = outcome else { return }
        putOff.formUnion(outcomes.indices.filter { outcomes[$0] == nil })
    }

    /// What a refusal of RCPT means. RFC 5321 §4.5.3.1.10: 552 for too many recipients is 452, wrongly spelt.
    private func recipientRefusal(_ reply: Reply) -> RecipientOutcome? {
        if reply.code == 552, Self.saysTooMany(reply) { return .deferred(.reply(reply)) }
        return Self.refusal(reply)
    }

    /// Whether a refusal of RCPT is about the number of recipients: 452, or the 552 of old, without another enhanced
    /// code (4.2.2 is a full mailbox, 4.3.1 a full disk).
    private static func saysTooMany(_ reply: Reply) -> Bool {
        guard let enhanced = reply.enhanced else { return reply.code == 452 || reply.code == 552 }
        return enhanced.subject == 5 && enhanced.detail == 3
    }

    private static let noSMTPUTF8 = RecipientOutcome.failed(
        .local(EnhancedStatusCode(5, 6, 7), "the next hop does not offer SMTPUTF8"))

    private static func refusal(_ reply: Reply) -> RecipientOutcome? {
        if reply.isTransientNegative { return .deferred(.reply(reply)) }
        return reply.isPermanentNegative ? .failed(.reply(reply)) : nil
    }
}

extension Reply {
    /// Whether this says that a command was carried out: 2yz, but neither the greeting nor the good-bye. A server that
    /// has lost step with its client answers with those, and they must not be taken for more (RFC 5321 §4.2.1).
    var isCompletion: Bool { isPositive && code != 220 && code != 221 }
}

extension Mailbox {
    fileprivate var isASCII: Bool { written.utf8.allSatisfy { $0 < 0x80 } }
}
