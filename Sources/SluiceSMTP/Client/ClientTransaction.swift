// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// The envelope of a transaction as the client's state machine needs it: everything but the content itself.
package struct ClientEnvelope: Hashable, Sendable {
    package var reversePath: ReversePath
    package var recipients: [Mailbox]
    /// Octets of the content, without dot-stuffing; told by `SIZE=` where that is offered.
    package var size: Int
    /// Whether `BODY=8BITMIME` is to be declared where that is offered.
    package var is8BitMIME: Bool
    package var isInternationalized: Bool
    /// What the sender asks of notifications: told where DSN is offered (RFC 3461).
    package var dsn: DSNParameters?
    /// Whether the content is known to hold octets past 127: it is not sent where 8BITMIME is not offered (RFC 6152 §3).
    package var hasEightBitContent = false
    /// Whether its header section is known to: where the message is internationalized, it is not sent without SMTPUTF8.
    package var hasEightBitHeader = false

    package init(
        reversePath: ReversePath, recipients: [Mailbox], size: Int = 0, is8BitMIME: Bool = false,
        isInternationalized: Bool = false, dsn: DSNParameters? = nil
    ) {
        self.reversePath = reversePath
        self.recipients = recipients
        self.size = size
        self.is8BitMIME = is8BitMIME
        self.isInternationalized = isInternationalized
        self.dsn = dsn
    }
}

/// One message for some recipients, to be sent over a connection.
package struct ClientTransaction: Sendable {
    package var envelope: ClientEnvelope
    package var content: any ContentSource

    /// Takes the size from the content.
    package init(envelope: ClientEnvelope, content: any ContentSource) {
        self.envelope = envelope
        self.envelope.size = content.length
        self.content = content
    }
}
