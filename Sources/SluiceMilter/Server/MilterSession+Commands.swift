// SPDX-License-Identifier: Apache-2.0
import NIOCore

extension MilterSession {
    /// Takes a command; ``next()`` then says what to do. Not to be called before that has returned `nil`, but for an
    /// abort or quit while the policy decides about the whole message.
    mutating func commandReceived(_ command: MilterCommand) {
        switch command {
        case .negotiate(let offer): negotiate(offer)
        case .macros(let step, let told): macrosReceived(told, code: step)
        case .connect(let hostname, let address): connect(hostname, address)
        case .helo(let name): helo(name)
        case .mail(let arguments): mail(arguments)
        case .recipient(let arguments): recipient(arguments)
        case .data: data()
        case .header(let name, let value): header(name, value)
        case .endOfHeader: endOfHeader()
        case .body(let piece): body(piece)
        case .endOfMessage(let piece): endOfMessage(piece)
        case .abort: abort()
        case .quit: end(.quit)
        case .quitNewConnection: quitNewConnection()
        case .unknown: unknown()
        }
    }

    private mutating func negotiate(_ offer: MilterOptions) {
        switch state {
        case .awaitingNegotiation:
            guard let answer = MilterNegotiation.answer(to: offer, configuration) else {
                return end(.version(offer.version))
            }
            options = answer
            state = .awaitingClient
            push(.act(.negotiated(answer)))
            push(.act(.send(.negotiate(answer))))
        case .awaitingClient, .client, .envelope, .data, .header, .body, .concluding, .decided, .closed:
            outOfOrder("the option negotiation")
        }
    }

    private mutating func macrosReceived(_ told: MilterMacros, code: UInt8) {
        switch state {
        case .awaitingNegotiation, .closed: outOfOrder("a macro")
        case .awaitingClient, .client, .envelope, .data, .header, .body, .concluding, .decided:
            guard let step = MilterSessionStep(code: code), let scope = MilterMacroScopes.Scope(step) else { return }
            macros.told(told, for: scope)
        }
    }

    private mutating func connect(_ hostname: ByteBuffer, _ address: MilterClientAddress) {
        switch state {
        case .awaitingClient:
            state = .client
            clientAnswer = nil
            macros.began(.connect)
            push(.ask(.connected(hostname: hostname, address, macros.all(upTo: .connect))))
            push(.finish(.connect))
        case .awaitingNegotiation, .client, .envelope, .data, .header, .body, .concluding, .decided, .closed:
            outOfOrder("connect")
        }
    }

    /// Postfix tells a HELO within a transaction before it says abort; RFC 5321 §4.1.4 has it end the transaction.
    private mutating func helo(_ name: ByteBuffer) {
        switch state {
        case .client, .envelope, .decided:
            endPolicyTransaction()
            state = .client
            macros.began(.helo)
            push(.ask(.helo(name, macros.all(upTo: .helo))))
            push(.finish(.helo))
        case .awaitingNegotiation, .awaitingClient, .data, .header, .body, .concluding, .closed: outOfOrder("helo")
        }
    }

    /// A MAIL while another is open ends that one, as libmilter has it.
    private mutating func mail(_ arguments: [ByteBuffer]) {
        switch state {
        case .client, .envelope, .decided:
            endPolicyTransaction()
            macros.began(.mail)
            if let clientAnswer {
                state = .decided(clientAnswer, isGiven: false)
            } else {
                state = .envelope
                push(.ask(.mail(arguments, macros.all(upTo: .mail))))
            }
            push(.finish(.mail))
        case .awaitingNegotiation, .awaitingClient, .data, .header, .body, .concluding, .closed: outOfOrder("mail")
        }
    }

    private mutating func recipient(_ arguments: [ByteBuffer]) {
        switch state {
        case .envelope, .decided:
            macros.began(.recipient)
            let told = macros.all(upTo: .recipient)
            if told["rcpt_mailer"] != "error" { push(.ask(.recipient(arguments, told))) }
            push(.finish(.recipient))
        case .awaitingNegotiation, .awaitingClient, .client, .data, .header, .body, .concluding, .closed:
            outOfOrder("recipient")
        }
    }

    private mutating func data() {
        guard options.version >= 4 else { return outOfOrder("data") }
        switch state {
        case .envelope:
            beginData()
            push(.finish(.data))
        case .decided: push(.finish(.data))
        case .awaitingNegotiation, .awaitingClient, .client, .data, .header, .body, .concluding, .closed:
            outOfOrder("data")
        }
    }

    private mutating func header(_ name: ByteBuffer, _ value: ByteBuffer) {
        switch state {
        case .envelope, .data, .header:
            beginHeader()
            push(.ask(.field(name: name, value: restored(value))))
            push(.finish(.header))
        case .decided: push(.finish(.header))
        case .awaitingNegotiation, .awaitingClient, .client, .body, .concluding, .closed: outOfOrder("header")
        }
    }

