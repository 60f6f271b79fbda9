// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

@testable import SluiceMilter

/// Plays a filter to the state machine: each command that awaits an answer gets one, at once.
struct ClientScript {
    var session: MilterClientSession
    /// What the session sent, a word and its text each; `c` for each answer.
    private(set) var told: [String] = []
    private(set) var headers: [String] = []
    private(set) var macros: [String: [String: String]] = [:]
    private(set) var outcome: MilterClientOutcome?
    private(set) var failure: MilterClientFailure?
    private var transaction: MilterTransaction
    private let options: MilterOptions
    private let stopsAtBody: Bool
    private let reply: (String) -> MilterReply

    init(
        version: UInt32 = 6, actions: MilterActions = .version6, steps: MilterSteps = [],
        lists: [MilterMacroStep: [String]] = [:], limits: MilterClientLimits = MilterClientLimits(),
        fields: [(String, String)] = [("Subject", " hello"), ("X-Folded", " a\n\tb")], body: String = "Hello\r\n",
        stopsAtBody: Bool = false, reply: @escaping (String) -> MilterReply = { _ in .proceed }
    ) {
        session = MilterClientSession(limits: limits)
        options = MilterOptions(version: version, actions: actions, steps: steps, macroLists: lists)
        transaction = Self.transaction(fields: fields, body: body)
        self.stopsAtBody = stopsAtBody
        self.reply = reply
    }

    static func transaction(
        helo: String = "mail.example.org", fields: [(String, String)] = [("Subject", " hello")],
        body: String = "Hello\r\n"
    ) -> MilterTransaction {
        func buffer(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }
        let client = MilterTransaction.Client(
            hostname: buffer("mail.example.org"), address: .unknown, helo: buffer(helo),
            macros: MilterMacros(["j": "mx.example.net", "tls_version": "TLSv1.3", "unheard": "of"]))
        return MilterTransaction(
            client: client, reversePath: [buffer("<anna@example.org>"), buffer("BODY=8BITMIME")],
            recipients: ["bert", "carl"].map {
                .init(
                    arguments: [buffer("<\($0)@example.net>")],
                    macros: MilterMacros(["rcpt_addr": "\($0)@example.net"]))
            },
            macros: MilterMacros(["i": "4711", "auth_authen": "anna"]),
            header: fields.map { .init(name: buffer($0), value: buffer($1)) }, body: MemoryContent(body))
    }

    /// Connects, negotiates and tells the message.
    mutating func begin() {
        _ = session.connected()
        _ = session.replyReceived(.negotiate(options))
        run(session.transactionRequested(transaction))
    }

    mutating func next(_ transaction: MilterTransaction) {
        told = []
        outcome = nil
        self.transaction = transaction
        run(session.transactionRequested(transaction))
    }

    mutating func answer(_ reply: MilterReply) { run(session.replyReceived(reply)) }

    /// Events that an action calls for are made after it, so that no action is lost.
    private mutating func run(_ actions: [MilterClientSession.Action]) {
        for action in actions {
            switch action {
            case .send(let commands): send(commands)
            case .readBody(let offset, let count):
                if stopsAtBody { return }
                guard let body = transaction.body as? MemoryContent else { return }
                run(session.bodyRead(body.read(at: offset, count: count)))
            case .ready: continue
            case .finished(let outcome): self.outcome = outcome
            case .failed(let failure): self.failure = failure
            case .close: told.append("close")
            }
        }
    }

    private mutating func send(_ commands: [MilterCommand]) {
        for command in commands { note(command) }
        guard case .running(let run) = session.state, run.isReplyAwaited, let last = told.last else { return }
        let reply = reply(last)
        told.append("c")
        answer(reply)
    }

    private mutating func note(_ command: MilterCommand) {
        func text(_ buffer: ByteBuffer) -> String { String(buffer: buffer) }
        switch command {
        case .negotiate: told.append("O")
        case .macros(let step, let values):
            let step = String(Unicode.Scalar(step))
            told.append("D \(step)")
            macros[step] = values.values
        case .connect(let hostname, _): told.append("C \(text(hostname))")
        case .helo(let name): told.append("H \(text(name))")
        case .mail(let arguments): told.append("M \(text(arguments[0]))")
        case .recipient(let arguments): told.append("R \(text(arguments[0]))")
        case .data: told.append("T")
        case .header(let name, let value):
            headers.append("\(text(name))|\(text(value))")
            told.append("L \(text(name)): \(text(value).drop { $0 == " " })")
        case .endOfHeader: told.append("N")
        case .body(let piece): told.append("B \(piece.readableBytes)")
        case .endOfMessage: told.append("E")
        case .abort: told.append("A")
        case .quit: told.append("Q")
        case .quitNewConnection: told.append("K")
        case .unknown: told.append("U")
        }
    }
}
