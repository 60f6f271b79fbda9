// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// How TLS is used towards a next hop.
package enum ClientTLSMode: String, Hashable, Sendable, CaseIterable {
    case none
    /// STARTTLS where it is offered, certificates unverified; in clear where it fails (RFC 7435).
    case opportunistic
    /// STARTTLS, and the certificate must be the next hop's.
    case required
}

/// The client side of a session, without I/O: replies and other events in, actions out (RFC 5321, RFC 2033, RFC 3207).
///
/// After each event the driver carries out the actions in their order and sets its timer by ``awaited``.
package struct ClientStateMachine: Sendable {
    package enum Kind: Hashable, Sendable {
        case smtp
        /// LMTP (RFC 2033): LHLO, and a reply for each accepted recipient after the dot.
        case lmtp
    }

    package enum Action: Hashable, Sendable {
        case write([ClientCommand])
        /// Begin the TLS handshake before anything else is written.
        case startTLS
        /// The session stands; a transaction may be requested.
        case sessionReady
        case sessionFailed(ConnectionFailure)
        /// Send the content of the transaction, dot-stuffed, and the final dot; then tell ``contentSent()``.
        case sendContent
        case finished(TransactionOutcome)
        case probed(ProbeOutcome)
        case close
    }

    /// What the session waits for; a timer belongs to all but the first.
    package enum Awaited: Hashable, Sendable {
        case nothing
        case reply
        /// The driver's own writing of the content; each part of it must be taken within the command timeout.
        case contentSent
        case finalReply
    }

    private enum State: Hashable, Sendable {
        case idle
        case greeting
        /// EHLO or LHLO is out; `false`: HELO.
        case hello(isExtended: Bool)
        case startTLS
        case ready
        case transaction(ClientTransactionStateMachine, ClientTransactionStateMachine.Purpose)
        case quitting
        case closed
    }

    private let kind: Kind
    private let greetingName: String
    private let tls: ClientTLSMode
    private let refusesOwnName: Bool
    private let usesPipelining: Bool
    private var state = State.idle
    private var isEncrypted = false
    /// The handshake has begun, and nothing has come through it yet.
    private var isHandshaking = false
    private var needsReset = false
    /// What the server offered in its last reply to EHLO or LHLO.
    package private(set) var extensions = ServerExtensions()

    /// - Parameters:
    ///   - greetingName: our name, for EHLO; has been found writable.
    ///   - refusesOwnName: whether a server that goes by our name is taken for ourselves.
    ///   - usesPipelining: whether PIPELINING is made use of where it is offered.
    package init(
        _ kind: Kind, greetingName: String, tls: ClientTLSMode, refusesOwnName: Bool = false,
        usesPipelining: Bool = true
    ) {
        self.usesPipelining = usesPipelining
        self.refusesOwnName = refusesOwnName
        self.kind = kind
        self.greetingName = greetingName
        self.tls = tls
    }

    /// Whether a transaction may be requested.
    package var isReady: Bool { state == .ready }

    package var awaited: Awaited {
        switch state {
        case .idle, .ready, .closed: return .nothing
        case .greeting, .hello, .startTLS, .quitting: return .reply
        case .transaction(let transaction, _):
            switch transaction.phase {
            case .content: return .contentSent
            case .finalReplies: return .finalReply
            case .reset, .mail, .recipients, .draining, .data: return .reply
            case .done: return .nothing
            }
        }
    }

    package mutating func connected() -> [Action] {
        state = .greeting
        return []
    }

    /// - Parameter moreFollows: whether octets behind this reply have come already. Where a command would now be
    ///   written, they answer nothing that was asked, and must not be taken for its reply.
    package mutating func replyReceived(_ reply: Reply, moreFollows: Bool = false) -> [Action] {
        switch state {
        case .idle, .closed: return []
        case .greeting:
            guard reply.code == 220 else { return fail(.reply(reply)) }
            return moreFollows ? fail(Self.surplus) : hello()
        case .hello(let isExtended):
            return helloAnswered(reply, isExtended: isExtended, moreFollows: moreFollows)
        case .startTLS:
            return startTLSAnswered(reply, moreFollows: moreFollows)
        case .ready:
            // Nobody asked: a 421 before an idle connection is closed, or a server that has lost step.
            state = .closed
            return [.close]
        case .transaction(var transaction, let purpose):
            let step = transaction.replyReceived(reply)
            return take(step, transaction, purpose, moreFollows: moreFollows)
        case .quitting:
            state = .closed
            return [.close]
        }
    }

    /// Octets came that are no reply.
    package mutating func garbageReceived(_ reason: String) -> [Action] {
        end(.local(EnhancedStatusCode(4, 5, 0), "the next hop sent \(reason)\(whileWaiting)"))
    }

    /// The connection is gone, or the handshake failed.
    package mutating func connectionClosed(_ reason: String) -> [Action] {
        end(.local(EnhancedStatusCode(4, 4, 2), "\(reason)\(whileWaiting)"))
    }

    package mutating func timerFired() -> [Action] {
        end(.local(EnhancedStatusCode(4, 4, 2), "timed out\(whileWaiting)"))
    }

    /// The content can't be read. The final dot must not be sent: what the server has is not the message.
    package mutating func contentFailed(_ reason: String) -> [Action] {
        end(.local(EnhancedStatusCode(4, 3, 0), "the content can't be read: \(reason)"))
    }

    package mutating func contentSent() -> [Action] {
        guard case .transaction(var transaction, let purpose) = state else { return [] }
        transaction.contentSent()
        state = .transaction(transaction, purpose)
        return []
    }

    /// A message is to be sent. Where the session is not ready every recipient is deferred.
    package mutating func transactionRequested(_ envelope: ClientEnvelope) -> [Action] {
        request(envelope, .delivery)
    }

    /// A recipient is to be asked about, by MAIL with the null reverse-path and RCPT.
    package mutating func probeRequested(_ recipient: Mailbox) -> [Action] {
        request(ClientEnvelope(reversePath: .null, recipients: [recipient]), .probe)
    }

    /// The session is no longer needed. QUIT goes out only between transactions, so never before the reply to a dot.
    package mutating func quitRequested() -> [Action] {
        switch state {
        case .ready:
            state = .quitting
            return [.write([.quit])]
        case .quitting, .closed: return []
        case .idle, .greeting, .hello, .startTLS, .transaction:
            return end(.local(EnhancedStatusCode(4, 4, 2), "the connection was given up\(whileWaiting)"))
        }
    }

    private mutating func request(
        _ envelope: ClientEnvelope, _ purpose: ClientTransactionStateMachine.Purpose
    ) -> [Action] {
        var transaction = ClientTransactionStateMachine(
            envelope, purpose: purpose, isLMTP: kind == .lmtp, extensions: extensions)
        guard state == .ready else {
            return [result(transaction, purpose, .local(EnhancedStatusCode(4, 4, 2), "the connection was closed"))]
        }
        let step = transaction.start(afterReset: needsReset)
        return take(step, transaction, purpose, moreFollows: false)
    }

    private mutating func take(
        _ step: ClientTransactionStateMachine.Step, _ transaction: ClientTransactionStateMachine,
        _ purpose: ClientTransactionStateMachine.Purpose, moreFollows: Bool
    ) -> [Action] {
        switch step {
        case .wait:
            state = .transaction(transaction, purpose)
            return []
        case .write, .sendContent:
            if moreFollows {
                state = .closed
                return [result(transaction, purpose, Self.surplus), .close]
            }
            state = .transaction(transaction, purpose)
            if case .write(let commands) = step { return [.write(commands)] }
            return [.sendContent]
        case .done:
            needsReset = transaction.needsReset
            let result = result(transaction, purpose, Self.surplus)
            state = moreFollows ? .closed : .ready
            return moreFollows ? [result, .close] : [result]
        case .broken(let failure):
            state = .closed
            return [result(transaction, purpose, failure), .close]
        }
    }

    private func result(
        _ transaction: ClientTransactionStateMachine, _ purpose: ClientTransactionStateMachine.Purpose,
        _ failure: DeliveryFailure
    ) -> Action {
        switch purpose {
        case .delivery: .finished(transaction.outcome(failure))
        case .probe: .probed(transaction.probeOutcome(failure))
        }
    }

    private mutating func hello() -> [Action] {
        state = .hello(isExtended: true)
        return [.write([kind == .lmtp ? .lhlo(greetingName) : .ehlo(greetingName)])]
    }

    private mutating func helloAnswered(_ reply: Reply, isExtended: Bool, moreFollows: Bool) -> [Action] {
        isHandshaking = false
        if moreFollows { return fail(Self.surplus) }
        guard reply.isCompletion else {
            // RFC 5321 §3.2: a server that does not know EHLO is greeted by HELO.
            if isExtended, kind == .smtp, reply.isPermanentNegative, tls != .required {
                state = .hello(isExtended: false)
                return [.write([.helo(greetingName)])]
            }
            return fail(.reply(reply))
        }
        if refusesOwnName, let name = reply.lines.first?.prefix(while: { $0 != " " }),
            name.asciiLowercased() == greetingName.asciiLowercased()
        {
            state = .closed
            let failure = DeliveryFailure.local(
                EnhancedStatusCode(5, 4, 6), "the next hop goes by the name of this relay: the mail would come back")
            return [.sessionFailed(ConnectionFailure(failure, isLoop: true)), .close]
        }
        extensions = isExtended ? ServerExtensions(reply) : ServerExtensions()
        if !usesPipelining { extensions.pipelining = false }
        if isEncrypted || tls == .none { return ready() }
        if extensions.startTLS {
            state = .startTLS
            return [.write([.startTLS])]
        }
        if tls == .required {
            return fail(.local(EnhancedStatusCode(4, 7, 4), "TLS is required and the next hop does not offer it"))
        }
        return ready()
    }

    private mutating func startTLSAnswered(_ reply: Reply, moreFollows: Bool) -> [Action] {
        if reply.code == 220 {
            // Octets in clear behind the reply would be taken for what came through TLS (RFC 3207 §6).
            isHandshaking = true
            if moreFollows { return fail(Self.surplus) }
            isEncrypted = true
            return [.startTLS] + hello()
        }
        if moreFollows { return fail(Self.surplus) }
        if tls == .required || reply.code == 421 { return fail(.reply(reply)) }
        return ready()
    }

    private mutating func ready() -> [Action] {
        state = .ready
        return [.sessionReady]
    }

    private mutating func fail(_ failure: DeliveryFailure) -> [Action] {
        state = .closed
        return [.sessionFailed(ConnectionFailure(failure, isHandshake: isHandshaking)), .close]
    }

    /// Ends the session, wherever it stands.
    private mutating func end(_ failure: DeliveryFailure) -> [Action] {
        switch state {
        case .closed: return []
        case .ready, .quitting:
            state = .closed
            return [.close]
        case .idle, .greeting, .hello, .startTLS:
            return fail(failure)
        case .transaction(let transaction, let purpose):
            state = .closed
            return [result(transaction, purpose, failure), .close]
        }
    }

    private var whileWaiting: String {
        switch state {
        case .idle, .ready, .closed: ""
        case .greeting: " while waiting for the greeting"
        case .hello: isHandshaking ? " during the TLS handshake" : " while waiting for the reply to EHLO"
        case .startTLS: " while waiting for the reply to STARTTLS"
        case .transaction(let transaction, _): " while waiting for \(transaction.awaited)"
        case .quitting: " while waiting for the reply to QUIT"
        }
    }

    private static let surplus = DeliveryFailure.local(
        EnhancedStatusCode(4, 5, 0), "the next hop sent more replies than were asked for")
}
