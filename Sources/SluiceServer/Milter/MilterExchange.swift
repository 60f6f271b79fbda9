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
    /// Recipients that are the MTA's own: Sendmail has expanded their aliases already, and deleting such a one deletes
    /// none of those that it stands for.
    let localRecipients: Set<Mailbox>
    let promise: EventLoopPromise<MilterConclusion>

    /// What the MTA gave the right to and really does.
    var actions: MilterActions {
        localRecipients.contains(where: mayBeAlias) ? options.actions.subtracting(.deleteRecipients) : options.actions
    }

    /// Whether others may get the message in the recipient's place, whom the MTA does not name.
    func mayBeAlias(_ recipient: Mailbox) -> Bool { rules == .sendmail && localRecipients.contains(recipient) }
}
