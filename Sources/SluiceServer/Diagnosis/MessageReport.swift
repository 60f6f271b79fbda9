// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore
import SluiceNative

/// A message as Sluice reads it: what `sluice message` shows.
package struct MessageReport: Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        /// Unfolded, not decoded.
        package var value: String
    }

    package struct Part: Hashable, Sendable {
        package var path: String
        package var mediaType: String
        package var charset: String?
        package var transferEncoding: String
        package var disposition: String?
        package var fileName: String?
        /// The octets of the body without its transfer encoding.
        package var size: Int
        /// The SHA-256 of those octets, in hexadecimal digits.
        package var digest: String
        package var childCount: Int
        /// Of text parts, where it was asked for.
        package var text: String?
    }

    package private(set) var fields: [Field]
    package private(set) var parts: [Part]
    package private(set) var defects: [MIMEDefect]

    /// So many octets of a text part are shown.
    package static let textLimit = 1 << 20

    /// Reads a message and decodes each of its parts, whose octets are counted and digested but not kept.
    ///
    /// - Parameter includesText: whether the text of text parts is wanted.
    /// - Throws: ``StorageError`` where the content can't be read.
    package init(_ content: any ContentSource, limits: MIMEReader.Limits = .init(), includesText: Bool = false) throws {
        let message = try Message(content)
        let charsets = IconvCharsets()
        let structure = try MIMEReader(limits: limits, charsets: charsets).read(message)
        fields = message.header.fields.map { Field(name: $0.name, value: $0.value) }
        parts = []
        defects = structure.defects
        for part in structure.parts {
            var (described, kinds) = try Self.describe(part)
            if includesText, part.isText {
                let (text, textKinds) = try part.decodedText(limit: Self.textLimit, charsets: charsets)
                described.text = text
                kinds += textKinds.filter { !kinds.contains($0) }
            }
            parts.append(described)
            defects += kinds.map { MIMEDefect($0, path: part.path) }
        }
    }

    private static func describe(_ part: MIMEPart) throws -> (Part, [MIMEDefect.Kind]) {
        var digest = SHA256Digest()
        var size = 0
        var described = Part(
            path: part.path, mediaType: part.mediaType, charset: part.charset,
            transferEncoding: part.transferEncoding.name, disposition: part.disposition, fileName: part.fileName,
            size: 0, digest: "", childCount: part.children.count, text: nil)
        let kinds = try part.forEachDecodedChunk { chunk in
            size += chunk.readableBytes
            digest.update(chunk)
        }
        described.size = size
        described.digest = digest.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return (described, kinds)
    }
}

extension MessageReport {
    /// The report as CLI scripts read it.
    package var json: JSONValue {
        [
            "headers": .array(fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "parts": .array(parts.map(\.json)),
            "defects": .array(defects.map { .string($0.description) }),
        ]
    }
}

extension MessageReport.Part {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("path", .string(path)),
            .init("type", .string(mediaType)),
            .init("charset", .optional(charset)),
            .init("encoding", .string(transferEncoding)),
            .init("disposition", .optional(disposition)),
            .init("filename", .optional(fileName)),
            .init("size", .integer(size)),
            .init("sha256", .string(digest)),
            .init("children", .integer(childCount)),
        ]
        if let text { members.append(.init("text", .string(text))) }
        return .object(members)
    }
}
