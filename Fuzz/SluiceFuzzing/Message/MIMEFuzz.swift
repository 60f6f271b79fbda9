// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative

/// The MIME tree of a message, walked under narrow limits. The first octet says how bodies are cut where they are
/// decoded.
enum MIMEFuzz {
    private static let limits = MIMEReader.Limits(nesting: 5, parts: 12, headerOctets: 200, allHeaderOctets: 800)
    private static let decodeLimit = 100

    static func run(_ octets: [UInt8]) {
        guard let cut = octets.first else { return }
        do {
            let message = try Message(MemoryContent(ByteBuffer(bytes: octets.dropFirst())))
            let structure = try MIMEReader(limits: limits, charsets: IconvCharsets()).read(message)
            check(structure, message)
            for part in structure.parts { try decode(part, cut: cut) }
        } catch {
            preconditionFailure("memory can't be read: \(error)")
        }
    }

    private static func check(_ structure: MIMEStructure, _ message: Message) {
        let parts = structure.parts
        precondition(parts.count <= limits.parts, "\(parts.count) parts")
        precondition(Set(parts.map(\.path)).count == parts.count, "two parts have one path: \(parts.map(\.path))")
        precondition(structure.root.body.length == message.body.length, "the root is not the whole body")
        var waiting = [(structure.root, 1)]
        while let (part, depth) = waiting.popLast() {
            precondition(depth <= limits.nesting, "parts nest \(depth) deep")
            let inner = part.children.reduce(0) { $0 + $1.body.length }
            precondition(inner <= part.body.length, "the parts of \(part.path) are longer than it is")
            precondition(
                part.children.isEmpty || part.isMultipart || part.isEmbeddedMessage, "\(part.path) holds parts")
            precondition(part.transferEncoding.isIdentity || part.children.isEmpty, "an encoded part was entered")
            waiting += part.children.map { ($0, depth + 1) }
        }
        let paths = Set(parts.map(\.path))
        precondition(structure.defects.allSatisfy { paths.contains($0.path) }, "a defect of no part")
        let isStopped = structure.defects.contains { defect in
            switch defect.kind {
            case .nestingLimit, .partsLimit, .headersLimit: true
            default: false
            }
        }
        precondition(structure.isComplete == !isStopped, "whether all was read is not told as it is")
        for defect in structure.defects { precondition(defect.description.utf8.count < 1000, "\(defect)") }
    }

    private static func decode(_ part: MIMEPart, cut: UInt8) throws {
        let whole = try part.decodedBody(limit: .max)
        precondition(whole.isWhole, "less than all was decoded")
        var chunks = ByteBuffer()
        let defects = try part.forEachDecodedChunk { chunks.writeImmutableBuffer($0) }
        precondition(chunks == whole.octets && defects == whole.defects, "in chunks another body is decoded")
        precondition(chunks.readableBytes <= part.body.length, "decoding made a body longer")

        var decoder = TransferDecoder(part.transferEncoding)
        let pieces = Cuts.pieces(of: try part.body.readAll().readableBytesView, by: cut).map { decoder.decode($0) }
        let octets = Cuts.joined(pieces + [decoder.finish()])
        precondition(octets.elementsEqual(whole.octets.readableBytesView), "the cuts change what is decoded")
        precondition(decoder.defects == whole.defects, "the cuts change the defects")

        let start = try part.decodedBody(limit: decodeLimit)
        precondition(start.octets.readableBytes == min(decodeLimit, chunks.readableBytes), "the limit does not hold")
        precondition(start.isWhole == (chunks.readableBytes <= decodeLimit), "whether all was decoded is not told")
        let (text, _) = try part.decodedText(limit: decodeLimit, charsets: IconvCharsets())
        let (utf8, _) = try part.decodedUTF8(limit: decodeLimit, charsets: IconvCharsets())
        precondition(text.utf8.elementsEqual(utf8), "the text is another one as UTF-8")
    }

    static var seeds: [[UInt8]] {
        let part =
            "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + "aGVsbG8=\r\n"
        let quoted = "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc \t\r\n=GG=\r\n"
        let multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        let nested = (0..<7).map { "Content-Type: multipart/mixed; boundary=\($0)\r\n\r\n--\($0)\r\n" }.joined()
        let named =
            "--b\r\n"
            + "Content-Disposition: attachment; filename*0*=utf-8'de'%C3%A4; filename*1=\"b\\\"\"; filename=x\r\n\r\nx\r\n"
        return [
            multipart + "preamble\r\n" + part + quoted + named + "--b--\r\nepilogue\r\n", multipart + part, nested,
            multipart + String(repeating: "--b\r\n\r\n", count: 14),
            "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx",
            "Content-Type: multipart/digest; boundary=\"b\"\r\n\r\n--b\r\n\r\nA: b\r\n\r\nc\r\n--b\r\n\r\n--b--\r\n",
            "Content-Type: multipart/mixed; (c (d) ) boundary = b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n",
            "Content-Type: text/plain; charset=utf-16\r\n\r\n\u{1}\u{2}\u{3}",
            "Content-Type: a\r\nContent-Type: b/c\r\n\r\n",
            multipart + "--b\r\nno field\r\n--b\r\nFrom x\r\nA: b\r\n\r\n--b \t\r\n--b--",
            "Content-Type: text/plain; charset=\"x-unknown\"; name==?utf-8?Q?=C3=A4?=\r\n\r\n\u{FC}",
            multipart + "--b\r\nA: " + String(repeating: "x", count: 250) + "\r\n\r\n--b--\r\n",
        ].flatMap { text in [[0], [5]].map { $0 + Array(text.utf8) } }
    }
}
