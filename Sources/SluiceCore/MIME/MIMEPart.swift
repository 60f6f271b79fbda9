// SPDX-License-Identifier: Apache-2.0

/// One entity of a message: the message itself, a body part, or a message inside it (RFC 2045 §2.4, RFC 2046).
package struct MIMEPart: Sendable {
    /// The part's number, as IMAP numbers parts (RFC 3501 §6.4.5).
    ///
    /// A message that is no multipart is part `1`; the parts of a multipart are `1`, `2`, …, and those of part `2` are
    /// `2.1`, `2.2`. The message inside part `3` (message/rfc822) is `3.1`, or where it is a multipart its parts are
    /// `3.1`, `3.2`. A multipart that is the body of a message has no number in IMAP; it is `TEXT` here, or `3.TEXT`
    /// inside part 3, which is what IMAP calls the body of a message.
    package var path: String
    /// `text/html`, in lower case; by default text/plain, or message/rfc822 in a multipart/digest (RFC 2046 §5.1.5).
    package var mediaType: String
    /// The parameters of Content-Type.
    package var parameters: [MIMEParameters.Parameter]
    package var transferEncoding: TransferEncoding
    /// `attachment`, `inline` or another word in lower case (RFC 2183); `nil` without a Content-Disposition.
    package var disposition: String?
    /// The name from Content-Disposition, else from Content-Type, decoded (RFC 2231, RFC 2047). For people and rules:
    /// never a path to write to.
    package var fileName: String?
    package var header: HeaderSection
    /// The body as it came, not decoded; that of a multipart holds its parts.
    package var body: ContentSlice
    package var children: [MIMEPart]

    /// The character set of a text part in lower case; `nil` where none is declared (then it is US-ASCII). A name longer
    /// than 40 octets is cut.
    package var charset: String? {
        parameter("charset").map { String(latin1OrUTF8: $0.prefix(40)).asciiLowercased() }
            .flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The octets of a parameter of Content-Type.
    package func parameter(_ name: String) -> [UInt8]? { parameters.first { $0.name == name }?.octets }

    package var isMultipart: Bool { mediaType.hasPrefix("multipart/") }
    /// Whether the part is a message of its own (RFC 2046 §5.2.1, RFC 6532 §3.7).
    package var isEmbeddedMessage: Bool { mediaType == "message/rfc822" || mediaType == "message/global" }
    package var isText: Bool { mediaType.hasPrefix("text/") }

    /// Whether people are shown this part as a file and not as the message's text.
    package var isAttachment: Bool {
        disposition == "attachment" || fileName != nil && !(isText && disposition == "inline")
    }

    /// The part and all below it, from the top, as they stand in the message.
    package var all: [MIMEPart] {
        var parts: [MIMEPart] = []
        var waiting = [self]
        while let part = waiting.popLast() {
            parts.append(part)
            waiting += part.children.reversed()
        }
        return parts
    }
}

/// A message as MIME sees it.
package struct MIMEStructure: Sendable {
    package var root: MIMEPart
    /// In the order of the parts.
    package var defects: [MIMEDefect]
    /// Whether all parts were read. `false` where a limit ended the reader: a stage that needs what lies behind it
    /// has failed.
    package var isComplete: Bool

    /// All parts from the top, those that hold others included.
    package var parts: [MIMEPart] { root.all }
}
