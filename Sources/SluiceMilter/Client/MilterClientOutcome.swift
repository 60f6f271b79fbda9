// SPDX-License-Identifier: Apache-2.0

/// What a filter answered about one message.
package struct MilterClientOutcome: Hashable, Sendable {
    /// What ended it: proceed, accept, reject, temporary failure, discard, a reply code, shutdown or connection failure.
    package var answer: MilterReply
    /// Where it ended.
    package var step: MilterClientStep
    /// The recipients that were refused, by their number counted from 0: reject, temporary failure or a reply code. Where
    /// all were, the message ended there, and the answer is `proceed`.
    package var refusedRecipients: [Int: MilterReply]
    /// Modifications and quarantine, in the order in which they were asked for.
    package var modifications: [MilterReply]
    /// What was agreed on; `leadingSpace` says how values of fields are to be read.
    package var options: MilterOptions
    /// For which messages the connection may be used further.
    package var reuse: Reuse

    /// For which message a connection may be used next.
    package enum Reuse: Hashable, Sendable {
        /// None; it has been closed.
        case none
        /// One of the same client: it begins with MAIL.
        ///
        /// All that libmilter takes after an abort, and after any answer at the end of a message but `proceed`: it
        /// ignores quit-nc there, and does not answer what follows.
        case sameClient
        /// Any (SMFIC_QUIT_NC).
        case anyClient
    }

    package init(
        answer: MilterReply, step: MilterClientStep, refusedRecipients: [Int: MilterReply] = [:],
        modifications: [MilterReply] = [], options: MilterOptions, reuse: Reuse
    ) {
        self.answer = answer
        self.step = step
        self.refusedRecipients = refusedRecipients
        self.modifications = modifications
        self.options = options
        self.reuse = reuse
    }
}