    private mutating func endOfHeader() {
        switch state {
        case .envelope, .data, .header:
            endHeader()
            push(.finish(.endOfHeader))
        case .decided: push(.finish(.endOfHeader))
        case .awaitingNegotiation, .awaitingClient, .client, .body, .concluding, .closed:
            outOfOrder("end of header")
        }
    }

    private mutating func body(_ piece: ByteBuffer) {
        switch state {
        case .envelope, .data, .header, .body:
            endHeader()
            if piece.readableBytes > 0 { push(.takeBody(piece)) }
            push(.finish(.body))
        case .decided: push(.finish(.body))
        case .awaitingNegotiation, .awaitingClient, .client, .concluding, .closed: outOfOrder("body")
        }
    }

    private mutating func endOfMessage(_ piece: ByteBuffer) {
        switch state {
        case .envelope, .data, .header, .body:
            endHeader()
            if piece.readableBytes > 0 { push(.takeBody(piece)) }
            macros.began(.endOfMessage)
            push(.conclude)
        case .decided: push(.conclude)
        case .awaitingNegotiation, .awaitingClient, .client, .concluding, .closed: outOfOrder("end of message")
        }
    }

    private mutating func abort() {
        switch state {
        case .awaitingClient: break
        case .client, .envelope, .data, .header, .body, .concluding, .decided:
            endPolicyTransaction()
            transactionIsOver()
        case .awaitingNegotiation, .closed: outOfOrder("abort")
        }
    }

    private mutating func quitNewConnection() {
        switch state {
        case .awaitingClient, .client, .envelope, .data, .header, .body, .concluding, .decided:
            endPolicyTransaction()
            if hasClient { push(.act(.clientEnded)) }
            clientAnswer = nil
            state = .awaitingClient
            macros.ended(from: .connect)
        case .awaitingNegotiation, .closed: outOfOrder("quit and new connection")
        }
    }

    private mutating func unknown() {
        guard options.version >= 3 else { return outOfOrder("an unknown command") }
        switch state {
        // An answer that was kept is not spent on a command that the MTA refuses anyway.
        case .awaitingClient, .client, .envelope, .decided:
            if isAnswered(.unknown) { push(.act(.send(.proceed))) }
        case .awaitingNegotiation, .data, .header, .body, .concluding, .closed: outOfOrder("an unknown command")
        }
    }

    // MARK: What was left out

    private mutating func beginData() {
        switch state {
        case .envelope:
            state = .data
            macros.began(.data)
            push(.ask(.data(macros.all(upTo: .data))))
        case .data, .header, .body: break
        case .awaitingNegotiation, .awaitingClient, .client, .concluding, .decided, .closed: break
        }
    }

    private mutating func beginHeader() {
        beginData()
        state = .header
    }

    private mutating func endHeader() {
        if case .body = state { return }
        beginData()
        state = .body
        macros.began(.endOfHeader)
        push(.ask(.headerEnded(macros.all(upTo: .endOfHeader))))
    }

    /// Without the agreement about leading space the MTA has taken one space away (and no tab). Where there was none
    /// can't be known, but before folding or a tab there seldom is.
    private func restored(_ value: ByteBuffer) -> ByteBuffer {
        guard !options.steps.contains(.leadingSpace) else { return value }
        switch value.getInteger(at: value.readerIndex, as: UInt8.self) {
        case UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return value
        default: break
        }
        var restored = ByteBuffer()
        restored.reserveCapacity(value.readableBytes + 1)
        restored.writeInteger(UInt8(ascii: " "))
        restored.writeImmutableBuffer(value)
        return restored
    }

    // MARK: Ends

    mutating func endPolicyTransaction() {
        if isPolicyInTransaction { push(.act(.transactionEnded)) }
    }

    /// Ends all; the policy is told what it doesn't know yet.
    mutating func end(_ closing: MilterClosing) {
        guard state != .closed else { return }
        dropAgenda()
        endPolicyTransaction()
        if hasClient { push(.act(.clientEnded)) }
        state = .closed
        push(.act(.close(closing)))
    }

    private mutating func outOfOrder(_ command: String) {
        end(.outOfOrder(command: command, state: state.name))
    }
}

extension MilterSession.State {
    /// For the log, after “has no place”.
    fileprivate var name: String {
        switch self {
        case .awaitingNegotiation: "before the option negotiation"
        case .awaitingClient: "before a client"
        case .client: "outside a message"
        case .envelope: "in the envelope"
        case .data: "after data"
        case .header: "in the header"
        case .body: "in the body"
        case .concluding: "before the answer to a message"
        case .decided: "after the answer to a message"
        case .closed: "after the end"
        }
    }
}
