// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// A whole message with its envelope and its client, as a filter is told of it.
package struct MilterTransaction: Sendable {
    /// Who sent it, in the session's terms. Messages of equal clients may follow one another in one session.
    package struct Client: Hashable, Sendable {
        /// The client's name, or its address in brackets where it has none.
        package var hostname: ByteBuffer
        package var address: MilterClientAddress
        /// What it called itself; `nil` where it said nothing: the step is left out.
        package var helo: ByteBuffer?
        /// What is known when it connects: `j`, `v`, `client_addr`, `tls_version`, … Only these are told at connect and
        /// helo.
        package var macros: MilterMacros

        package init(
            hostname: ByteBuffer, address: MilterClientAddress, helo: ByteBuffer?, macros: MilterMacros = MilterMacros()
        ) {
            self.hostname = hostname
            self.address = address
            self.helo = helo
            self.macros = macros
        }
    }

    /// A forward-path (with angle brackets), its ESMTP parameters, and what is known of it (`rcpt_addr`).
    package struct Recipient: Hashable, Sendable {
        package var arguments: [ByteBuffer]
        package var macros: MilterMacros

        package init(arguments: [ByteBuffer], macros: MilterMacros = MilterMacros()) {
            self.arguments = arguments
            self.macros = macros
        }
    }

    /// A header field: `value` is what follows the colon, leading space included, folding as LF and white space.
    package struct Field: Hashable, Sendable {
        package var name: ByteBuffer
        package var value: ByteBuffer

        package init(name: ByteBuffer, value: ByteBuffer) {
            self.name = name
            self.value = value
        }
    }

    package var client: Client
    /// The reverse-path (with angle brackets), then its ESMTP parameters.
    package var reversePath: [ByteBuffer]
    package var recipients: [Recipient]
    /// What is known of the message: `i`, `auth_authen`, `mail_addr`, … Told from MAIL on.
    package var macros: MilterMacros
    package var header: [Field]
    /// With CRLF line ends.
    package var body: any ContentSource

    package init(
        client: Client, reversePath: [ByteBuffer], recipients: [Recipient], macros: MilterMacros = MilterMacros(),
        header: [Field], body: any ContentSource
    ) {
        self.client = client
        self.reversePath = reversePath
        self.recipients = recipients
        self.macros = macros
        self.header = header
        self.body = body
    }
}
