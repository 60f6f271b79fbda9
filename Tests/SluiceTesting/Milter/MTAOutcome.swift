// SPDX-License-Identifier: Apache-2.0

/// What became of a message at the MTA.
package struct MTAOutcome: Sendable {
    package enum Disposition: Sendable, Equatable {
        /// The MTA would deliver it.
        case accepted
        /// It lies in the MTA's hold queue, for this reason.
        case held(String)
        /// The client was told that it is accepted; nobody gets it.
        case discarded
        /// A 5yz reply.
        case rejected(String)
        /// A 4yz reply: the client comes again.
        case deferred(String)
        /// The milter is gone or broke the protocol, so that the MTA's default action applies: the client comes again.
        case failed(MTAConnection.Failure)
    }

    package var disposition: Disposition
    /// The step whose reply decided it.
    package var step: MTAStep
    package var sender: MTAMessage.Path
    /// To whom it would be delivered.
    package var recipients: [MTAMessage.Path]
    /// Whom the milter refused, with the reply to its RCPT.
    package var refused: [String: String] = [:]
    /// What would be delivered.
    package var content: MTAContent
    package var modifications: [MTAModification] = []
    /// What the milter did against the protocol or against what was agreed on; an MTA would fail or ignore it.
    package var violations: [String] = []
    /// Steps of which the milter wanted no more.
    package var skipped: [MTAStep] = []
    /// How many progress replies came.
    package var progress = 0
    /// The longest time without any packet while one was waited for: what an MTA's time-out is held against.
    package var longestSilence = Duration.zero
    /// Whether the milter saw all of the content, and judged it at the end.
    package var isJudged: Bool { step == .endOfMessage }

    package var isAccepted: Bool { disposition == .accepted }

    /// Whether the client has to come again.
    package var isKept: Bool {
        switch disposition {
        case .deferred, .failed: true
        case .accepted, .held, .discarded, .rejected: false
        }
    }

    /// The reply that the client reads at the end.
    package var reply: String {
        switch disposition {
        case .accepted, .held, .discarded: "250 2.0.0 Ok"
        case .rejected(let reply), .deferred(let reply): reply
        case .failed: "451 4.7.1 Service unavailable - try again later"
        }
    }
}
