// SPDX-License-Identifier: Apache-2.0

/// What an MTA was told of a message that it asked us about (milter): from then on the message is the MTA's, but for
/// what we took over.
package struct MTAReturn: Hashable, Sendable, Codable {
    package enum Answer: String, Hashable, Sendable, Codable {
        /// It goes on with the message, with our edits.
        case proceed
        /// It refuses the message with our reply.
        case reply
        /// It drops the message, and its client reads 250.
        case discard
        /// It holds the message.
        case quarantine
    }

    /// By which the MTA's own log names the message; `nil` where it did not say.
    package var queueID: String?
    /// The MTA's name for the listener that the client came to.
    package var daemon: String?
    package var answer: Answer
    /// What the protocol could not express and what was done instead, in words.
    package var notes: [String]

    package init(queueID: String? = nil, daemon: String? = nil, answer: Answer, notes: [String] = []) {
        self.queueID = queueID
        self.daemon = daemon
        self.answer = answer
        self.notes = notes
    }
}
