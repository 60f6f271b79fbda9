// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Client state machine")
struct ClientStateMachineTests {
    private let sender = ReversePath.mailbox(Mailbox(localPart: "a", domain: "example.org"))
    private func mailbox(_ name: String) -> Mailbox { Mailbox(localPart: name, domain: "example.net") }

    private func envelope(_ recipients: [String], size: Int = 100, is8BitMIME: Bool = false) -> ClientEnvelope {
        ClientEnvelope(
            reversePath: sender, recipients: recipients.map(mailbox), size: size, is8BitMIME: is8BitMIME)
    }

    /// A session that stands, with these extensions.
    private func ready(
        _ extensions: [String] = [], kind: ClientStateMachine.Kind = .smtp, tls: ClientTLSMode = .none
    ) -> ClientStateMachine {
        var machine = ClientStateMachine(kind, greetingName: "relay.example", tls: tls)
        #expect(machine.connected() == [])
        let hello: ClientCommand = kind == .lmtp ? .lhlo("relay.example") : .ehlo("relay.example")
        #expect(machine.replyReceived(Reply(220, nil, "hello")) == [.write([hello])])
        #expect(machine.replyReceived(Reply(250, lines: ["mail"] + extensions)) == [.sessionReady])
        #expect(machine.isReady)
        return machine
    }

    private func outcome(_ actions: [ClientStateMachine.Action]) -> [RecipientOutcome]? {
        for case .finished(let outcome) in actions { return outcome.recipients }
        return nil
    }

