// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Reads the MIME structure of a message (RFC 2045, RFC 2046): one pass over the body, without recursion, in memory
/// that the limits bound.
///
/// Mail is often broken, and what readers of mail make of it is shown to people all the same. So nothing is refused:
/// each fault is a ``MIMEDefect``, and what could be read is there.
package struct MIMEReader: Sendable {
    package struct Limits: Hashable, Sendable {
        /// How deep parts may nest; the message itself is at depth 1.
        package var nesting: Int
        /// How many parts there may be, those that hold others included.
        package var parts: Int
        /// The longest header section of a part, in octets.
        package var headerOctets: Int
        /// The longest that all header sections of parts may be together, in octets.
        package var allHeaderOctets: Int

        package init(
            nesting: Int = 100, parts: Int = 10_000, headerOctets: Int = 256 << 10, allHeaderOctets: Int = 4 << 20
        ) {
            self.nesting = nesting
            self.parts = parts
            self.headerOctets = headerOctets
            self.allHeaderOctets = allHeaderOctets
        }
    }

    package let limits: Limits
    private let charsets: any CharsetConverter

    /// - Parameter charsets: converts the character sets of file names.
    package init(limits: Limits = Limits(), charsets: any CharsetConverter = BasicCharsets()) {
        self.limits = limits
        self.charsets = charsets
    }

    /// Reads the structure of a message.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    package func read(_ message: Message) throws -> MIMEStructure {
        var parsing = MIMEParsing(message, limits: limits, charsets: charsets)
        try parsing.run()
        return parsing.structure()
    }
}
