// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

/// Content that is read in pieces as from a disk, at most so many octets at a time where that is allowed.
private struct CopiedContent: ContentSource {
    let octets: [UInt8]
    var length: Int { octets.count }
    func read(at offset: Int, count: Int) throws -> ByteBuffer {
        let start = min(max(0, offset), octets.count)
        return ByteBuffer(bytes: octets[start..<min(octets.count, start + max(0, count))])
    }
}

@Suite("Properties of the MIME reader")
struct MIMEPropertyTests {
    private static let fragments = [
        "\r\n", "\n", "\r", "--b", "--b--", "--c", "--c--", "--", "-", " ", "\t", ":", ";", "=", "x", "--b\r\n",
        "\r\n--b\r\n", "\r\n--c\r\n", "\r\n--b--\r\n", "\r\n\r\n", "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        "Content-Type: multipart/digest; boundary=c\r\n\r\n", "Content-Type: message/rfc822\r\n\r\n",
        "Content-Type: text/html\r\n\r\n", "Content-Type: multipart/mixed; boundary=\"c\"\r\n", "From x\r\n",
        "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=41", "QUJD",
        "Content-Disposition: attachment; filename*0*=utf-8''%41; filename*1=\"b\r\n", "no field\r\n", "\u{0}",
    ].map { Array($0.utf8) }

    private func message(_ random: inout SeededGenerator) -> [UInt8] {
        var octets: [UInt8] = []
        if Bool.random(using: &random) { octets += Self.fragments[20] }
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            octets += Self.fragments.randomElement(using: &random) ?? []
            if Int.random(in: 0..<20, using: &random) == 0 { octets += random.octets(3) }
        }
        return octets
    }

    @Test("any octets are read: parts lie within their parents, in order, and nothing traps")
    func structure() throws {
        var random = SeededGenerator(seed: 8)
        let limits = MIMEReader.Limits(nesting: 6, parts: 12, headerOctets: 200, allHeaderOctets: 600)
        for _ in 0..<3_000 {
            let octets = message(&random)
            let read = try MIMEReader(limits: limits).read(Message(MemoryContent(ByteBuffer(bytes: octets))))
            #expect(read.parts.count <= limits.parts)
            #expect(Set(read.parts.map(\.path)).count == read.parts.count, "paths are unique")
            #expect(depth(read.root) <= limits.nesting)
            for part in read.parts {
                #expect(part.body.length <= octets.count)
                #expect(part.children.reduce(0) { $0 + $1.body.length } <= part.body.length)
                try part.forEachDecodedChunk { #expect($0.readableBytes > 0) }
            }
            let limitKinds = read.kinds.filter {
                switch $0 {
                case .nestingLimit, .partsLimit, .headersLimit: true
                default: false
                }
            }
            #expect(read.isComplete == limitKinds.isEmpty)
        }
    }

    private func depth(_ part: MIMEPart) -> Int { 1 + (part.children.map { depth($0) }.max() ?? 0) }

    @Test("content that is copied from a disk is read as content in memory is")
    func sources() throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<500 {
            var octets = message(&random)
            // Moves the delimiter lines over the edge of the reader's window.
            if let end = octets.firstIndex(of: 0x0A), Bool.random(using: &random) {
                let filler = [UInt8](repeating: 0x78, count: 65536 - Int.random(in: 0...40, using: &random))
                octets.insert(contentsOf: Array("\r\n\r\n".utf8) + filler, at: end)
            }
            let first = try MIMEReader().read(Message(MemoryContent(ByteBuffer(bytes: octets))))
            let second = try MIMEReader().read(Message(CopiedContent(octets: octets)))
            #expect(first.outline == second.outline)
            #expect(first.defects == second.defects)
        }
    }

    @Test("what a writer nests at random, the reader finds")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 10)
        for _ in 0..<200 {
            var counter = 0
            var expected: [String] = []
            let text = write(depth: 0, counter: &counter, expected: &expected, random: &random)
            let read = try MIMEReader().read(Message(MemoryContent(text)))
            let found = try read.parts.map { part in
                "\(part.mediaType) \(part.children.isEmpty ? String(buffer: try part.body.readAll()) : "")"
            }
            #expect(found == expected)
            #expect(read.defects.isEmpty)
        }
    }

    private func write(
        depth: Int, counter: inout Int, expected: inout [String], random: inout SeededGenerator
    ) -> String {
        counter += 1
        let name = "part-\(counter)"
        switch Int.random(in: 0..<(depth < 5 ? 4 : 1), using: &random) {
        case 1, 2:
            expected.append("multipart/mixed ")
            var text = "Content-Type: multipart/mixed; boundary=\"=_\(name)\"\r\n\r\npreamble\r\n"
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                text += "--=_\(name)\r\n"
                text += write(depth: depth + 1, counter: &counter, expected: &expected, random: &random) + "\r\n"
            }
            return text + "--=_\(name)--\r\nepilogue"
        case 3:
            expected.append("message/rfc822 ")
            return "Content-Type: message/rfc822\r\n\r\nSubject: \(name)\r\n"
                + write(depth: depth + 1, counter: &counter, expected: &expected, random: &random)
        default:
            let body = ["", "--", "\r\n", "--=_", "text\r\n"].randomElement(using: &random) ?? ""
            expected.append("text/html \(name)\r\n\(body)")
            return "Content-Type: text/html\r\n\r\n\(name)\r\n\(body)"
        }
    }
}
