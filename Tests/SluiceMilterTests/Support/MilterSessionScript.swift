// SPDX-License-Identifier: Apache-2.0
import NIOCore

@testable import SluiceMilter

/// Runs a ``MilterSession`` with prepared answers, and says in words what it wanted.
struct MilterSessionScript {
    var session: MilterSession
    /// What is answered at these steps; `proceed` at all others.
    var answers: [MilterSessionStep: MilterStepAnswer] = [:]
    var keepsBody = true
    var hasEnough = false
    /// `nil`: the answer to a message stays open.
    var conclusion: MilterConclusion? = MilterConclusion(final: .proceed)
    /// The macros of the last question.
    var macros = MilterMacros()
    /// The questions, whole.
    var asked: [MilterSessionQuestion] = []
    var sent: [MilterReply] = []

    init(
        version: UInt32 = 6, actions: MilterActions = .version6, steps: MilterSteps = .version6,
        configuration: MilterServerConfiguration = MilterServerConfiguration(), isNegotiated: Bool = true
    ) {
        session = MilterSession(configuration: configuration)
        if isNegotiated {
            _ = take(.negotiate(MilterOptions(version: version, actions: actions, steps: steps)))
        }
    }

    /// A session in which every step is answered, as with version 2.
    static func answering(_ steps: MilterSteps = [.skip, .leadingSpace]) -> MilterSessionScript {
        MilterSessionScript(steps: steps)
    }

    mutating func take(_ commands: MilterCommand...) -> [String] { take(commands) }

    mutating func take(_ commands: [MilterCommand]) -> [String] {
        var words: [String] = []
        for command in commands {
            session.commandReceived(command)
            words += run()
        }
        return words
    }

    mutating func run() -> [String] {
        var words: [String] = []
        while let action = session.next() { words.append(perform(action)) }
        return words
    }

    private mutating func perform(_ action: MilterSessionAction) -> String {
        switch action {
        case .negotiated: return "negotiated"
        case .ask(let question):
            asked.append(question)
            remember(question)
            session.answered(answers[question.step] ?? .proceed)
            return "\(question.step)"
        case .takeBody(let piece):
            session.bodyTaken(isKept: keepsBody, isEnough: hasEnough)
            return "piece \(String(buffer: piece))"
        case .conclude(let macros):
            self.macros = macros
            if let conclusion { session.concluded(conclusion) }
            return "conclude"
        case .transactionEnded: return "transaction ended"
        case .clientEnded: return "client ended"
        case .send(let reply):
            sent.append(reply)
            return "> \(reply.name)"
        case .reportFault: return "fault"
        case .close(let closing): return closing.isClean ? "close" : "close: \(closing)"
        }
    }

    private mutating func remember(_ question: MilterSessionQuestion) {
        switch question {
        case .connected(_, _, let macros), .helo(_, let macros), .mail(_, let macros), .recipient(_, let macros),
            .data(let macros), .headerEnded(let macros):
            self.macros = macros
        case .field: break
        }
    }
}

extension MilterCommand {
    static let testConnect = MilterCommand.connect(hostname: ByteBuffer(string: "client.test"), .unknown)
    static let testHelo = MilterCommand.helo(ByteBuffer(string: "client.test"))
    static let testMail = MilterCommand.mail([ByteBuffer(string: "<a@b.test>")])
    static let testRecipient = MilterCommand.recipient([ByteBuffer(string: "<c@d.test>")])
    static let testHeader = testHeader(" one")
    static let testBody = MilterCommand.body(ByteBuffer(string: "body"))
    static let testEnd = MilterCommand.endOfMessage(ByteBuffer())

    static func testHeader(_ value: String) -> MilterCommand {
        .header(name: ByteBuffer(string: "Subject"), value: ByteBuffer(string: value))
    }

    static func testMacros(_ step: Character, _ values: [String: String]) -> MilterCommand {
        .macros(step: step.asciiValue ?? 0, MilterMacros(values))
    }

    /// A message from MAIL to its end.
    static let testMessage: [MilterCommand] = [
        .testMail, .testRecipient, .data, .testHeader, .endOfHeader, .testBody, .testEnd,
    ]
}
