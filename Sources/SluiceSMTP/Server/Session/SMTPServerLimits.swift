// SPDX-License-Identifier: Apache-2.0

/// What one session may ask of us.
package struct SMTPServerLimits: Equatable, Sendable {
    /// Octets of content; announced as SIZE (RFC 1870).
    package var messageSize: Int
    /// Recipients of one transaction (RFC 5321 §4.5.3.1.8 asks for 100 at least).
    package var recipients: Int
    /// Replies 5yz to commands since the last accepted message; one more and the session ends.
    package var errors: Int
    /// Received fields (RFC 5321 §6.3).
    package var hops: Int
    /// Octets of the header section.
    package var header: Int
    /// Octets of a command line with its CRLF.
    package var commandLine: Int
    /// Octets of an AUTH command or a line of an AUTH exchange with its CRLF.
    package var authenticationLine: Int
    /// Octets of a line of content with its CRLF.
    package var contentLine: Int
    /// How long a client may take for a command, or from one piece of content to the next (RFC 5321 §4.5.3.2.7).
    package var commandTimeout: Duration
    /// How long a client may take from MAIL to the final dot.
    package var transactionTimeout: Duration

    package init(
        messageSize: Int = 50_000_000, recipients: Int = 1000, errors: Int = 20, hops: Int = 100,
        header: Int = 256 << 10, commandLine: Int = 4096, authenticationLine: Int = 12288,
        contentLine: Int = 1_000_000, commandTimeout: Duration = .seconds(300),
        transactionTimeout: Duration = .seconds(1800)
    ) {
        self.messageSize = messageSize
        self.recipients = recipients
        self.errors = errors
        self.hops = hops
        self.header = header
        self.commandLine = commandLine
        self.authenticationLine = authenticationLine
        self.contentLine = contentLine
        self.commandTimeout = commandTimeout
        self.transactionTimeout = transactionTimeout
    }
}
