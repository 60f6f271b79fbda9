// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What a client asked for in one command line (RFC 5321 §4.1.1).
package enum SMTPCommand: Equatable, Sendable {
    /// EHLO, or HELO where not `isExtended`; the name is a domain or an address literal as the client wrote it.
    case hello(name: String, isExtended: Bool)
    case mail(MailCommand)
    case recipient(Mailbox, dsn: RecipientDSNParameters = RecipientDSNParameters())
    case data
    case reset
    case noop
    case quit
    case help
    /// VRFY, whatever it asked about.
    case verify
    /// STARTTLS (RFC 3207).
    case startTLS
    /// AUTH (RFC 4954): the mechanism in capitals and the initial response, base64 as it came; empty for `=`.
    case authenticate(mechanism: String, initialResponse: [UInt8]?)
}

/// The arguments of MAIL (RFC 5321 §4.1.1.2).
package struct MailCommand: Equatable, Sendable {
    package var reversePath: ReversePath
    /// The octets that the client expects to send (`SIZE=`, RFC 1870).
    package var size: Int?
    /// `BODY=8BITMIME` (RFC 6152).
    package var is8BitMIME: Bool
    /// `RET=` and `ENVID=` (RFC 3461 §4.3, 4.4).
    package var dsn: DSNParameters?

    package init(reversePath: ReversePath, size: Int? = nil, is8BitMIME: Bool = false, dsn: DSNParameters? = nil) {
        self.reversePath = reversePath
        self.size = size
        self.is8BitMIME = is8BitMIME
        self.dsn = dsn
    }
}
