// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceSMTP

/// Drives a ``ClientStateMachine`` as its handler does, and holds it to what it may say.
struct SMTPClientDialogue {
    private enum Transaction: Equatable {
        case none
        case delivery(recipients: Int)
        case probe
    }

    private var machine: ClientStateMachine
    private var decoder = ReplyDecoder()
    private let tls: ClientTLSMode
    private var transaction = Transaction.none
    private var isConnected = false
    private var isSettled = false
    private var isReady = false
    private var isEncrypted = false
    private var isClosed = false
    private var asked = 0
    private var hasSentData = false
    private var isContentDue = false
    private var hasSentDot = false
    private var lastCommand: ClientCommand?

    init(_ kind: ClientStateMachine.Kind, tls: ClientTLSMode, refusesOwnName: Bool, usesPipelining: Bool) {
        self.tls = tls
        machine = ClientStateMachine(
            kind, greetingName: "relay.test", tls: tls, refusesOwnName: refusesOwnName, usesPipelining: usesPipelining)
        take(machine.connected())
        isConnected = true
    }

    // MARK: What happens

    mutating func receive(_ octets: ByteBuffer) {
        guard !isClosed else { return }
        decoder.append(octets)
        while let reading = decoder.next() {
            switch reading {
            case .reply(let reply): take(machine.replyReceived(reply, moreFollows: decoder.hasUnread))
            case .garbage(let reason): take(machine.garbageReceived(reason))
            }
        }
    }

    mutating func request(_ envelope: ClientEnvelope) {
        guard transaction == .none, isSettled else { return }
        begin(.delivery(recipients: envelope.recipients.count))
        take(machine.transactionRequested(envelope))
    }

    mutating func probe(_ recipient: Mailbox) {
        guard transaction == .none, isSettled else { return }
        begin(.probe)
        take(machine.probeRequested(recipient))
    }

    private mutating func begin(_ new: Transaction) {
        transaction = new
        asked = 0
        hasSentData = false
        hasSentDot = false
    }

    mutating func sendContent() {
        guard isContentDue, machine.awaited == .contentSent else { return }
        isContentDue = false
        hasSentDot = true
        take(machine.contentSent())
    }

    mutating func failContent() { if isContentDue, !isClosed { take(machine.contentFailed("gone")) } }
    mutating func quit() { take(machine.quitRequested()) }
    mutating func letTimePass() { if machine.awaited != .nothing { take(machine.timerFired()) } }
    mutating func close() { take(machine.connectionClosed("the connection was closed")) }

    /// All that was begun has come to its end.
    mutating func end() {
        close()
        precondition(isSettled, "nobody was told whether the session stands")
        precondition(transaction == .none, "a transaction has no outcome")
        precondition(machine.awaited == .nothing, "something is awaited of a closed connection")
    }

    // MARK: What is to be done

    private mutating func take(_ actions: [ClientStateMachine.Action]) {
        for action in actions { take(action) }
    }

    private mutating func take(_ action: ClientStateMachine.Action) {
        switch action {
        case .write(let commands):
            precondition(!isClosed && !isContentDue && !commands.isEmpty, "\(commands) out of place")
            for command in commands { write(command) }
        case .startTLS:
            precondition(!isClosed && !isEncrypted && lastCommand == .startTLS, "TLS out of place")
            precondition(!decoder.hasUnread, "octets in clear would be taken for what came through TLS")
            isEncrypted = true
        case .sessionReady:
            precondition(!isSettled && !isClosed, "the session stands twice")
            precondition(tls != .required || isEncrypted, "the session stands without TLS")
            isSettled = true
            isReady = true
        case .sessionFailed:
            precondition(!isSettled, "the session failed although it stood")
            isSettled = true
        case .sendContent:
            precondition(!isClosed && hasSentData && !hasSentDot && !isContentDue, "content out of place")
            precondition(!decoder.hasUnread, "content is sent although the server has lost step")
            isContentDue = true
        case .finished(let outcome): finish(outcome)
        case .probed:
            precondition(transaction == .probe && !hasSentData, "a probe ended that was none")
            transaction = .none
        case .close: isClosed = true
        }
    }

    private mutating func write(_ command: ClientCommand) {
        var buffer = ByteBuffer()
        command.write(into: &buffer)
        let lines = Lines(buffer.readableBytesView)
        precondition(
            lines.whole.count == 1 && lines.rest.isEmpty && lines.whole[0].firstForbidden == nil,
            "\(command) is not one line")
        switch command {
        case .ehlo, .helo, .lhlo, .startTLS: precondition(!isReady, "\(command) in a session that stands")
        case .mail, .rset: precondition(isReady && transaction != .none && !hasSentData, "\(command) out of place")
        case .rcpt:
            precondition(isReady && transaction != .none && !hasSentData, "\(command) out of place")
            asked += 1
        case .data:
            precondition(asked > 0 && transaction != .probe && transaction != .none, "DATA out of place")
            hasSentData = true
        case .quit: precondition(isReady && transaction == .none, "QUIT out of place")
        }
        lastCommand = command
    }

    private mutating func finish(_ outcome: TransactionOutcome) {
        guard case .delivery(let count) = transaction else { preconditionFailure("an outcome of nothing") }
        precondition(outcome.recipients.count == count, "\(outcome.recipients.count) outcomes of \(count) recipients")
        for (place, recipient) in outcome.recipients.enumerated() {
            guard case .delivered(let reply) = recipient else { continue }
            precondition(hasSentDot && reply.isPositive, "delivered without a final dot, by \(reply)")
            precondition(!outcome.unsent.contains(place), "delivered and to be sent elsewhere")
        }
        precondition((outcome.surplus + outcome.unsent).allSatisfy { (0..<count).contains($0) }, "\(outcome)")
        transaction = .none
        isContentDue = false
    }
}
