// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceMilter

/// An MTA's question about one message: what has to be known of the MTA to answer it.
struct MilterExchange: Sendable {
    let options: MilterOptions
    let rules: MilterIndexRules
    /// By which the MTA's own log names the message.
    let queueID: String?
    let daemon: String?
    /// Whether a client is known.
    let hasClientAddress: Bool
    /// The forward-paths as the MTA told them: a recipient may have come in several spellings.
    let paths: [Mailbox: [ByteBuffer]]
    let promise: EventLoopPromise<MilterConclusion>
}
