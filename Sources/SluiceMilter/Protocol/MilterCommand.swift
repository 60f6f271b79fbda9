// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// What an MTA tells a filter: one packet (SMFIC_*, `libmilter/mfdef.h`).
///
/// Texts that a client chose stand as octets: nothing says that they are UTF-8. A session is: option negotiation,
/// connect, helo, then for each message mail, recipient…, data, header…, end of header, body…, end of message; macros
/// before any of them; abort ends a message, quit the connection.
package enum MilterCommand: Hashable, Sendable {
    /// `O`.
    case negotiate(MilterOptions)
    /// `D`: macros for the step that has this command code (`C`, `H`, `M`, `R`, `T`, `L`, `N`, `B`, `E`, `U`).
    case macros(step: UInt8, MilterMacros)
    /// `C`: the client's name (as the MTA has it, `[192.0.2.1]` where it has none) and address.
    case connect(hostname: ByteBuffer, MilterClientAddress)
    /// `H`: what the client called itself.
    case helo(ByteBuffer)
    /// `M`: the reverse-path as the client wrote it (with angle brackets), then its ESMTP parameters.
    case mail([ByteBuffer])
    /// `R`: a forward-path, then its ESMTP parameters.
    case recipient([ByteBuffer])
    /// `T`.
    case data
    /// `L`: a header field; folding in the value is LF (or CRLF) and white space.
    case header(name: ByteBuffer, value: ByteBuffer)
    /// `N`.
    case endOfHeader
    /// `B`: a piece of the body, with CRLF line ends, cut anywhere.
    case body(ByteBuffer)
    /// `E`: the end of the message, perhaps with the last piece of the body.
    case endOfMessage(ByteBuffer)
    /// `A`: the message is given up; the connection goes on, with the same client.
    case abort
    /// `Q`.
    case quit
    /// `K`: the client's session is over; another one follows on this connection.
    case quitNewConnection
    /// `U`: an SMTP command that the MTA does not know.
    case unknown(ByteBuffer)
}

/// The address of the MTA's client, as SMFIC_CONNECT has it.
package enum MilterClientAddress: Hashable, Sendable {
    /// `U`: the MTA can't tell (mail from its own command line).
    case unknown
    /// `L`: a Unix socket and its path.
    case unix(ByteBuffer)
    /// `4` or `6`.
    case address(IPAddress, port: UInt16)
}
