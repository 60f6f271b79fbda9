// SPDX-License-Identifier: Apache-2.0

/// What is wrong with the MIME structure of a message that was read all the same.
package struct MIMEDefect: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The header section of the message or of a part is faulty.
        case header(HeaderSection.Defect)
        /// A field that may stand once (RFC 2045 §3) stands several times; the first counts.
        case repeatedField(String)
        /// The value of Content-Type is no media type (RFC 2045 §5.1); text/plain is assumed (§5.2).
        case badContentType
        /// The parameters of a field break the grammar (RFC 2045 §5.1, RFC 2231).
        case badParameters(field: String)
        /// A multipart without a usable boundary parameter (RFC 2046 §5.1.1); its body is taken as one piece.
        case missingBoundary
        /// No delimiter line of the multipart was found, so it has no parts.
        case noParts
        /// The multipart's closing delimiter line is missing.
        case noClosingBoundary
        /// A transfer encoding that is not defined (RFC 2045 §6.1); the octets are taken as they are.
        case unknownTransferEncoding(String)
        /// A multipart or an embedded message is base64 or quoted-printable, which RFC 2045 §6.4 forbids; it is not
        /// entered.
        case encodedComposite(String)
        /// Parts nest deeper than the limit; the reader stopped there.
        case nestingLimit(Int)
        /// The message has more parts than the limit; the reader stopped there.
        case partsLimit(Int)
        /// The header section of a part is longer than the limit; what follows was taken for the body.
        case headerLimit(Int)
        /// All header sections of parts together are longer than the limit; the reader stopped there.
        case headersLimit(Int)
        /// Base64 with octets that are not of its alphabet.
        case badBase64
        /// Base64 that ends in the middle of a group.
        case truncatedBase64
        /// Base64 that goes on behind its padding; what follows was decoded too.
        case base64AfterPadding
        /// `=` in quoted-printable, followed by neither two hexadecimal digits nor a line end.
        case badQuotedPrintable
        /// A character set that is not known; each octet stands as the character of its value.
        case unknownCharset(String)
        /// Only the start was decoded.
        case decodeLimit(Int)
    }

    package var kind: Kind
    /// The path of the part, as in ``MIMEPart/path``.
    package var path: String

    package init(_ kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }

    package var description: String { "part \(path): \(kind)" }
}

extension MIMEDefect.Kind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .header(let defect): defect.description
        case .repeatedField(let name): "\(name) stands several times, the first one counts"
        case .badContentType: "Content-Type is no media type, text/plain is assumed"
        case .badParameters(let field): "the parameters of \(field) break the grammar"
        case .missingBoundary: "multipart without a usable boundary parameter"
        case .noParts: "no delimiter line of the multipart was found"
        case .noClosingBoundary: "the closing delimiter line is missing"
        case .unknownTransferEncoding(let name): "unknown transfer encoding \(name), taken as it is"
        case .encodedComposite(let name): "\(name) on a part that holds parts, not entered"
        case .nestingLimit(let limit): "parts nest deeper than \(limit), what lies deeper was not read"
        case .partsLimit(let limit): "more than \(limit) parts, what follows was not read"
        case .headerLimit(let limit):
            "the header section is longer than \(limit) octets, the rest was taken for the body"
        case .headersLimit(let limit):
            "the header sections of the parts are longer than \(limit) octets together, what follows was not read"
        case .badBase64: "base64 with octets that are not of its alphabet"
        case .truncatedBase64: "base64 ends in the middle of a group"
        case .base64AfterPadding: "base64 goes on behind its padding"
        case .badQuotedPrintable: "quoted-printable with = before what is no octet"
        case .unknownCharset(let name): "unknown character set \(name)"
        case .decodeLimit(let limit): "longer than \(limit) octets, the rest was not decoded"
        }
    }
}

extension HeaderSection.Defect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .mboxLine: "an mbox line (From …) stands before the header section"
        case .notAField(let line): "line \(line) is no header field, the body begins there"
        case .noBody: "no empty line ends the header section"
        case .tooLong(let limit): "the header section is longer than \(limit) octets, the rest was taken for the body"
        }
    }
}
