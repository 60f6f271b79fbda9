// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What became of one recipient: the outcome of a delivery, or what an operator did.
package struct StateChange: Hashable, Sendable {
    package var item: QueueID
    /// The recipient's place in the item, from 0.
    package var recipient: Int
    package var state: RecipientState
    /// The reply code of the next hop, 0 where there was none.
    package var replyCode: Int
    /// The whole reply of the next hop.
    package var reply: String?
    package var nextHop: String?
    /// Who did it: `delivery`, an operator's name, `retention`.
    package var by: String
    /// Why, in words.
    package var why: String

    package init(
        item: QueueID, recipient: Int, state: RecipientState, replyCode: Int = 0, reply: String? = nil,
        nextHop: String? = nil, by: String, why: String = ""
    ) {
        self.item = item
        self.recipient = recipient
        self.state = state
        self.replyCode = replyCode
        self.reply = reply
        self.nextHop = nextHop
        self.by = by
        self.why = why
    }
}
