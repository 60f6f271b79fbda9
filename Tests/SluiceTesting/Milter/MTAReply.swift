// SPDX-License-Identifier: Apache-2.0

/// A milter's reply that ends its turn.
package enum MTAReply: Equatable, Sendable {
    case proceed
    case accept
    case reject
    case tempfail
    case discard
    case skip
    /// A reply of the milter's own words, as the client reads it.
    case code(String)
    case shutdown
    case connectionFailure

    init?(_ packet: MTAPacket) {
        switch packet.code {
        case "c": self = .proceed
        case "a": self = .accept
        case "r": self = .reject
        case "t": self = .tempfail
        case "d": self = .discard
        case "s": self = .skip
        case "y":
            guard let text = packet.strings().first else { return nil }
            let words = String(decoding: text, as: UTF8.self).split(separator: "%%", omittingEmptySubsequences: false)
            self = .code(words.joined(separator: "%"))
        case "4": self = .shutdown
        case "f": self = .connectionFailure
        default: return nil
        }
    }

    /// What it decides about the message; nil where the MTA goes on.
    func disposition(at step: MTAStep) -> MTAOutcome.Disposition? {
        switch self {
        case .proceed, .skip: step == .endOfMessage ? .accepted : nil
        case .accept: .accepted
        case .reject: .rejected("550 5.7.1 Command rejected")
        case .tempfail: .deferred("451 4.7.1 Service unavailable - try again later")
        case .discard: .discarded
        case .code(let text): text.hasPrefix("4") ? .deferred(text) : .rejected(text)
        case .shutdown: .deferred("421 4.7.0 Closing connection")
        case .connectionFailure: .failed(.unexpected("f"))
        }
    }
}
