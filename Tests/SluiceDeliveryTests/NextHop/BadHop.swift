// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceTesting
import Synchronization

/// A next hop that misbehaves so many times, and then does as it should. It notes what it got, and what it said to it.
final class BadHop: Sendable {
    /// Where in the dialogue.
    enum Step: String, CaseIterable, Sendable {
        case greeting, hello, mail, recipient, data, content
    }

    enum Behaviour: String, CaseIterable, Sendable {
        case drop, temporary, permanent, garbage, slowly, half, surplus, silence
    }

    struct Fault: Sendable {
        var step: Step
        var behaviour: Behaviour
        /// Only for the first recipient: it changes its mind between recipients.
        var onlyFirst = false
    }

    /// What came of a whole message, for one recipient.
    struct Copy: Hashable, Sendable {
        var recipient: String
        /// The class of the reply code that it answered with; `nil` where that was no well-formed reply.
        var reply: Int?
    }

    private struct State {
        var faults: ArraySlice<Fault>
        var copies: [Copy] = []
        var first: String?
    }

    let name: String
    let isLMTP: Bool
    let sink: Sink
    private let state: Shared

    private final class Shared: Sendable {
        let state: Mutex<State>
        init(_ faults: [Fault]) { state = Mutex(State(faults: faults[...])) }
    }

    var copies: [Copy] { state.state.withLock { $0.copies } }
    /// Faults that are still to come.
    var left: Int { state.state.withLock { $0.faults.count } }
    /// As the configuration writes it.
    var route: String { "\(isLMTP ? "lmtp" : "smtp")://127.0.0.1:\(sink.port)" }

    /// - Parameter faults: in the order in which they come about, each once its step is there.
    init(
        name: String, isLMTP: Bool, keywords: [String], faults: [Fault], forgetsPipelined: Bool = false
    ) async throws {
        let shared = Shared(faults)
        state = shared
        self.name = name
        self.isLMTP = isLMTP
        sink = try await Sink.start(
            SinkScript(keywords: keywords, isLMTP: isLMTP, forgetsPipelined: forgetsPipelined) { step in
                shared.state.withLock { Self.act(step, isLMTP, keywords, &$0) }
            })
    }

    private static func act(
        _ step: SinkStep, _ isLMTP: Bool, _ keywords: [String], _ state: inout State
    ) -> SinkAction? {
        let here: Step
        var usual: [String]
        var recipients: [String] = []
        switch step {
        case .connected: (here, usual) = (.greeting, ["220 hop.test"])
        case .command(let line):
            guard line.hasPrefix("EHLO") || line.hasPrefix("LHLO") || line.hasPrefix("HELO") else { return nil }
            let lines = ["hop.test"] + keywords
            here = .hello
            usual = lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)" }
        case .mail: (here, usual) = (.mail, ["250 2.1.0 ok"])
        case .recipient: (here, usual) = (.recipient, ["250 2.1.5 ok"])
        case .data: (here, usual) = (.data, ["354 go on"])
        case .content(let message):
            recipients = message.recipients
            here = .content
            usual = Array(repeating: "250 2.0.0 kept", count: isLMTP ? recipients.count : 1)
        }
        guard let fault = state.faults.first, fault.step == here, isMeant(fault, step, &state) else {
            state.copies += recipients.map { Copy(recipient: $0, reply: 2) }
            return nil
        }
        state.faults.removeFirst()
        for (place, recipient) in recipients.enumerated() {
            // Half of LMTP's replies: all but the last one are whole.
            let isWhole = fault.behaviour == .half && isLMTP && place < recipients.count - 1
            state.copies.append(Copy(recipient: recipient, reply: isWhole ? 2 : replyClass(fault.behaviour)))
        }
        return action(fault.behaviour, usual)
    }

    private static func replyClass(_ behaviour: Behaviour) -> Int? {
        switch behaviour {
        case .temporary: 4
        case .permanent: 5
        case .slowly, .surplus: 2
        case .drop, .garbage, .half, .silence: nil
        }
    }

    private static func isMeant(_ fault: Fault, _ step: SinkStep, _ state: inout State) -> Bool {
        guard fault.onlyFirst, case .recipient(let recipient) = step else { return true }
        if state.first == nil { state.first = recipient }
        return state.first == recipient
    }

    private static func action(_ behaviour: Behaviour, _ usual: [String]) -> SinkAction {
        let text = usual.map { $0 + "\r\n" }.joined()
        switch behaviour {
        case .drop: return .drop
        case .temporary: return .reply(usual.map { _ in "451 4.3.0 not now" })
        case .permanent: return .reply(usual.map { _ in "554 5.3.0 never" })
        case .garbage: return .octets("\u{1}\u{2}\u{3} what?\r\n")
        case .slowly: return .slowly(text)
        case .half: return .cut(String(text.dropLast(2).dropLast()))
        case .surplus: return .reply(usual + ["250 2.0.0 once more"])
        case .silence: return .silence
        }
    }
}