    @Test("without PIPELINING each command waits for the reply to the one before it")
    func stepByStep() {
        var machine = ready()
        #expect(
            machine.transactionRequested(envelope(["b", "c"])) == [.write([.mail(sender, parameters: [])])])
        #expect(machine.replyReceived(Reply(250, nil, "ok")) == [.write([.rcpt(mailbox("b"))])])
        #expect(machine.replyReceived(Reply(250, nil, "ok")) == [.write([.rcpt(mailbox("c"))])])
        #expect(machine.replyReceived(Reply(251, nil, "ok")) == [.write([.data])])
        #expect(machine.replyReceived(Reply(354, nil, "go")) == [.sendContent])
        #expect(machine.awaited == .contentSent)
        #expect(machine.contentSent() == [])
        #expect(machine.awaited == .finalReply)
        let taken = Reply(250, nil, "taken")
        #expect(
            machine.replyReceived(taken)
                == [.finished(TransactionOutcome(recipients: [.delivered(taken), .delivered(taken)]))])
        #expect(machine.isReady)
        #expect(machine.quitRequested() == [.write([.quit])])
        #expect(machine.replyReceived(Reply(221, nil, "bye")) == [.close])
    }

    @Test(
        "what is asked of notifications is told where DSN is offered, and said to have been", arguments: [true, false])
    func dsn(isOffered: Bool) {
        var asked = DSNParameters(returned: .headers, envelopeID: "e1")
        asked[mailbox("c")] = RecipientDSNParameters(notify: [], originalRecipient: "rfc822;x@y")
        var machine = ready(["PIPELINING"] + (isOffered ? ["DSN"] : []))
        var transaction = envelope(["b", "c"])
        transaction.dsn = asked
        #expect(
            machine.transactionRequested(transaction) == [
                .write([
                    .mail(sender, parameters: isOffered ? ["RET=HDRS", "ENVID=e1"] : []), .rcpt(mailbox("b")),
                    .rcpt(mailbox("c"), parameters: isOffered ? ["NOTIFY=NEVER", "ORCPT=rfc822;x@y"] : []),
                ])
            ])
        for reply in [250, 250, 250, 354] { _ = machine.replyReceived(Reply(reply, nil, "ok")) }
        _ = machine.contentSent()
        guard case .finished(let outcome)? = machine.replyReceived(Reply(250, nil, "taken")).first else {
            Issue.record("it has not finished")
            return
        }
        #expect(outcome.takesDSN == isOffered)
        var written = ByteBuffer()
        ClientCommand.rcpt(mailbox("c"), parameters: ["NOTIFY=NEVER"]).write(into: &written)
        #expect(String(buffer: written).hasSuffix("> NOTIFY=NEVER\r\n"))
    }

    @Test("with PIPELINING MAIL and all RCPT go out together, DATA after their replies")
    func pipelined() {
        var machine = ready(["PIPELINING", "SIZE 1000", "8BITMIME"])
        #expect(
            machine.transactionRequested(envelope(["b", "c"], is8BitMIME: true)) == [
                .write([
                    .mail(sender, parameters: ["SIZE=100", "BODY=8BITMIME"]), .rcpt(mailbox("b")), .rcpt(mailbox("c")),
                ])
            ])
        #expect(machine.replyReceived(Reply(250, nil, "ok"), moreFollows: true) == [])
        #expect(machine.replyReceived(Reply(550, nil, "no"), moreFollows: true) == [])
        #expect(machine.replyReceived(Reply(250, nil, "ok")) == [.write([.data])])
        #expect(machine.replyReceived(Reply(354, nil, "go")) == [.sendContent])
        _ = machine.contentSent()
        let taken = Reply(250, nil, "taken")
        #expect(
            outcome(machine.replyReceived(taken)) == [.failed(.reply(Reply(550, nil, "no"))), .delivered(taken)])
    }

    @Test(
        "only a 2yz other than 220 and 221 that answers the final dot is a delivery",
        arguments: [200, 220, 221, 250, 251, 259, 299, 334, 354, 421, 450, 452, 499, 500, 550, 554, 599])
    func finalReply(_ code: Int) throws {
        var machine = ready()
        _ = machine.transactionRequested(envelope(["b"]))
        for code in [250, 250, 354] { _ = machine.replyReceived(Reply(code, nil, "")) }
        _ = machine.contentSent()
        let reply = Reply(code, nil, "x")
        let actions = machine.replyReceived(reply)
        let result = try #require(outcome(actions)?.first)
        switch code {
        case 200, 250, 251, 259, 299:
            #expect(result == .delivered(reply))
            #expect(machine.isReady)
        case 421:
            #expect(result == .deferred(.reply(reply)))
            #expect(actions.last == .close)
        case 450, 452, 499: #expect(result == .deferred(.reply(reply)))
        case 500...: #expect(result == .failed(.reply(reply)))
        default:
            guard case .deferred(.local) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(actions.last == .close)
        }
    }

    @Test(
        "a reply that comes before the content has ended is not the reply to the dot", arguments: [250, 450, 550, 354])
    func earlyReply(_ code: Int) throws {
        var machine = ready()
        _ = machine.transactionRequested(envelope(["b"]))
        for code in [250, 250, 354] { _ = machine.replyReceived(Reply(code, nil, "")) }
        let actions = machine.replyReceived(Reply(code, nil, "early"))
        #expect(actions.last == .close)
        if case .delivered = try #require(outcome(actions)?.first) { Issue.record("a delivery") }
    }

    @Test("replies that nobody asked for end the session before a command could be taken to be answered by them")
    func surplus() throws {
        var machine = ready()
        _ = machine.transactionRequested(envelope(["b"]))
        _ = machine.replyReceived(Reply(250, nil, ""))
        _ = machine.replyReceived(Reply(250, nil, ""))
        let actions = machine.replyReceived(Reply(354, nil, "go"), moreFollows: true)
        guard case .deferred = try #require(outcome(actions)?.first) else {
            Issue.record("\(actions)")
            return
        }
        #expect(actions.last == .close)
    }

    @Test("what follows the reply to the dot does not undo the delivery, but the connection is not used again")
    func surplusAfterDelivery() {
        var machine = ready()
        _ = machine.transactionRequested(envelope(["b"]))
        for code in [250, 250, 354] { _ = machine.replyReceived(Reply(code, nil, "")) }
        _ = machine.contentSent()
        let actions = machine.replyReceived(Reply(250, nil, "ok"), moreFollows: true)
        #expect(outcome(actions) == [.delivered(Reply(250, nil, "ok"))])
        #expect(actions.last == .close)
        #expect(!machine.isReady)
    }

    @Test("refusals concern whom they answer: MAIL all, RCPT one, DATA and the dot those accepted")
    func refusals() {
        var machine = ready()
        _ = machine.transactionRequested(envelope(["b", "c"]))
        #expect(
            outcome(machine.replyReceived(Reply(451, nil, "later")))
                == [.deferred(.reply(Reply(451, nil, "later"))), .deferred(.reply(Reply(451, nil, "later")))])
        #expect(machine.transactionRequested(envelope(["b", "c"])) == [.write([.mail(sender, parameters: [])])])
        _ = machine.replyReceived(Reply(250, nil, ""))
        _ = machine.replyReceived(Reply(550, nil, "no b"))
        #expect(machine.replyReceived(Reply(250, nil, "")) == [.write([.data])])
        #expect(
            outcome(machine.replyReceived(Reply(554, nil, "no data")))
                == [.failed(.reply(Reply(550, nil, "no b"))), .failed(.reply(Reply(554, nil, "no data")))])
        #expect(machine.isReady)
    }

    @Test("a transaction that ended without a dot is reset before the next one")
    func reset() {
        var machine = ready(["PIPELINING"])
        _ = machine.transactionRequested(envelope(["b"]))
        _ = machine.replyReceived(Reply(250, nil, ""))
        #expect(outcome(machine.replyReceived(Reply(550, nil, "no"))) == [.failed(.reply(Reply(550, nil, "no")))])
        #expect(machine.transactionRequested(envelope(["c"])) == [.write([.rset])])
        #expect(
            machine.replyReceived(Reply(250, nil, "")) == [
                .write([.mail(sender, parameters: []), .rcpt(mailbox("c"))])
            ])
    }

    @Test("where MAIL is refused, the replies to the pipelined RCPT commands are not taken for other ones")
    func draining() {
        var machine = ready(["PIPELINING"])
        _ = machine.transactionRequested(envelope(["b", "c"]))
        #expect(machine.replyReceived(Reply(550, nil, "no"), moreFollows: true) == [])
        #expect(machine.replyReceived(Reply(503, nil, ""), moreFollows: true) == [])
        #expect(
            outcome(machine.replyReceived(Reply(503, nil, "")))
                == [.failed(.reply(Reply(550, nil, "no"))), .failed(.reply(Reply(550, nil, "no")))])
        #expect(machine.isReady)
    }

    @Test("421 ends the session wherever it comes; who was settled stays settled")
    func closing() {
        var machine = ready(["PIPELINING"])
        _ = machine.transactionRequested(envelope(["b", "c", "d"]))
        _ = machine.replyReceived(Reply(250, nil, ""))
        _ = machine.replyReceived(Reply(550, nil, "no"))
        _ = machine.replyReceived(Reply(250, nil, ""))
        let actions = machine.replyReceived(Reply(421, nil, "bye"))
        #expect(
            outcome(actions) == [
                .failed(.reply(Reply(550, nil, "no"))), .deferred(.reply(Reply(421, nil, "bye"))),
                .deferred(.reply(Reply(421, nil, "bye"))),
            ])
        #expect(actions.last == .close)
    }

    @Test("over LMTP each accepted recipient has its own reply to the dot")
    func lmtp() {
        var machine = ready(["PIPELINING"], kind: .lmtp)
        _ = machine.transactionRequested(envelope(["b", "c", "d"]))
        for code in [250, 250, 550, 250] {
            _ = machine.replyReceived(Reply(code, nil, "\(code)"), moreFollows: code != 250)
        }
        _ = machine.replyReceived(Reply(354, nil, ""))
        _ = machine.contentSent()
        #expect(machine.replyReceived(Reply(250, nil, "b has it"), moreFollows: true) == [])
        #expect(machine.awaited == .finalReply)
        #expect(
            outcome(machine.replyReceived(Reply(452, nil, "d is full"))) == [
                .delivered(Reply(250, nil, "b has it")), .failed(.reply(Reply(550, nil, "550"))),
                .deferred(.reply(Reply(452, nil, "d is full"))),
            ])
    }

    @Test("what is not known for want of a reply is deferred, at every step of the dialogue", arguments: 0..<5)
    func connectionLost(_ step: Int) {
        var machine = ready()
        _ = machine.transactionRequested(envelope(["b", "c"]))
        for code in [250, 250, 250, 354].prefix(step) { _ = machine.replyReceived(Reply(code, nil, "")) }
        if step == 4 { _ = machine.contentSent() }
        let actions = machine.connectionClosed("gone")
        #expect(actions.last == .close)
        let outcomes = outcome(actions) ?? []
        #expect(outcomes.count == 2)
        for case .delivered in outcomes { Issue.record("a delivery") }
        for case .failed in outcomes { Issue.record("a failure") }
        #expect(machine.timerFired() == [])
        guard case .finished(let result) = actions.first else { return }
        #expect(result.endedUnanswered == (step == 0))
    }

    @Test("EHLO that is not known is followed by HELO")
    func helo() {
        var machine = ClientStateMachine(.smtp, greetingName: "relay.example", tls: .opportunistic)
        _ = machine.connected()
        _ = machine.replyReceived(Reply(220, nil, ""))
        #expect(machine.replyReceived(Reply(502, nil, "what?")) == [.write([.helo("relay.example")])])
        #expect(machine.replyReceived(Reply(250, lines: ["mail", "PIPELINING"])) == [.sessionReady])
        #expect(!machine.extensions.pipelining)
    }

    @Test("a greeting other than 220 is no session", arguments: [250, 421, 450, 554])
    func greeting(_ code: Int) {
        var machine = ClientStateMachine(.smtp, greetingName: "relay.example", tls: .none)
        _ = machine.connected()
        let reply = Reply(code, nil, "x")
        #expect(
            machine.replyReceived(reply) == [.sessionFailed(ConnectionFailure(.reply(reply))), .close])
    }

    @Test("TLS is begun where it is offered, and EHLO said again behind it")
    func startTLS() {
        var machine = ClientStateMachine(.smtp, greetingName: "relay.example", tls: .opportunistic)
        _ = machine.connected()
        _ = machine.replyReceived(Reply(220, nil, ""))
        #expect(machine.replyReceived(Reply(250, lines: ["m", "STARTTLS", "SIZE 9"])) == [.write([.startTLS])])
        #expect(machine.replyReceived(Reply(220, nil, "go")) == [.startTLS, .write([.ehlo("relay.example")])])
        #expect(machine.replyReceived(Reply(250, lines: ["m", "STARTTLS"])) == [.sessionReady])
        #expect(!machine.extensions.size)
    }

    @Test("octets in clear behind the reply to STARTTLS end the session")
    func injection() {
        var machine = ClientStateMachine(.smtp, greetingName: "relay.example", tls: .required)
        _ = machine.connected()
        _ = machine.replyReceived(Reply(220, nil, ""))
        _ = machine.replyReceived(Reply(250, lines: ["m", "STARTTLS"]))
        let actions = machine.replyReceived(Reply(220, nil, "go"), moreFollows: true)
        #expect(actions.last == .close)
        #expect(!actions.contains(.startTLS))
    }

    @Test("a handshake that fails is told apart from other failures")
    func handshake() {
        var machine = ClientStateMachine(.smtp, greetingName: "relay.example", tls: .opportunistic)
        _ = machine.connected()
        _ = machine.replyReceived(Reply(220, nil, ""))
        _ = machine.replyReceived(Reply(250, lines: ["m", "STARTTLS"]))
        _ = machine.replyReceived(Reply(220, nil, "go"))
        guard case .sessionFailed(let failure) = machine.connectionClosed("bad record").first else {
            Issue.record("no failure")
            return
        }
        #expect(failure.isHandshake)
    }

    @Test("where TLS is required there is no session without it", arguments: [["m"], ["m", "STARTTLS"]])
    func required(_ lines: [String]) {
        var machine = ClientStateMachine(.smtp, greetingName: "relay.example", tls: .required)
        _ = machine.connected()
        _ = machine.replyReceived(Reply(220, nil, ""))
        var actions = machine.replyReceived(Reply(250, lines: lines))
        if lines.count > 1 { actions = machine.replyReceived(Reply(454, nil, "not now")) }
        guard case .sessionFailed(let failure) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(!failure.isHandshake)
        #expect(actions.last == .close)
    }

    @Test("where TLS is opportunistic a refused STARTTLS leaves the session in clear")
    func opportunistic() {
        var machine = ClientStateMachine(.smtp, greetingName: "relay.example", tls: .opportunistic)
        _ = machine.connected()
        _ = machine.replyReceived(Reply(220, nil, ""))
        _ = machine.replyReceived(Reply(250, lines: ["m", "STARTTLS"]))
        #expect(machine.replyReceived(Reply(454, nil, "not now")) == [.sessionReady])
    }

    @Test("a message that is larger than the next hop takes is refused without being sent")
    func size() {
        var machine = ready(["SIZE 99"])
        let actions = machine.transactionRequested(envelope(["b"]))
        guard case .failed(.local(let status, _)) = outcome(actions)?.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(status == EnhancedStatusCode(5, 3, 4))
        #expect(machine.isReady)
    }

    @Test(
        "an address that could hold a command is never written",
        arguments: ["b\r\nRSET", "b\n", "b\u{0}"])
    func commandInjection(_ local: String) {
        var machine = ready(["PIPELINING"])
        var transaction = envelope(["c"])
        transaction.recipients.insert(Mailbox(localPart: local, domain: "example.net"), at: 0)
        let actions = machine.transactionRequested(transaction)
        #expect(actions == [.write([.mail(sender, parameters: []), .rcpt(mailbox("c"))])])
        for code in [250, 250, 354] { _ = machine.replyReceived(Reply(code, nil, "")) }
        _ = machine.contentSent()
        let outcomes = outcome(machine.replyReceived(Reply(250, nil, "")))
        #expect(outcomes?.count == 2)
        guard case .failed(.local) = outcomes?.first else {
            Issue.record("\(String(describing: outcomes))")
            return
        }
        var bad = envelope(["c"])
        bad.reversePath = .mailbox(Mailbox(localPart: "a", domain: "x>\r\nRCPT TO:<y"))
        guard case .failed(.local) = outcome(machine.transactionRequested(bad))?.first else {
            Issue.record("written")
            return
        }
    }

    @Test("an address that is not ASCII needs SMTPUTF8")
    func internationalized() {
        let recipient = Mailbox(localPart: "gr\u{FC}n", domain: "example.net")
        var transaction = ClientEnvelope(reversePath: .null, recipients: [recipient], isInternationalized: true)
        var machine = ready()
        guard case .failed(.local(let status, _)) = outcome(machine.transactionRequested(transaction))?.first else {
            Issue.record("written")
            return
        }
        #expect(status == EnhancedStatusCode(5, 6, 7))
        machine = ready(["SMTPUTF8"])
        transaction.size = 1
        #expect(machine.transactionRequested(transaction) == [.write([.mail(.null, parameters: ["SMTPUTF8"])])])
    }

    @Test("a probe ends before DATA and tells RCPT's answer apart from all others")
    func probe() {
        var machine = ready()
        #expect(machine.probeRequested(mailbox("b")) == [.write([.mail(.null, parameters: [])])])
        _ = machine.replyReceived(Reply(250, nil, ""))
        #expect(machine.replyReceived(Reply(250, nil, "yes")) == [.probed(.accepted(Reply(250, nil, "yes")))])
        #expect(machine.probeRequested(mailbox("c")) == [.write([.rset])])
        _ = machine.replyReceived(Reply(250, nil, ""))
        _ = machine.replyReceived(Reply(250, nil, ""))
        #expect(machine.replyReceived(Reply(550, nil, "no")) == [.probed(.refused(Reply(550, nil, "no")))])
        _ = machine.probeRequested(mailbox("d"))
        _ = machine.replyReceived(Reply(250, nil, ""))
        #expect(
            machine.replyReceived(Reply(550, nil, "no <>")) == [.probed(.unknown(.reply(Reply(550, nil, "no <>"))))])
        _ = machine.probeRequested(mailbox("e"))
        _ = machine.replyReceived(Reply(250, nil, ""))
        #expect(machine.replyReceived(Reply(450, nil, "wait")) == [.probed(.unknown(.reply(Reply(450, nil, "wait"))))])
    }

    @Test("QUIT is never written while a reply is outstanding")
    func quit() {
        var machine = ready()
        _ = machine.transactionRequested(envelope(["b"]))
        for code in [250, 250, 354] { _ = machine.replyReceived(Reply(code, nil, "")) }
        _ = machine.contentSent()
        let actions = machine.quitRequested()
        #expect(!actions.contains(.write([.quit])))
        #expect(actions.last == .close)
    }

    @Test(
        "whatever a server answers, each recipient has exactly one outcome and a delivery only by 2yz",
        arguments: 0..<500)
    func anyDialogue(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let kind: ClientStateMachine.Kind = Bool.random(using: &random) ? .smtp : .lmtp
        var machine = ready(Bool.random(using: &random) ? ["PIPELINING"] : [], kind: kind)
        let count = Int.random(in: 1...4, using: &random)
        var actions = machine.transactionRequested(envelope((0..<count).map { "r\($0)" }))
        let codes = [250, 250, 250, 250, 354, 354, 354, 220, 221, 421, 450, 550, 200, 334]
        var deliveries: Set<Int> = []
        for _ in 0..<20 where outcome(actions) == nil {
            switch Int.random(in: 0..<30, using: &random) {
            case 0: actions = machine.connectionClosed("gone")
            case 1: actions = machine.garbageReceived("junk")
            case 2: actions = machine.timerFired()
            default:
                let code = codes.randomElement(using: &random) ?? 250
                if machine.awaited == .finalReply { deliveries.insert(code) }
                actions = machine.replyReceived(
                    Reply(code, nil, ""), moreFollows: Int.random(in: 0..<8, using: &random) == 0)
            }
            if actions.contains(.sendContent), Int.random(in: 0..<8, using: &random) > 0 { _ = machine.contentSent() }
        }
        if outcome(actions) == nil { actions = machine.timerFired() }
        let outcomes = outcome(actions) ?? []
        #expect(outcomes.count == count)
        for case .delivered(let reply) in outcomes {
            #expect(deliveries.contains(reply.code))
            #expect(reply.code == 250 || reply.code == 200)
        }
    }
}
