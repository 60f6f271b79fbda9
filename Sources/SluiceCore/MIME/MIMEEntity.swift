// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// What the header section of an entity says of its body (RFC 2045, RFC 2183).
struct MIMEEntity {
    var mediaType: String
    var parameters: [MIMEParameters.Parameter] = []
    var transferEncoding: TransferEncoding
    var disposition: String?
    var fileName: String?
    var defects: [MIMEDefect.Kind] = []

    init(_ header: HeaderSection, defaultType: String, charsets: any CharsetConverter) {
        let fields = Fields(header)
        mediaType = defaultType
        if let field = fields.contentType {
            let read = MIMEParameters(field.unfoldedOctets)
            parameters = read.parameters
            if Self.isMediaType(read.value) {
                mediaType = read.value
                if read.isFaulty { defects.append(.badParameters(field: "Content-Type")) }
            } else {
                // RFC 2045 §5.2: text/plain, whatever the default of the place is.
                mediaType = "text/plain"
                defects.append(.badContentType)
            }
        }
        let encoding = fields.transferEncoding.map { MIMEParameters($0.unfoldedOctets).value } ?? ""
        transferEncoding = TransferEncoding(encoding)
        if case .unknown(let name) = transferEncoding { defects.append(.unknownTransferEncoding(name)) }

        var name = parameters.first { $0.name == "name" }
        if let field = fields.disposition {
            let read = MIMEParameters(field.unfoldedOctets)
            disposition = read.value.isEmpty ? nil : read.value
            if read.isFaulty { defects.append(.badParameters(field: "Content-Disposition")) }
            name = read.first("filename") ?? name
        }
        if let name {
            let (text, defect) = name.text(charsets)
            fileName = text
            if let defect { defects.append(defect) }
        }
        defects += fields.repeated.map { .repeatedField($0) }
    }

    /// `type "/" subtype`, both tokens (RFC 2045 §5.1).
    static func isMediaType(_ text: String) -> Bool {
        var slashes = 0
        var length = 0
        for octet in text.utf8 {
            if octet == UInt8(ascii: "/") {
                guard length > 0 else { return false }
                slashes += 1
                length = 0
            } else {
                guard isTokenOctet(octet) else { return false }
                length += 1
            }
        }
        return slashes == 1 && length > 0
    }

    private static func isTokenOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "@"),
            UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\\"), UInt8(ascii: "\""),
            UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "?"), UInt8(ascii: "="):
            false
        default: octet > 32 && octet < 127
        }
    }

    /// The fields that matter here, found in one pass.
    private struct Fields {
        var contentType: HeaderField?
        var transferEncoding: HeaderField?
        var disposition: HeaderField?
        var repeated: [String] = []

        init(_ header: HeaderSection) {
            for field in header.fields where field.mayBeMIME {
                if field.isNamed("Content-Type") {
                    if contentType == nil { contentType = field } else { noteRepeated("Content-Type") }
                } else if field.isNamed("Content-Transfer-Encoding") {
                    if transferEncoding == nil {
                        transferEncoding = field
                    } else {
                        noteRepeated("Content-Transfer-Encoding")
                    }
                } else if field.isNamed("Content-Disposition") {
                    if disposition == nil { disposition = field } else { noteRepeated("Content-Disposition") }
                }
            }
        }

        private mutating func noteRepeated(_ name: String) {
            if !repeated.contains(name) { repeated.append(name) }
        }
    }
}

extension HeaderField {
    /// Whether the name begins with a C: cheap to ask of a million fields.
    fileprivate var mayBeMIME: Bool { raw.readableBytesView.first?.asciiLowercased == UInt8(ascii: "c") }
}

extension MIMEParameters.Parameter {
    /// The value as text: from its character set where it is extended (RFC 2231 §4), else with the encoded words that
    /// many writers use against RFC 2047 §5.
    func text(_ charsets: any CharsetConverter) -> (String, MIMEDefect.Kind?) {
        guard let charset, !charset.isEmpty else { return (EncodedWord.decode(octets, charsets: charsets), nil) }
        if let text = charsets.text(of: octets, in: charset) { return (text, nil) }
        return (
            String(latin1OrUTF8: octets), .unknownCharset(String(charset.asciiLowercased().unicodeScalars.prefix(40)))
        )
    }
}
